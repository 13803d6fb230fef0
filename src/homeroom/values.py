"""The values that cross from one stage to the next. Frozen, and of the standard library alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from homeroom.edu_values import ModelReport, ModelSettings
from homeroom.privacy_values import Privacy

if TYPE_CHECKING:
    pass

LONGEST_OBEYED_S = 900.0
"""A pause that a server asks for (Retry-After, the reset of a quota) is obeyed for so long in all. Beyond it the run
fails with the time in its message instead of hanging for an hour without a word."""

RETRY_STATUSES = (408, 425, 429, 500, 502, 503, 504)


class Status(StrEnum):
    """How a resource's read ended. The order is from best to worst."""

    COMPLETE = "complete"
    """Every row that the API had, proved."""
    UNPROVED = "unproved"
    """Read to the end, but rows could have moved unnoticed."""
    DELETES_REFUSED = "deletes_refused"
    """Read complete and loaded; what was absent from the read was kept, because it was too much."""
    INCOMPLETE = "incomplete"
    """Rows are known or suspected to be missing, or a table that would have lost rows was kept."""
    FAILED = "failed"
    """Not read to its end; nothing of it was loaded."""
    SKIPPED = "skipped"
    """Not read: not selected, or its parent failed."""

    @property
    def rank(self) -> int:
        """0 for the best; a resource is never better than its parent."""
        return list(Status).index(self)


class Proof(StrEnum):
    """What a status rests on."""

    COUNT = "count"
    """The API's total, before and after, equals the distinct keys."""
    CONTINUITY = "continuity"
    """Offset reads overlap by one row, and each begins with the key that the one before ended with."""
    KEYSET = "keyset"
    """A cursor or next link that does not count pages was walked to its end."""
    DECLARED = "declared"
    """`single_page` by the config."""
    END = "end"
    """The end signal alone."""


@dataclass(frozen=True, slots=True)
class RetrySettings:
    """How a failed request is repeated. Waits in seconds; `attempts` counts the first one too."""

    attempts: int = 6
    first_wait_s: float = 0.5
    max_wait_s: float = 60.0
    statuses: tuple[int, ...] = RETRY_STATUSES
    stop_after: int = 50
    """Failures of one host in a row, over all its requests, that stop the run. Being throttled is none."""


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """`sync.limits`: what an answer may be at most, so that a broken or hostile server cannot exhaust us."""

    body_mb: int = 256
    """Of one answer, decompressed."""
    decompression: int = 200
    """How many times larger than sent an answer may become."""
    json_depth: int = 200
    """Lists and objects inside of each other."""
    header_kb: int = 64
    """Of one header line."""
    redirects: int = 10
    """In a row, for one request."""
    connect_s: float = 30.0
    silence_s: float = 60.0
    """Between two bytes of an answer (dlt's request_timeout)."""
    answer_s: float = 300.0
    """From the request to the last byte: a server that drips a byte now and then never trips the one above."""
    pages: int = 1_000_000
    """Of one chain: of a resource, or of one parent row."""


@dataclass(frozen=True, slots=True)
class FurtherCursor:
    """Another way to ask a resource for what is new: the keys of dlt's `incremental`, `lag` as there."""

    cursor_path: str
    start_param: str
    end_param: str | None = None
    initial_value: str | float | None = None
    lag: float | None = None


@dataclass(frozen=True, slots=True)
class ChangeVersions:
    """`sync.change_versions`: the path that tells the newest version, and the JSONPath of that in its answer."""

    path: str
    newest: str


@dataclass(frozen=True, slots=True)
class NamedIn:
    """`deleted_in`: the resource whose rows name deleted ones.

    `by` are columns of the deleted rows, each with the field of a naming row that holds its value; empty: the primary
    key, whose columns the naming rows have too.
    """

    resource: str
    by: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


CAST_KINDS = ("bool", "bigint", "double", "timestamp", "timestamp_ms", "null_if_zero", "list")
"""What may be made of a field (docs/config.md, Casts); those that are dlt data types, and a time of milliseconds, give
its column that type."""


