"""A draft by asking: few requests, one after the other, each for something that is not known yet."""

from homeroom.draft.live.whole import draft_api

__all__ = ["draft_api"]
