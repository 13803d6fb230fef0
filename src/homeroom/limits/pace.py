"""When the next request to a host may be sent. Pure: every time is passed in, in seconds of one clock.

Three things hold a request back: the configured ceiling, a pause of the whole host, and what was learnt of the
server's quota. Nothing is learnt before the server refuses one request for its rate. That refusal, with all others
of requests that were under way, is a *wall*. What was accepted between walls tells the server's bucket
(`bucket`); from then on a mirror of that bucket is kept here, and a request goes out when the mirror has a token.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from homeroom.limits.bucket import Quota, Trail

SPACING_S = 0.002
"""Between requests to a host that is not known yet: with 16 sent at once, 16 would be refused at once."""
SETTLED = 200
"""Requests after which a host without a wall needs no spacing any more: 0.4 s in all."""
_CATCH_UP_S = 0.01
"""By how much spacing makes up for timers that were late."""
_MARGIN = 0.995
"""Of the rate found that is used: a rate one too high costs a pause of a second each time."""
_NARROW = 1.15
"""Up to this factor between the least and the most rate that are possible, their middle is taken."""
_FIRST_RATE = 3.0
"""Times what was accepted up to the end of the first pause: the true rate may be several times that."""
_LEAST_FIRST_RATE = 4.0
"""Requests a second after the first wall at least: one refusal by a server that was busy says little of its quota."""
_RAMP = 4.5
"""While the rate is looked for it grows by e for so many stocks sent: x1.25 for each."""
_LARGEST_RAMP = 100.0
_CREEP = 1e-6
_DOUBLING_S = 4.0
"""A rate that is used to the full creeps up by `_CREEP`, doubled every 4 s (more after long pauses): nothing for
a minute, then a wall, or the double quota found, within half a minute."""
_DOUBT_DOUBLINGS = 11.0
"""So far has the creeping gone at once where answers contradicted each other: a rate far too low is left sooner."""
_LEARNT_NOTHING = 0.997
_FALLBACK = 0.7
_MOST_IN_VAIN = 3
"""Walls in a row that came no later although we went slower: then they do not come from the rate."""
_WINDOW_S = 10.0
"""No bucket asks for so long a pause: it is the end of a window, and all is there again."""
_TOLERATED_CLASH = 2.0
_TOLERATED_SHARE = 0.01
"""Tokens, and share of the stock, by which answers may clash before the oldest are dropped."""


@dataclass(slots=True)
class Mirror:
    """What we believe of the server's bucket. `spent` tokens are missing at the second `at`."""

    rate: float
    stock: float
    spent: float
    at: float
    end: float = math.inf
    """The rate at which the ramp ends and the creeping begins."""
    growth: float = 1.0
    doubling_s: float = _DOUBLING_S
    pressed_s: float = 0.0

    def pace(self) -> float:
        """Tokens a second."""
        return self.rate * (1.0 + _CREEP * math.exp2(min(self.pressed_s / self.doubling_s, 50.0)))

    def opens_at(self, now: float) -> float:
        """When there is a token: now or later."""
        over = self._spent(now) + 1.0 - self.stock
        return now + over / self.pace() if over > 1e-9 else now

    def take(self, now: float) -> None:
        """Spend a token. Only a mirror that holds requests back is pressed, and moves up."""
        self.spent, since = self._spent(now) + 1.0, max(0.0, now - self.at)
        self.at = max(self.at, now)
        if self.spent < self.stock - 0.5:
            return
        if self.rate < self.end:
            self.rate = min(self.end, self.rate * self.growth)
        else:
            self.pressed_s += min(since, 2.0 / self.pace())

    def _spent(self, now: float) -> float:
        return max(0.0, self.spent - self.pace() * max(0.0, now - self.at))