@dataclass(frozen=True, slots=True)
class Cast:
    """One of `casts`: `kinds` of `CAST_KINDS`, one after the other; or none, and two fields that are one time (UTC)."""

    kinds: tuple[str, ...] = ()
    date: str = ""
    time: str = ""


@dataclass(frozen=True, slots=True)
class FieldCast:
    """A cast of the field that `keys` lead to in a row; lists on the way are gone through."""

    keys: tuple[str, ...]
    cast: Cast

    @property
    def data_type(self) -> str | None:
        """The dlt data type of the field's column; None where the cast gives it none."""
        types = ["timestamp" if kind == "timestamp_ms" else kind for kind in self.cast.kinds or ("timestamp",)]
        return next((kind for kind in types if kind not in ("null_if_zero", "list")), None)


@dataclass(frozen=True, slots=True)
class ResourceSettings:
    """`sync.resources.NAME`.

    `total_header` is the response header that holds the number of rows, `total_path` the JSONPath of the same;
    `error_when` says by what an answer with status 200 is an error; `retry` is None where `sync.retry` holds.
    `deletes`: what becomes of rows that a proved read did not bring, and of those that one of `deleted_when` fits, a
    column and the value by which a row says that it is deleted.
    `error_when` says by what an answer with status 200 is an error; `retry` is None where `sync.retry` holds;
    `window_s` is how long the spans of time are that an `incremental` is read in, side by side; None for one span.
    `cursor_per_parent`: the rows of each parent are asked for from where those of that parent were read to.
    `further_cursors`: other queries by which the resource is asked for what is new, beside its own `incremental`.
    `by_change_version`: it is asked for what lies between the version that it was read to and the newest one.
    `full_every_s`: how often all of an `incremental` is read; None where `sync.full_every` holds.
    """

    total_header: str | None = None
    total_path: str | None = None
    error_when: tuple[str, ...] = ()
    retry: RetrySettings | None = None
    deletes: Literal["keep", "soft", "hard"] = "keep"
    deleted_when: tuple[tuple[str, Any], ...] = ()
    window_s: float | None = None
    at_least: int = 0
    """How many rows there are for whoever may see them: fewer are an error."""
    needs: str = ""
    """What to grant a key that shall read this, for messages; beside `sync.needs`."""
    parent_column: str | None = None
    """Of a child: the column of its rows that names the one parent which each belongs to."""
    cursor_per_parent: bool = False
    further_cursors: tuple[FurtherCursor, ...] = ()
    by_change_version: bool = False
    full_every_s: float | None = None
    deleted_in: tuple[NamedIn, ...] = ()
    """Other resources whose rows name rows of this one that are deleted."""
    batch: int | None = None
    """Of a child: how many parents are asked for in one request at most; None for one."""
    casts: Mapping[str, Cast] = field(default_factory=lambda: MappingProxyType({}))
    """What is made of fields of each row before anything else looks at it, by the path of the field."""


