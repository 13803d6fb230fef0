"""What paging needs to know of a page, read from its bytes without building its rows.

Plain paths (`data`, `meta.total`) walk the text with msgspec's `Raw`: 0.09 ms for a 60 kB page, where a
full parse takes 0.4 to 0.8. Any other JSONPath costs the full parse.
"""

from homeroom.facts.document import CutOffError
from homeroom.facts.error_objects import (
    ERROR_KEYS,
    ErrorPattern,
    ToldError,
    error_object,
    read_pattern,
    refuse_error_object,
    refuse_values,
)
from homeroom.facts.page import TOTAL_HEADERS, Wanted, parse_body, read_facts, read_rows, selected_rows, shown_keys

__all__ = [
    "ERROR_KEYS",
    "TOTAL_HEADERS",
    "CutOffError",
    "ErrorPattern",
    "ToldError",
    "Wanted",
    "error_object",
    "parse_body",
    "read_facts",
    "read_pattern",
    "read_rows",
    "refuse_error_object",
    "refuse_values",
    "selected_rows",
    "shown_keys",
]