class Pace:
    """The one for a host. `ceiling`: requests a second that are never exceeded in any stretch, by more than one."""

    def __init__(self, ceiling: float | None = None) -> None:
        self._gap_s = 1.0 / ceiling if ceiling else 0.0
        self._ceiling_at = -math.inf
        self._spaced_at = -math.inf
        self._ration_gap_s = 0.0
        self._ration_ends = -math.inf
        self._closed_until = -math.inf
        self._sent = 0
        self._sent_at = -math.inf
        self._trail = Trail()
        self._mirror: Mirror | None = None
        self._known: Quota | None = None
        self._wall_ends = -math.inf
        self._pause_s = 0.0
        self._to_learn = False
        self._in_doubt = False
        self._in_vain = 0
        self._last_wall = (0.0, math.inf)
        self._walls: list[float] = []

    def opens_at(self, now: float) -> float:
        """When the next request may be sent: `now`, or a later second at which to ask again."""
        if self._to_learn and now >= self._closed_until:
            self._learn(now)
        at = max(now, self._closed_until, self._ceiling_at)
        if self._spaced:
            at = max(at, self._spaced_at)
        if at < self._ration_ends:
            at = min(max(at, self._sent_at + self._ration_gap_s), self._ration_ends)
        return self._mirror.opens_at(at) if self._mirror else at

    def sent(self, at: float) -> None:
        """A request was sent."""
        self._sent += 1
        self._sent_at = at
        if self._gap_s:
            self._ceiling_at = at + self._gap_s
        if self._spaced:
            self._spaced_at = max(self._spaced_at, at - _CATCH_UP_S) + SPACING_S
        if self._mirror:
            self._mirror.take(at)

    def accepted(self, sent_at: float) -> None:
        """The request sent then was not refused for its rate."""
        self._trail.add(sent_at, True)

    def refused(self, sent_at: float, at: float, pause_s: float) -> None:
        """The request sent then was refused for its rate; nobody is let in for `pause_s` from `at`."""
        self._trail.add(sent_at, False)
        last = self._walls[-1] if self._walls else -math.inf
        if not self._to_learn and sent_at >= self._wall_ends and sent_at > last:
            self._to_learn = True
            self._pause_s = pause_s
            self._walls.append(sent_at)
            del self._walls[1:-4]  # the first, and enough to forget step by step
        self.close(at + pause_s)
        self._wall_ends = max(self._wall_ends, at + pause_s)

    def close(self, until: float) -> None:
        """Let nobody in before that second; a longer pause that is under way stays."""
        self._closed_until = max(self._closed_until, until)

    def ration(self, requests: float, seconds: float, now: float) -> None:
        """The server says that so many more are allowed in the next seconds: they are spread over these."""
        self._ration_gap_s, self._ration_ends = seconds / max(requests, 1.0), now + seconds

    def unration(self) -> None:
        """The server says that plenty are left."""
        self._ration_gap_s, self._ration_ends = 0.0, -math.inf

    @property
    def _spaced(self) -> bool:
        return self._sent < SETTLED or self._mirror is not None

    def _learn(self, now: float) -> None:
        self._to_learn = False
        if self._mirror is None:
            self._mirror = self._first_mirror(self._trail.accepted_rate(-math.inf, now), now)
            return
        rate = self._trail.accepted_rate(*self._walls[-2:])
        quota = self._quota(rate)
        self._mirror = self._next_mirror(quota, rate, now)
        self._known = quota

    def _first_mirror(self, rate: float, now: float) -> Mirror:
        """After one wall: a short burst where the pause must have brought many tokens, then a ramp to the next wall."""
        stock = rate * self._pause_s
        return Mirror(
            max(_LEAST_FIRST_RATE, rate * _FIRST_RATE),
            max(1.0, 0.9 * stock - 16.0),
            0.0,
            now,
            growth=math.exp(1.0 / (_RAMP * max(stock, 1.0))),
        )

    def _quota(self, rate: float) -> Quota:
        """What the trail tells. Where it contradicts itself the bucket was not full at first, or the quota has changed:
        the oldest part is dropped, then more."""
        quota, self._in_doubt = self._trail.quota(rate), False
        for wall in [self._walls[0], *self._walls[-4:-1]] if self._known else self._walls[:1]:
            if quota.clash <= _TOLERATED_CLASH + _TOLERATED_SHARE * quota.stock:
                break
            self._in_doubt = True
            self._trail.forget(wall, self._known.stock if self._known else rate * self._pause_s)
            quota = min(self._trail.quota(rate), quota, key=lambda each: each.clash)
        return quota

    def _least_in_vain(self, pace: float, accepted: float) -> float:
        """A rate to keep where slowing down does not help: as many in the time of a pause as came since the last wall.

        That is half of what obeying the pauses alone would bring. 0 where slowing down may help.
        """
        last_pace, last_accepted = self._last_wall
        slower = pace < 0.97 * last_pace or self._in_vain > _MOST_IN_VAIN
        self._in_vain = self._in_vain + 1 if slower and accepted <= 1.1 * last_accepted else 0
        self._last_wall = pace, accepted
        return accepted / max(self._pause_s, 0.001) if self._in_vain > _MOST_IN_VAIN else 0.0

    def _next_mirror(self, quota: Quota, least: float, now: float) -> Mirror:
        """After the second wall and every later one. `least`: what was accepted a second between the last two."""
        middle = math.sqrt(quota.least * quota.most)
        start = end = _MARGIN * min(middle, math.sqrt(_NARROW) * quota.least)
        if quota.most >= _NARROW * quota.least:
            end = max(start, 0.97 * quota.most)
        known = self._known.stock if self._known else 1.0
        pace = self._mirror.pace() if self._mirror else math.inf
        if start > _LEARNT_NOTHING * pace and quota.stock >= known:
            # A bucket would not have refused at that pace: it is none, or not ours alone.
            start = end = _FALLBACK * pace
            self._in_doubt = True
        start = max(start, 0.98 * least, self._least_in_vain(pace, least * (now - self._walls[-2])))
        end = max(start, end)
        spent, at = min(quota.spent, quota.stock), quota.at
        if self._pause_s > _WINDOW_S and 2.0 * quota.most * self._pause_s > quota.stock:
            spent, at = 0.0, now
        doubling_s = _DOUBLING_S * math.sqrt(max(1.0, self._pause_s))
        return Mirror(
            start,
            max(1.0, quota.stock - 1.0),
            spent,
            at,
            end,
            math.exp(1.0 / (_RAMP * min(quota.stock, _LARGEST_RAMP))),
            doubling_s,
            _DOUBT_DOUBLINGS * doubling_s if self._in_doubt else 0.0,
        )