@dataclass(frozen=True, slots=True)
class SyncSettings:
    """The `sync:` section.

    `concurrency` is the most requests in flight to one host; `rate` the most requests a second to one host,
    None for as many as it bears; `deadline_s` how long the run may read, None for as long as it takes;
    `read_ahead_mb` the most pages, in MB, that lie between the wire and their reader; `allowed_hosts` the
    origins (`https://files.example.com:443`) beside the config's own that links may lead to. `tables`: exactly
    dlt's, or `improved` (docs/differences.md); None, where nothing is said: `improved` in a sync, else `dlt`.
    `journal`: whether pages are kept on disk until they are loaded; None, where nothing is said: in a sync alone.
    `resume_within_s` is how old the last page of an unfinished run may be for the next sync to finish it.
    `keep_raw`: whether the journal is kept after the load, for `homeroom replay`.
    `overlap`: whether offset reads overlap by one row (`auto`: where no total is told); `repair_passes` is how
    often a chain whose rows have moved is read again from where they did. `max_delete_share` is which part of a table
    a read that acts on absence may take away (0 to 1), where that is more than 20 rows. `change_versions` is where the
    API tells its newest change version, None where it has none. `full_every_s` is how often all of a resource with an
    `incremental` is read, None for once.
    """

    concurrency: int = 16
    retry: RetrySettings = field(default_factory=RetrySettings)
    rate: float | None = None
    deadline_s: float | None = None
    read_ahead_mb: int = 64
    allowed_hosts: frozenset[str] = frozenset()
    tables: Literal["dlt", "improved"] | None = None
    journal: bool | None = None
    resume_within_s: float = 6 * 3600.0
    keep_raw: bool = False
    overlap: Literal["auto", "always", "never"] = "auto"
    repair_passes: int = 2
    max_delete_share: float = 0.2
    limits: LimitSettings = field(default_factory=LimitSettings)
    change_versions: ChangeVersions | None = None
    full_every_s: float | None = None
    needs: str = ""
    """What to grant the key and where, for messages about a refusal."""
    insecure_http: bool = False
    """Whether keys may go over http to other machines: said by a flag or the environment, in no config."""
    resources: Mapping[str, ResourceSettings] = field(default_factory=lambda: MappingProxyType({}))

    def needs_of(self, resource: str) -> str:
        """What the key needs to read a resource, and where to grant it; empty where the config does not say."""
        own = self.resources.get(resource)
        return "; ".join(filter(None, (own.needs if own else "", self.needs)))

    @property
    def naming_deleted(self) -> frozenset[str]:
        """The resources whose rows name deleted rows of others (`deleted_in`)."""
        return frozenset(named.resource for each in self.resources.values() for named in each.deleted_in)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something of a config that is allowed and should be otherwise. `place` is file, line and path."""

    place: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}; {self.hint}"


@dataclass(frozen=True, slots=True)
class Config:
    """A config file, read and resolved: placeholders replaced, our sections checked.

    `source` is dlt's RESTAPIConfig. `destination` is a URL or a dlt destination name, None where
    the file names none. `config_hash` covers the file before secrets were put in.
    """

    name: str
    source: dict[str, Any]
    destination: str | None = None
    dataset: str | None = None
    sync: SyncSettings = field(default_factory=SyncSettings)
    privacy: Privacy = field(default_factory=Privacy)
    """Columns that are not stored as they come, and the key for it."""
    model: ModelSettings | None = None
    """None: no views of the neutral model."""
    config_hash: str = ""
    file: str | None = None
    secrets: frozenset[str] = frozenset()
    """Every value that came from `${...}` or from an auth section: masked wherever text leaves the process."""
    doubts: tuple[Doubt, ...] = ()
    """What is allowed and should be otherwise: keys that stand in the file itself."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request before authentication. `params` keeps dlt's value types (int, str, list)."""

    method: str
    url: str
    params: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    json: Any = None
    data: Any = None
    shown: str | None = None
    """What to print in place of the URL, where its path holds values of a row; None: the URL, without its query."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back over the wire, body decompressed. Header names are as sent, compare without case."""

    status: int
    url: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    request: Any = field(default=None, compare=False, repr=False)
    """The `requests.PreparedRequest` that it answers, for code that expects requests' objects. Holds the key."""
    read_at: datetime | None = field(default=None, compare=False)
    """When it arrived, where that was in an earlier run (the journal's); None from the wire: now."""
    kept: int | None = field(default=None, compare=False)
    """Its number in the journal; None where it is not there."""

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case; None where there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A JSONPath of the config. `keys` where it is nothing but object keys (`a.b`; `$` is none), else None."""

    text: str
    keys: tuple[str, ...] | None
    compiled: Any = field(compare=False)


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What paging needs of a page, read without building its rows.

    `rows` is the number of rows; `data` the JSON text of the list of rows, None where the
    selector needs the whole body. `total` counts rows or, in page-number paging, pages.
    """

    rows: int
    data: bytes | None = None
    total: int | None = None
    row_total: int | None = None
    """Rows that the API says there are, from the body or a header, whatever the paging."""
    reference: str | int | None = None
    """The next link or cursor; None where there is none."""
    has_more: bool | None = None
    lacks_reference: bool = False
    """The JSONPath of the next link or cursor finds nothing in the page; a null is something."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page as it arrived, in the order of its chain. `number` counts from 1 within the chain."""

    resource: str
    chain: int
    number: int
    place: str
    """Where it came from, safe to print: method, path, paging parameters; no secret."""
    body: bytes
    facts: PageFacts
    selector: JsonPath
    read_at: datetime
    resumed: bool = False
    """It arrived in an earlier run, and was kept."""
    kept: int | None = None
    """The number of its answer in the journal; None where that is not there."""


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """How a chain of pages ended.

    `totals` are the API's row counts on the first and the last page to arrive, and between them each that was another.
    """

    chain: int
    proof: Proof
    totals: tuple[int | None, ...] = (None, None)
    note: str = ""
    broken: bool = False
    """Ended without a right end signal: a loop, or a page that contradicts the one before."""
    passes: int = 0
    """How often a part of it was read again because rows had moved; what came twice then is no sign of anything."""
    unproved: bool = False
    """A proof that the config asks for beside the API's totals could not be had."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What reading cost so far."""

    requests: int = 0
    retries: int = 0
    throttled: int = 0
    waited_s: float = 0.0
    size: int = 0


