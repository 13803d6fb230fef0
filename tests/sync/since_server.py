"""Plain lists that can be asked for what is new."""

from __future__ import annotations

from typing import Any

from list_server import Lists, Row

SINCE = {"since": "at", "submitted_since": "submitted_at", "graded_since": "graded_at", "minimum": "version"}
UNTIL = {"maximum": "version"}


class News(Lists):
    """Rows whose column of a moment is not before the one that is asked for; rows without a moment are not new.

    `log` are the lists that were asked for, with what; `short` those whose total is one too high, `broken` those that
    cannot be had; `ignored` are parameters that do nothing. `versions` is what `/versions` says.
    """

    def __init__(self) -> None:
        super().__init__()
        self.log: list[tuple[str, dict[str, str]]] = []
        self.short: set[str] = set()
        self.broken: set[str] = set()
        self.ignored: set[str] = set()
        self.versions: Any = None
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]

    def answer(self, name: str, asked: dict[str, str]) -> dict[str, Any]:
        """The page that was asked for; a broken list breaks the connection."""
        own = {key: value for key, value in asked.items() if key not in ("limit", "offset", "api_key")}
        self.log.append((name, own))
        if name in self.broken:
            raise ConnectionError(name)
        if name == "versions":
            return {"oldest": 0, "newest": self.versions}
        page = super().answer(name, asked)
        return page | {"total": page["total"] + (name in self.short)}

    def listed(self, name: str, asked: dict[str, str]) -> list[Row]:
        """The rows that fit what is asked."""
        known = {key: text for key, text in asked.items() if key not in self.ignored}
        since = [(SINCE[key], text) for key, text in known.items() if key in SINCE]
        until = [(UNTIL[key], int(text)) for key, text in known.items() if key in UNTIL]
        return [
            row
            for row in self.rows.get(name, ())
            if all(_is_not_before(row.get(column), text) for column, text in since)
            and all(row[column] <= most for column, most in until)
        ]

    def starts(self, name: str, param: str) -> list[str | None]:
        """From where a list was asked for, in order; each once."""
        return list(dict.fromkeys(asked.get(param) for each, asked in self.log if each == name))


def _is_not_before(value: Any, text: str) -> bool:
    return value is not None and (value >= int(text) if text.isdecimal() else str(value) >= text)
