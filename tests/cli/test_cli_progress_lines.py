"""Progress where nobody can be drawn for: plain lines, JSON lines; and where it is drawn."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import typer
from rich.console import Console

from homeroom.cli.app import app
from homeroom.cli.console import make_voice
from homeroom.cli.log import JsonLog, stderr_as
from homeroom.cli.progress import JsonLines, PlainLines, shown
from homeroom.cli.tally import Tally
from homeroom.events import (
    Event,
    HeldBack,
    ListsAsked,
    PageRead,
    ReadPlanned,
    RequestSent,
    ResourceFinished,
    RetryScheduled,
    StageStarted,
)

if TYPE_CHECKING:
    import subprocess

    from conftest import Homeroom

Config = Callable[..., str]
NOW = datetime(2026, 11, 23, 12, 2, 58, tzinfo=UTC)
BEGUN: tuple[Event, ...] = (StageStarted("read"), ReadPlanned((("people", None),)), ListsAsked("people", 1))
PAGE = PageRead("people", 100, 9, 5200)


class Lines:
    """Plain lines of a run whose clock the test moves."""

    def __init__(self, *events: Event, verbose: bool = False) -> None:
        self.at, self.file = 0.0, StringIO()
        tally = Tally(lambda: self.at)
        console = Console(file=self.file, width=80)
        self.plain = PlainLines(tally, console, lambda: self.at, verbose=verbose, now=lambda: NOW)
        self.tell(*events)
        self.new()

    def tell(self, *events: Event) -> None:
        for event in events:
            self.plain.on_event(event)

    def after(self, seconds: float) -> list[str]:
        """What the pulse says after so long."""
        self.at += seconds
        self.plain.pulse()
        return self.new()

    def new(self) -> list[str]:
        lines = self.file.getvalue().splitlines()
        self.file.seek(0)
        self.file.truncate()
        return lines


def test_every_few_seconds_a_line_says_how_far_it_is() -> None:
    lines = Lines(*BEGUN, RequestSent("people"), PAGE)
    lines.at = 4.0
    lines.tell(PAGE)
    assert lines.after(1.0) == [
        "0 of 1 done, 200 rows, 1 request in 5.0 s; people 200/5,200 rows, 2/52 pages, 40/s, 2 min left"
    ]


def test_where_nothing_has_changed_nothing_is_said_for_a_minute() -> None:
    lines = Lines(*BEGUN, PAGE)
    assert len(lines.after(5)) == 1
    assert [len(lines.after(5)) for _ in range(12)] == [0] * 11 + [1]


def test_a_quota_that_is_waited_for_is_told_with_the_hour_of_its_end() -> None:
    lines = Lines(*BEGUN, RequestSent("people"), PAGE, HeldBack(("people",), 17.0))
    (line,) = lines.after(5)
    assert line == "waiting for quota until 12:03:10 UTC (12 s); 0 of 1 done, 100 rows, 1 request in 5.0 s"
    assert lines.after(5) == []


def test_a_short_wait_stands_beside_the_resource() -> None:
    lines = Lines(*BEGUN, RequestSent("people"), PAGE, HeldBack(("people",), 7.0))
    (line,) = lines.after(5)
    assert line.endswith("people 100/5,200 rows, 1/52 pages, waiting for quota, 2.0 s")


def test_of_many_that_are_under_way_three_are_named() -> None:
    lines = Lines(StageStarted("read"), *(PageRead(name, 1, 9, None) for name in "abcde"))
    named = [f"{name} 1 row, 1 page, 0.2/s" for name in "abc"]
    assert lines.after(5)[0].split("; ")[1:] == [*named, "and 2 more"]


def test_a_long_load_is_told_of_once_a_minute() -> None:
    lines = Lines(*BEGUN, PAGE, StageStarted("load"))
    assert lines.after(3) == []
    assert lines.after(5) == ["loading, for 8.0 s"]
    assert [line for _ in range(12) for line in lines.after(5)] == ["loading, for 68 s"]


def test_many_requests_that_are_refused_at_once_are_one_line() -> None:
    lines = Lines(*BEGUN)
    refused = RetryScheduled("people", 1, 3.0, "429", True)
    lines.tell(*[refused] * 16)
    assert lines.new() == ["people: the server asks to slow down (429), waiting 3.0 s"]
    lines.at += 3.1
    lines.tell(refused, RetryScheduled("people", 1, 1.2, "503", False), RetryScheduled("people", 2, 2.0, "503", False))
    assert [line.rpartition(",")[0] for line in lines.new()] == [
        "people: the server asks to slow down (429)", "people: 503", "people: 503"
    ]  # fmt: skip


def test_verbose_tells_each_of_them_and_how_long_a_stage_took() -> None:
    lines = Lines(*BEGUN, verbose=True)
    lines.tell(*[RetryScheduled("people", 1, 3.0, "429", True)] * 2, HeldBack(("people",), 3.0))
    assert [line.split(":")[0] for line in lines.new()] == ["people"] * 3
    lines.at += 4.25
    lines.tell(StageStarted("load"))
    assert lines.new() == ["read took 4.2 s", "loading"]


def test_plain_lines_have_no_escape_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    lines = Lines(*BEGUN)
    lines.tell(PAGE, ResourceFinished("people", "failed", 100, "resource people, no"), StageStarted("load"))
    text = "\n".join(lines.after(9))
    assert text and "\x1b" not in text and "\r" not in text


# JSON


def json_of(*events: Event, verbose: bool = False) -> list[dict[str, Any]]:
    file, at = StringIO(), 0.0
    log = JsonLog(file, lambda: NOW)
    tally = Tally(lambda: at)
    lines = JsonLines(tally, log, lambda: at, verbose=verbose)
    for event in events:
        lines.on_event(event)
    at = 5.0
    lines.pulse()
    return [orjson.loads(line) for line in file.getvalue().splitlines()]


def test_json_lines_have_a_time_a_level_and_an_event() -> None:
    lines = json_of(
        *BEGUN, PAGE, RetryScheduled("people", 1, 1.25, "503", False), ResourceFinished("t", "failed", 0, "no")
    )
    assert [(line["level"], line["event"]) for line in lines] == [
        ("info", "stage"), ("warning", "retry"), ("error", "read"), ("info", "progress")
    ]  # fmt: skip
    assert {line["time"] for line in lines} == {"2026-11-23T12:02:58.000+00:00"}
    assert lines[2]["note"] == "no"


def test_json_tells_how_far_it_is() -> None:
    *_, last = json_of(*BEGUN, RequestSent("people"), PAGE, HeldBack(("people",), 17.0))
    assert (last["rows"], last["requests"], last["done"], last["of"]) == (100, 1, 0, 1)
    assert last["waiting_for_quota_s"] == 12.0
    (people,) = last["reading"]
    assert (people["resource"], people["of_rows"], people["pages"], people["of_pages"]) == ("people", 5200, 1, 52)


def test_what_others_write_to_stderr_is_a_message(capsys: pytest.CaptureFixture[str]) -> None:
    with stderr_as("json"):
        print("one", "two", file=sys.stderr)
        logging.StreamHandler().handle(logging.makeLogRecord({"msg": "of a library"}))
        make_voice().say("to the person")
        sys.stderr.write("without an end")
    lines = [orjson.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["message"] for line in lines] == ["one two", "of a library", "to the person", "without an end"]
    assert {(line["level"], line["event"]) for line in lines} == {("info", "message")}


def test_every_line_of_stderr_is_json(
    homeroom: Homeroom, config: Config, json_lines: Callable[[str], list[dict[str, Any]]]
) -> None:
    result = homeroom("sync", config("terms", "nothing"), "--log-format", "json", "-v")
    lines = json_lines(result.stderr)
    assert all({"time", "level", "event"} <= line.keys() for line in lines)
    assert {"stage", "read", "stage_ended"} <= {line["event"] for line in lines}
    assert result.stdout.startswith("resource")


def test_an_error_is_json_too(homeroom: Homeroom, json_lines: Callable[[str], list[dict[str, Any]]]) -> None:
    (line,) = json_lines(homeroom("sync", "none.yaml", "--log-format", "json", "-q").stderr)
    assert (line["level"], line["event"], line["error"], line["exit_code"]) == ("error", "error", "ConfigError", 2)
    assert line["message"].startswith("none.yaml: there is no such file")


def test_a_command_line_that_cannot_be_understood_is_json_too(
    process: Callable[..., subprocess.CompletedProcess[str]], json_lines: Callable[[str], list[dict[str, Any]]]
) -> None:
    done = process("sync", "x.yaml", "--nonsense", "--log-format=json")
    *_, line = json_lines(done.stderr)
    assert (done.returncode, line["level"], line["event"]) == (2, "error", "error")
    assert re.match("No such option:? '?--nonsense", line["message"])  # in the words of this Typer or an older one


def verbs(typed: typer.Typer = app, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command there is, with the groups that it stands in."""
    for command in typed.registered_commands:
        assert command.callback is not None
        yield (*before, command.name or command.callback.__name__)
    for group in typed.registered_groups:
        if group.typer_instance is not None:
            yield from verbs(group.typer_instance, (*before, group.name or ""))