@dataclass(frozen=True, slots=True)
class ResourceReport:
    """One line of the report; but for `code` the columns of `_homeroom_resources`.

    Counts are None where they are not known: `rows_distinct` without a primary key,
    `api_total` where the API gives none, `rows_in_table` in a plain `pipeline.run`. `rows_absent` are rows in the table
    that this read did not bring (marked ones aside), of the parents that were read where a child was not read for all;
    None where the read was of neither, or that cannot be told of the table. `rows_deleted` are those that this run has
    deleted or marked, None where nothing may be. `rows_rejected` are those that came and that a schema contract kept
    out of the table, None without one. `code` says why it is not whole (`homeroom.codes`); it stands in `note` too, and
    has no column of its own.
    """

    resource: str
    table_name: str
    status: Status
    proof: Proof | None
    api_total: int | None = None
    rows_received: int = 0
    rows_distinct: int | None = None
    rows_absent: int | None = None
    rows_in_table: int | None = None
    rows_deleted: int | None = None
    rows_rejected: int | None = None
    pages: int = 0
    pages_resumed: int = 0
    requests: int = 0
    retries: int = 0
    throttled: int = 0
    waited_s: float = 0.0
    bytes: int = 0
    pages_columnar: int = 0
    pages_object: int = 0
    oldest_page_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    note: str = ""
    code: str | None = None


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """What a load added to a table that was there: a column, with dlt's data type, or a table nested in it.

    `column` and `data_type` are None for a table.
    """

    table: str
    column: str | None = None
    data_type: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was read, and the proof. `status` is the worst of the resources'."""

    run_id: str
    name: str
    status: Status
    resources: Mapping[str, ResourceReport]
    started_at: datetime | None = None
    finished_at: datetime | None = None
    config_hash: str = ""
    version: str = ""
    destination: str | None = None
    dataset: str | None = None
    landed: bool = False
    """At least one resource's rows were committed to the destination."""
    rows_loaded: int | None = None
    """Rows that came of the resources that landed; None where that was not written down."""
    errors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Resource to the name of the error class that ended it."""
    by_hand: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Resource to the request that failed, as a line of curl without its secrets; without those that none failed of."""
    changes: Mapping[str, tuple[SchemaChange, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """Resource to what its load added to tables that were there before; without those that changed nothing."""
    error: str = ""
    """What ended the run before it came to its report; empty for a run that did."""
    file: str | None = None
    """The database's file, where the destination is a DuckDB file that its name does not tell."""
    schema: str | None = None
    """The dataset's name as the destination has it, where that is another."""
    model: ModelReport | None = None
    """What the views of the neutral model hold, where the config asks for them."""
    replay_of: str = ""
    """The run whose kept pages were read instead of the API; empty for a run that asked it."""
