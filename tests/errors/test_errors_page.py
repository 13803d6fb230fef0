"""Bad input and what it gets: docs/errors.md is written from the cases, and every case keeps the rules."""

from __future__ import annotations

import os
import re
from itertools import groupby
from pathlib import Path

from error_cases import CASES, CONFIG, SECRETS, Case
from error_runs import MARKER, Outcome

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "errors.md"
WRITE = "HOMEROOM_WRITE_DOCS"

INTRO = """\
# Bad input and what it gets

Every case here is run by `tests/errors`, which also writes this page (`{write}=1 pytest tests/errors`).
One line for each problem: what is wrong, where (file and line, or resource and page), the value, what is allowed,
what to try next. Never a key, never what stands in a row; a traceback only with `-v`. What is wrong with a file is
told by `homeroom validate` in the same words, offline.

A problem of the command as a whole is a line on stderr that begins with `error:`. A problem of one resource stands
in the report below its table (and on stderr, when it happens), while other resources go on: then the exit code is
3 where something landed, else 1, or 4 where it was the key; 5 where the run was stopped after its first page.
README.md has the table of exit codes.

The configs are this one, with the numbered lines in place of its own; `URL` leads to the sample school or to a
server that gives the answer shown.

```yaml
{config}```
"""


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


def entry(case: Case, outcome: Outcome) -> str:
    """A case on the page."""
    printed = "\n".join(outcome.lines)
    title = case.name[0].upper() + case.name[1:]
    return f"\n**{title}**: exit {outcome.code}\n\n```text\n{input_of(case)}\n\n{printed}\n```\n"


def page_of(outcomes: dict[str, Outcome]) -> str:
    """docs/errors.md."""
    text = INTRO.format(write=WRITE, config=CONFIG)
    for group, cases in groupby(CASES, key=lambda case: case.group):
        text += f"\n## {group}\n" + "".join(entry(case, outcomes[case.name]) for case in cases)
    return text


def test_the_page_shows_what_is_really_printed(outcomes: dict[str, Outcome]) -> None:
    text = page_of(outcomes)
    if os.environ.get(WRITE):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text, f"run the tests with {WRITE}=1 and look at the difference"


def test_a_case_ends_with_its_exit_code(case: Case, outcome: Outcome) -> None:
    assert (outcome.code, outcome.crash) == (case.code, "")


def test_every_problem_is_one_line(case: Case, outcome: Outcome) -> None:
    assert len(outcome.lines) == case.problems


def test_no_traceback_is_printed(outcome: Outcome) -> None:
    assert "Traceback" not in outcome.printed


def test_a_resource_that_fails_is_told_on_stderr_too(outcome: Outcome) -> None:
    for line in outcome.lines:
        if not line.lower().startswith("error: "):
            resource, said = line.split(": ", maxsplit=1)
            assert re.search(rf"^read {resource}: .*\(.*\)$", outcome.stderr, flags=re.MULTILINE)
            assert said[-40:] in re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", outcome.stderr)


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