SILENT = [("completion",)]
"""Prints a script, and has nothing to say beside it."""


@pytest.mark.parametrize("verb", [verb for verb in verbs() if verb not in SILENT], ids=" ".join)
def test_every_verb_takes_what_all_take(homeroom: Homeroom, verb: tuple[str, ...]) -> None:
    told = homeroom(*verb, "--help").stdout
    assert all(f"{flag} " in told for flag in ("--quiet", "--verbose", "--log-format"))


def test_another_format_is_refused(homeroom: Homeroom) -> None:
    result = homeroom("runs", "--log-format", "xml")
    assert result.exit_code == 2 and "'xml' is not one of 'text', 'json'" in result.stderr


# Who is drawn for


class Terminal(StringIO):
    """A stream that says that it is one."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """What a terminal, or another stream, gets of a short run, under an environment."""
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def draw(stream: StringIO | None = None, **environ: str) -> str:
        stream = Terminal() if stream is None else stream
        with monkeypatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            patch.setattr(sys, "stderr", stream)
            voice = make_voice()
            with shown(voice.err, quiet=False) as hook:
                for event in (*BEGUN, PAGE, ResourceFinished("people", "complete", 100, "")):
                    hook(event)
                voice.say("a message")
        return stream.getvalue()

    yield draw


UP, CURSOR, GREEN = "\x1b[1A", "\x1b[?25", "\x1b[32m"


def test_a_terminal_is_drawn_on_and_left_clean(drawn: Callable[..., str]) -> None:
    text = drawn()
    assert UP in text and GREEN in text
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert text.endswith(f"{UP}\x1b[2K") and "a message\n" in text


@pytest.mark.parametrize("environ", [{"CI": "true"}, {"TERM": "dumb"}])
def test_no_live_view_where_it_would_be_kept_or_not_understood(
    drawn: Callable[..., str], environ: dict[str, str]
) -> None:
    text = drawn(**environ)
    assert "\x1b" not in text and "\r" not in text
    assert text.splitlines() == ["reading", "read people: 100 rows, complete", "a message"]


def test_no_color_takes_the_colours_and_leaves_the_view(drawn: Callable[..., str]) -> None:
    text = drawn(NO_COLOR="1")
    assert UP in text and GREEN not in text


def test_force_color_draws_nothing_where_there_is_no_terminal(drawn: Callable[..., str]) -> None:
    text = drawn(StringIO(), FORCE_COLOR="1")
    assert UP not in text and CURSOR not in text and "reading\n" in text


def test_clicolor_force_is_not_asked(drawn: Callable[..., str]) -> None:
    assert "\x1b" not in drawn(StringIO(), CLICOLOR_FORCE="1")


def test_an_interrupt_leaves_the_screen_clean(drawn: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with pytest.raises(KeyboardInterrupt), shown(make_voice().err, quiet=False) as hook:
        hook(PAGE)
        raise KeyboardInterrupt
    assert stream.getvalue().endswith(f"{UP}\x1b[2K") and stream.getvalue().rstrip().count("\x1b[?25h") == 1


def test_quiet_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    with shown(make_voice(quiet=True).err, quiet=True) as hook:
        hook(PAGE)
    assert stream.getvalue() == ""
