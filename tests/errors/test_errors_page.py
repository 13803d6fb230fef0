"""Bad input and what it gets: docs/errors.md is written from the cases, and every case keeps the rules."""

from __future__ import annotations

import os
import re
import textwrap
from itertools import groupby
from pathlib import Path

from error_cases import CASES, CONFIG, SECRETS, Case
from error_runs import MARKER, Outcome

from homeroom.codes import Entry, registry

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "errors.md"
WRITE = "HOMEROOM_WRITE_DOCS"

INTRO = """\
# Errors: what each code means, and what bad input gets

Every error ends in a code in brackets, as in `[key-refused]`. A code names a cause that has a next step of its own, and
stays the same from version to version: programs match it, and here is a section for each. It stands on stderr, in the
report and its `note` (also in `_homeroom_resources`), as `"code"` in `--json`, and as `error.code` and `Problem.code`
in Python. With `-v` the command itself says what a code means, and how to try the request that failed by hand.

Every case here is run by `tests/errors`, which also writes this page (`{write}=1 pytest tests/errors`).
One line for each problem: what is wrong, where (file and line, or resource and page), the value, what is allowed,
what to try next. Never a key, never what stands in a row; a traceback only with `-v`. What is wrong with a file is
told by `homeroom validate` in the same words, offline.

A problem of the command as a whole is a line on stderr that begins with `error:`. A problem of one resource stands
in the report below its table (and on stderr, when it happens), while other resources go on: then the exit code is
3 where something landed, else 1, or 4 where it was the key; 5 where the run was stopped after its first page.
[The command line](reference/cli.md) has the table of exit codes.

A request is told with its method, its URL and its query; of that the page, offset and limit as they were, any other
value as `…`, for it may be a key or somebody's name. With `-v` it is a line of curl too, `$API_KEY` where the key goes:

```text
by hand: curl -i "https://api.example.com/v1/people?since=…&offset=0&limit=20&api_key=$API_KEY"
```

The configs are this one, with the numbered lines in place of its own; `URL` leads to the sample school or to a
server that gives the answer shown.

```yaml
{config}```
"""

NOT_RUN = {"interrupted"}
"""Codes without a case: there a signal would end the tests. tests/sync has them."""


def input_of(case: Case) -> str:
    """What is bad, as the page shows it."""
    changed = [
        "\n".join(f"{number + i:>2} | {line}" for i, line in enumerate(text.splitlines()))
        for number, text in sorted(case.lines.items())
    ]
    answers = [f"GET {path}: {answer.body}" for path, answer in case.answers.items()]
    command = (
        []
        if case.command == "sync campus.yaml" and (changed or case.shown or answers)
        else [f"$ homeroom {case.command}"]
    )
    return "\n".join([*command, *([case.shown] if case.shown else [*changed, *answers])]).replace("MARKER", "…")


def case_text(case: Case, outcome: Outcome) -> str:
    """A case on the page."""
    printed = "\n".join(outcome.lines)
    title = case.name[0].upper() + case.name[1:]
    return f"\n**{title}**: exit {outcome.code}\n\n```text\n{input_of(case)}\n\n{printed}\n```\n"


def section(entry: Entry, cases: list[Case], outcomes: dict[str, Outcome]) -> str:
    """A code on the page: what is known of it, then its cases."""
    lines = [
        f"### {entry.code}",
        f"**{entry.title}.** {entry.means}",
        f"Usual causes: {' '.join(entry.causes)}",
        "Try:\n\n" + "\n".join(f"- {each}" for each in entry.to_try),
        f"Exit code: {', '.join(map(str, entry.exits))}.",
    ]
    text = "\n" + "\n\n".join("\n".join(_wrapped(part)) for part in lines) + "\n"
    return text + "".join(case_text(case, outcomes[case.name]) for case in cases)


def _wrapped(part: str) -> list[str]:
    return [line for each in part.splitlines() for line in (textwrap.wrap(each, 118, break_on_hyphens=False) or [""])]


def page_of(outcomes: dict[str, Outcome]) -> str:
    """docs/errors.md."""
    text = INTRO.format(write=WRITE, config=CONFIG)
    grouped = [(group, [*entries]) for group, entries in groupby(registry().values(), key=lambda each: each.group)]
    for group, entries in grouped:
        text += f"\n- {group}: {', '.join(f'[{each.code}](#{each.code})' for each in entries)}"
    for group, entries in grouped:
        text += f"\n\n## {group}\n".replace("\n\n\n", "\n\n")
        for each in entries:
            text += section(each, [case for case in CASES if _first_code(outcomes[case.name]) == each.code], outcomes)
        text = text.rstrip("\n")
    uncoded = [case for case in CASES if not outcomes[case.name].codes]
    text += "\n\n## What the command line itself refuses\n"
    return text + "".join(case_text(case, outcomes[case.name]) for case in uncoded)


def _first_code(outcome: Outcome) -> str:
    return next(iter(outcome.codes), "")


def test_the_page_shows_what_is_really_printed(outcomes: dict[str, Outcome]) -> None:
    text = page_of(outcomes)
    if os.environ.get(WRITE):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, f"run the tests with {WRITE}=1 and look at the difference"


def test_a_case_ends_with_its_exit_code(case: Case, outcome: Outcome) -> None:
    assert (outcome.code, outcome.crash) == (case.code, "")


def test_every_problem_is_one_line(case: Case, outcome: Outcome) -> None:
    assert len(outcome.lines) == case.problems


def test_every_problem_has_a_code_that_is_on_the_page(outcome: Outcome) -> None:
    told = [line for line in outcome.lines if not line.startswith("Error: No such option")]  # Typer's own words
    assert len(outcome.codes) >= len(told)
    assert set(outcome.codes) <= set(registry())


def test_every_code_has_a_case_that_is_run(outcomes: dict[str, Outcome]) -> None:
    shown = {_first_code(outcome) for outcome in outcomes.values()} - {""}
    assert set(registry()) - shown == NOT_RUN


def test_a_case_ends_as_its_code_says(outcome: Outcome) -> None:
    for code in outcome.codes[:1]:
        assert outcome.code in registry()[code].exits


def test_no_traceback_is_printed(outcome: Outcome) -> None:
    assert "Traceback" not in outcome.printed


def test_a_resource_that_fails_is_told_on_stderr_too(outcome: Outcome) -> None:
    for line in outcome.lines:
        if not line.lower().startswith("error: "):
            resource, said = line.split(": ", maxsplit=1)
            assert re.search(rf"^read {resource}: .*\(.*\)$", outcome.stderr, flags=re.MULTILINE)
            assert said[-60:] in re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", outcome.stderr)


def test_nothing_is_on_stdout_where_there_is_no_report(outcome: Outcome) -> None:
    assert outcome.stdout == "" or outcome.stdout.startswith("resource ")


def test_a_wrong_config_is_told_by_validate_in_the_same_words(case: Case, outcome: Outcome) -> None:
    if case.offline:
        assert outcome.validated == (2, outcome.lines)


def test_a_problem_of_a_file_names_the_file(case: Case, outcome: Outcome) -> None:
    if case.offline:
        assert all(re.match(rf"error: {case.file}(:\d+)?: ", line) for line in outcome.lines)


def test_no_key_is_printed(outcome: Outcome) -> None:
    assert [secret for secret in SECRETS if secret in outcome.printed] == []


def test_nothing_of_a_row_is_printed(outcome: Outcome) -> None:
    assert MARKER not in outcome.printed


def test_names_of_cases_are_their_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 40
