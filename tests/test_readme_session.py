"""The terminal sessions of README.md and docs are what a terminal shows (`HOMEROOM_WRITE_DOCS=1` writes them)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .session_pages import Session, runs_of, sessions_of
from .sessions import COLUMNS, Shell, compared, difference, fits, replayed, rewritten, screen

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
RUNS = [(page, number) for page in PAGES for number, _ in enumerate(runs_of(page))]

Written = Callable[[str], Session]


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """Makes a page of one marked block and gives its session."""

    def write(block: str) -> Session:
        page = tmp_path / "page.md"
        page.write_text(f"# Page\n\n<!-- session: replayed -->\n```console\n{block}```\n", encoding="utf-8")
        return next(sessions_of(page))

    return write


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """In an empty folder."""
    with Shell(tmp_path / "shell", most_s=20) as opened:
        yield opened


@pytest.mark.parametrize(("page", "number"), RUNS, ids=lambda value: getattr(value, "name", value))
def test_a_session_in_the_docs_is_what_a_terminal_shows(page: Path, number: int, tmp_path: Path) -> None:
    """Command by command."""
    run = runs_of(page)[number]
    with Shell(tmp_path / "shell", scale=run[0].scale) as shell:
        shown = [replayed(session, shell) for session in run]
    if os.environ.get("HOMEROOM_WRITE_DOCS"):
        lines = page.read_text(encoding="utf-8").splitlines()
        for session, came in reversed(list(zip(run, shown, strict=True))):
            lines[session.first - 1 : session.last - 1] = rewritten(session, came)
        page.write_text("\n".join(lines) + "\n", encoding="utf-8")
        run = runs_of(page)[number]
    differences = [
        difference(step, came)
        for session, lines in zip(run, shown, strict=True)
        for step, came in zip(session.steps, lines, strict=True)
    ]
    if any(differences):
        told = "\n".join(filter(None, differences))
        pytest.fail(f"{page.name} (HOMEROOM_WRITE_DOCS=1 writes it anew):\n{told}", pytrace=False)


def test_the_readme_has_a_session() -> None:
    """Else nothing is tested."""
    assert "README.md" in {page.name for page, _ in RUNS}


# --- the harness ---------------------------------------------------------------------------------------------------


def told(session: Session, shell: Shell) -> str:
    """All differences."""
    return "\n".join(filter(None, map(difference, session.steps, replayed(session, shell))))


def test_stdout_and_stderr_stand_in_the_order_they_came(written: Written, shell: Shell) -> None:
    """As on a terminal."""
    session = written("$ echo one; echo two >&2; echo three\none\ntwo\nthree\n")
    assert told(session, shell) == ""


def test_a_wrong_line_is_told_with_its_place_in_the_page(written: Written, shell: Shell) -> None:
    """Both lines, and those around that fit."""
    session = written("$ true\n$ printf 'a\\nb\\nc\\n'\na\nx\nc\n")
    assert told(session, shell).splitlines() == [
        "    6   $ printf 'a\\nb\\nc\\n'",
        "    7   a",
        "    8 - x",
        "      + b",
        "    9   c",
    ]


@pytest.mark.parametrize(
    "block",
    [
        "$ echo a\n",  # shown, and not expected
        "$ echo a\na\nb\n",  # expected, and not shown
        "$ echo a b\na  b\n",  # spaces count
        "$ printf 'a\\nb\\n'\nb\na\n",  # so does the order
        "$ printf 'a\\nb\\n'\n…\na\n",
    ],
)
def test_what_is_not_as_expected_fails(block: str, written: Written, shell: Shell) -> None:
    """One line too many, one too few, another order."""
    assert told(written(block), shell) != ""


def test_dots_stand_for_any_text_and_a_line_of_them_for_any_lines(written: Written, shell: Shell) -> None:
    """None too."""
    session = written("$ seq 1 20\n…\n7\n…\n2…\n$ echo run 17 of x: done\nrun … of x: …\n$ echo end\n…\nend\n")
    assert told(session, shell) == ""


def test_columns_may_move_where_a_line_has_dots() -> None:
    """A longer figure pushes the others aside."""
    assert fits("run   …   12   ok", "run  10.25  12  ok")
    assert fits("…  ──────", "a  ────────────")
    assert not fits("run   …   12   ok", "run  10.25  13  ok")
    assert not fits("run   12   ok", "run  12  ok")


def test_a_heredoc_a_variable_and_an_exit_code_go_on_to_the_next_command(written: Written, shell: Shell) -> None:
    """In one folder."""
    session = written(
        "$ export GREETING='good day'\n$ cat > note.txt <<'END'\n> $GREETING\n> END\n$ cat note.txt; echo $GREETING\n"
        "$GREETING\ngood day\n$ false\n$ echo $?\n1\n"
    )
    assert told(session, shell) == ""


@pytest.mark.parametrize(
    "block",
    [
        "$ echo 'a\n> b'\na\nb\n",
        "$ echo \"it's\" | tr a-z A-Z\nIT'S\n",
        "$ echo a   # the first\na\n",
        '$ echo "$(expr 1 + 2)" >&2\n3\n',
    ],
)
def test_a_command_is_the_shells_to_understand(block: str, written: Written, shell: Shell) -> None:
    """Quotes that span lines, pipes, comments."""
    assert told(written(block), shell) == ""


def test_a_command_sees_a_terminal_and_nobody_at_it(written: Written, shell: Shell) -> None:
    """So tables are drawn for it, and nothing is asked."""
    session = written(f"$ test -t 1 && test ! -t 0 && stty size < /dev/stdout\n60 {COLUMNS}\n")
    assert told(session, shell) == ""


def test_a_school_is_served_on_another_port_which_nobody_sees(written: Written, shell: Shell) -> None:
    """Until it is stopped; two sessions do not meet."""
    address = "http://127.0.0.1:8765"
    session = written(
        "$ homeroom demo --serve --port 8765 --scale 0.02 &\n"
        f"Sample school at {address} with key demo-key-0000; try: …\n"
        f"$ curl -s {address}/v1/terms\n"
        '{"error":"unauthorized",…}\n'
        f"$ curl -s -H 'X-Api-Key: demo-key-0000' '{address}/link/people?per_page=1' | grep -o '\"next\":\"[^\"]*'\n"
        f'"next":"{address}/link/people?per_page=1&page=2\n'
        f"$ kill %1\n$ curl -s {address}/v1/terms || echo gone\ngone\n"
    )
    assert told(session, shell) == ""


def test_a_command_that_does_not_end_is_stopped(written: Written, tmp_path: Path) -> None:
    """With its children."""
    with Shell(tmp_path / "shell", most_s=0.2) as shell, pytest.raises(AssertionError, match=r"took more than 0\.2 s"):
        replayed(written("$ sleep 60\n"), shell)


def test_what_was_drawn_over_is_not_on_the_screen() -> None:
    """Carriage returns, bars of several lines that are erased, colours."""
    assert screen("10 %\r20 %\r\ndone\r\n") == ["20 %", "done"]
    assert screen("a ━━\r\nb ━━\x1b[1A\r\x1b[2Ka ━\r\nb ━\r\x1b[2K\x1b[1A\x1b[2K\x1b[?25hread\r\n") == ["read"]
    assert screen("\x1b[1;32mok\x1b[0m   \r\n\r\n") == ["ok"]


def test_rewriting_keeps_what_fits_and_puts_dots_for_what_changes(written: Written) -> None:
    """Only lines that are wrong are touched."""
    session = written("$ homeroom sync x.yaml\nread …: 12 rows\nold\n…\nRun 1 of x\n")
    shown = ["read users: 12 rows", "new", "and more", "Run 20261123T162910-df7d1c of x: complete, in 1.6 s."]
    assert rewritten(session, [shown]) == [
        "$ homeroom sync x.yaml",
        "read …: 12 rows",
        "…",
        "Run … of x: complete, in … s.",
    ]


def test_what_changes_stays_in_its_column_when_it_is_rewritten(written: Written) -> None:
    """So that a person can read the table, and it fits all the same."""
    (shown,) = shows = [["20261123T162910-df7d1c   school   2026-11-23 16:29:10Z   complete      11.6           2"]]
    lines = rewritten(written("$ homeroom runs\n"), shows)[1:]
    assert lines == ["…                        school   …                      complete         …           2"]
    assert all(map(fits, lines, shown))


def test_a_comparison_changes_as_little_as_it_can() -> None:
    """A line more does not move all that follow."""
    lines = compared(["a", "c", "d"], ["a", "b", "c", "d"])
    assert [(line.mark, line.text) for line in lines] == [(" ", "a"), ("+", "b"), (" ", "c"), (" ", "d")]


@pytest.mark.parametrize(
    "before", ["<!-- session: replay -->", "<!-- session: replayed; scale big -->", "<!-- file: ../a.yaml -->"]
)
def test_a_marker_that_is_not_understood_is_an_error(before: str, tmp_path: Path) -> None:
    """It would be a session that is never replayed."""
    page = tmp_path / "page.md"
    page.write_text(f"{before}\n```console\n$ true\n```\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"page\.md, line 1"):
        list(sessions_of(page))


def test_a_block_of_a_page_is_a_file_to_the_next_session(tmp_path: Path, shell: Shell) -> None:
    """As a reader would save it."""
    page = tmp_path / "page.md"
    file = "<!-- file: a.yaml -->\n```yaml\none: 1\n```\n\n"
    page.write_text(f"{file}<!-- session: replayed -->\n```console\n$ cat a.yaml\none: 1\n```\n")
    assert told(next(sessions_of(page)), shell) == ""


def test_a_session_that_goes_on_is_of_one_run_with_the_one_before(tmp_path: Path) -> None:
    """So that prose may stand between their commands."""
    page = tmp_path / "page.md"
    block = "<!-- session: replayed{} -->\n```console\n$ true\n```\n"
    page.write_text(block.format("") + block.format("; goes on") + block.format(""))
    assert [len(run) for run in runs_of(page)] == [2, 1]


def test_a_first_session_has_nothing_to_go_on_with(tmp_path: Path) -> None:
    """It would begin in an empty folder."""
    page = tmp_path / "page.md"
    page.write_text("<!-- session: replayed; goes on -->\n```console\n$ true\n```\n")
    with pytest.raises(ValueError, match="no session before"):
        runs_of(page)
