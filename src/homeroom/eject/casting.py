"""`casts` of a config as functions of a script, which dlt calls for each row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from homeroom.eject.literal import Call, Code

_STEP = '''def casts(fields):
    """A step that makes other values of fields of a row: the path of each, and what is done in turn."""

    def cast(value, keys, acts):
        if isinstance(value, list):
            for each in value:
                cast(each, keys, acts)
        elif isinstance(value, dict) and value.get(keys[0]) is not None:
            if keys[1:]:
                return cast(value[keys[0]], keys[1:], acts)
            for act in acts:
                if value[keys[0]] is not None:
                    value[keys[0]] = act(value[keys[0]])

    def step(row):
        for path, acts in fields.items():
            cast(row, path.split("."), acts)
        return row

    return step'''

_FUNCTIONS: Mapping[str, str] = {
    "bool": """def to_bool(value):
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value""",
    "bigint": """def to_bigint(value):
    return int(value) if isinstance(value, str) and re.fullmatch(r"\\s*[+-]?[0-9]+\\s*", value) else value""",
    "double": """def to_double(value):
    number = r"\\s*[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]{1,2})?\\s*"
    return float(value) if isinstance(value, str) and re.fullmatch(number, value) else value""",
    "timestamp": """def to_timestamp(value, unit="seconds"):
    if type(value) not in (int, float):
        return value
    try:
        epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        return (epoch + datetime.timedelta(**{unit: value})).isoformat().replace("+00:00", "Z")
    except (ValueError, OverflowError):
        return value""",
    "timestamp_ms": """def to_timestamp_ms(value):
    return to_timestamp(value, "milliseconds")""",
    "null_if_zero": """def null_if_zero(value):
    return None if value == "0" or (type(value) in (int, float) and value == 0) else value""",
    "list": """def to_list(value):
    return value if isinstance(value, list) else [value]""",
}
_NAMES = {kind: text.partition("(")[0].removeprefix("def ") for kind, text in _FUNCTIONS.items()}
_MOMENT = '''def moments(fields):
    """A step that puts one time (UTC) in the place of a date and a time of day, where a row has both."""

    def step(row):
        for name, (date, time) in fields.items():
            parts = [(row.get(date) or {}).get(part) for part in ("year", "month", "day")]
            parts += [(row.get(time) or {}).get(part, 0) for part in ("hours", "minutes", "seconds")]
            micros, rest = divmod((row.get(time) or {}).get("nanos", 0), 1000)
            if row.get(time) is not None and None not in parts and not rest:
                del row[date], row[time]
                row[name] = datetime.datetime(*parts, micros).isoformat() + "Z"
        return row

    return step'''
_NEEDS = {"timestamp_ms": "timestamp"}
_PREPOSED = ("null_if_zero", "list")


class Casting:
    """The functions that the casts of a config need, and the steps that call them."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._joins = False

    def step(self, casts: Mapping[str, Any]) -> list[dict[str, Call]]:
        """The `processing_steps` of one resource; of casts as a config has them. Those of outer fields go first."""
        listed = sorted(casts.items(), key=lambda item: len(item[0].split(".")))
        acts = {path: [cast] if isinstance(cast, str) else cast for path, cast in listed if not isinstance(cast, dict)}
        joins = {path: (cast["date"], cast["time"]) for path, cast in listed if isinstance(cast, dict)}
        self._kinds |= {kind for kinds in acts.values() for kind in kinds}
        self._joins |= bool(joins)
        named = {path: [Code(_NAMES[kind]) for kind in kinds] for path, kinds in acts.items()}
        calls = [("casts", named), ("moments", joins)]
        return [{"map": Call(name, given)} for name, given in calls if given]

    def source(self) -> list[str]:
        """The functions, each once."""
        kinds = self._kinds | {_NEEDS[kind] for kind in self._kinds if kind in _NEEDS}
        texts = [text for kind, text in _FUNCTIONS.items() if kind in kinds]
        return [*texts, *([_STEP] if self._kinds else []), *([_MOMENT] if self._joins else [])]

    def imports(self) -> list[str]:
        """The modules of the standard library that these need."""
        timed = self._joins or {"timestamp", "timestamp_ms"} & self._kinds
        return [*(["datetime"] if timed else []), *(["re"] if {"bigint", "double"} & self._kinds else [])]


def column_types(casts: Mapping[str, Any]) -> dict[str, str]:
    """The types that casts give to the columns of a row's own fields, by the field."""
    typed = {path: _type(cast) for path, cast in casts.items() if "." not in path}
    return {path: kind for path, kind in typed.items() if kind is not None}


def _type(cast: Any) -> str | None:
    kinds: Iterable[str] = ["timestamp"] if isinstance(cast, dict) else [cast] if isinstance(cast, str) else cast
    named = ("timestamp" if kind == "timestamp_ms" else kind for kind in kinds)
    return next((kind for kind in named if kind not in _PREPOSED), None)
