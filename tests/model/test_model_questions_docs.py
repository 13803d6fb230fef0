"""docs/questions.md is written from the questions (`HOMEROOM_WRITE_DOCS=1 pytest tests/model`)."""

from __future__ import annotations

import os
from pathlib import Path

from homeroom.model import Question, ready_questions

PAGE = Path(__file__).parents[2] / "docs" / "questions.md"
WRITE = "HOMEROOM_WRITE_DOCS"

INTRODUCTION = """\
# Ten questions

What people ask of any school's data. Each is one query over the dataset `edu`, the neutral model, which a sync makes
for every config that has `model:`. They run as they are in DuckDB and in PostgreSQL, over all sources of the database
at once; the column `source` says from which config a row comes. `homeroom demo` asks them of the sample school.

The first lines of a query, `WITH asked AS (…)`, are for you to change: the day that counts as today (by UTC), how many
days, the bound. Rows in state `deleted` are nowhere counted, and nobody is counted twice in one section. A source that
does not tell what a question needs has no row in its answer, or an empty column; that does not say that all is well.
Where the platform gives an assignment to a course site and puts people into sections of it (Canvas does), the people
of the sections are those of the site.

Where the DuckDB file itself is called `edu.duckdb` the dataset is `edu_data`: write that in place of `edu`. Written
from `src/homeroom/model/questions` by `HOMEROOM_WRITE_DOCS=1 pytest tests/model/test_model_questions_docs.py`.

{contents}
"""

PART = """
## {number}. {title}

{asks}

Reads {needs}. You may change {asked}.

| column | means |
|---|---|
{columns}

```sql
{sql}
```
"""


def page() -> str:
    """All of it."""
    questions = ready_questions()
    contents = "\n".join(f"{number}. {each.title}: {each.asks}" for number, each in enumerate(questions, 1))
    parts = [part(number, each) for number, each in enumerate(questions, 1)]
    return INTRODUCTION.format(contents=contents) + "".join(parts)


def part(number: int, question: Question) -> str:
    """One question."""
    return PART.format(
        number=number,
        title=question.title,
        asks=question.asks,
        needs=", ".join(f"`{entity}`" for entity in question.needs),
        asked=", ".join(f"`{name}`" for name in question.asked),
        columns="\n".join(f"| {name} | {meaning} |" for name, meaning in question.columns.items()),
        sql=question.sql,
    )


def test_the_page_of_the_questions_is_what_their_files_say() -> None:
    if os.environ.get(WRITE):
        PAGE.write_text(page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page(), f"run this test with {WRITE}=1 and look at the difference"
