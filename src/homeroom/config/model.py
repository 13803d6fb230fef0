"""The `sync:` section as pydantic models: what a file may say. A field's description is what it must be."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from homeroom.config.cast_model import CASTS, CastValue
from homeroom.config.quantities import read_duration, read_rate
from homeroom.values import LimitSettings, RetrySettings, SyncSettings

_RETRY = RetrySettings()
_LIMITS = LimitSettings()
_SECONDS = Field(gt=0, allow_inf_nan=False)
_HOST = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?")


def _origin(host: str) -> str:
    """An origin as `auth.origin_of` writes it; a host alone means https."""
    found = _HOST.fullmatch(host.strip().rstrip("/"))
    if found is None or int(found["port"] or 1) > 65_535:
        raise ValueError("not a host")
    scheme = found["scheme"] or "https"
    port = int(found["port"] or (443 if scheme == "https" else 80))
    return f"{scheme}://{found['host'].lower().strip('[]')}:{port}"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OwnRetryModel(_Section):
    """`sync.resources.NAME.retry`. What is not given here is that of `sync.retry`.

    Whole numbers are taken for seconds too, text and booleans are not taken for numbers.
    """

    attempts: int = Field(default=_RETRY.attempts, ge=1, le=20, description="a whole number from 1 to 20")
    first_wait_s: Annotated[float, _SECONDS] = Field(
        default=_RETRY.first_wait_s, description="a number of seconds above 0"
    )
    max_wait_s: Annotated[float, _SECONDS] = Field(
        default=_RETRY.max_wait_s,
        description="a number of seconds, not less than first_wait_s",
        validate_default=True,
    )
    statuses: list[Annotated[int, Field(ge=400, le=599)]] = Field(
        default=list(_RETRY.statuses), description="a list of HTTP statuses from 400 to 599"
    )


class RetryModel(OwnRetryModel):
    """`sync.retry`."""

    stop_after: int = Field(default=_RETRY.stop_after, ge=1, description="a whole number, 1 or more")

    @field_validator("max_wait_s")
    @classmethod
    def _not_below_the_first(cls, value: float, info: ValidationInfo) -> float:
        if value < info.data.get("first_wait_s", 0):
            raise ValueError(f"{value} is less than first_wait_s")
        return value


class LimitsModel(_Section):
    """`sync.limits`."""

    body_mb: int = Field(default=_LIMITS.body_mb, ge=1, description="a whole number of MB, 1 or more")
    decompression: int = Field(default=_LIMITS.decompression, ge=2, description="a whole number, 2 or more")
    json_depth: int = Field(default=_LIMITS.json_depth, ge=2, le=500, description="a whole number from 2 to 500")
    header_kb: int = Field(default=_LIMITS.header_kb, ge=1, le=1024, description="a whole number of kB from 1 to 1024")
    redirects: int = Field(default=_LIMITS.redirects, ge=0, le=50, description="a whole number from 0 to 50")
    connect_s: Annotated[float, _SECONDS] = Field(default=_LIMITS.connect_s, description="a number of seconds above 0")
    silence_s: Annotated[float, _SECONDS] = Field(default=_LIMITS.silence_s, description="a number of seconds above 0")
    answer_s: Annotated[float, _SECONDS] = Field(default=_LIMITS.answer_s, description="a number of seconds above 0")
    pages: int = Field(default=_LIMITS.pages, ge=1, description="a whole number, 1 or more")


class FurtherCursorModel(_Section):
    """An entry of `sync.resources.NAME.further_cursors`."""

    cursor_path: str = Field(min_length=1, description="the JSONPath of the field that tells how new a row is")
    start_param: str = Field(min_length=1, description="the parameter that says from where on rows are asked for")
    end_param: str | None = Field(default=None, min_length=1, description="the parameter that says up to where")
    initial_value: str | int | float | None = Field(default=None, description="where the first read begins")
    lag: float | None = Field(default=None, ge=0, description="a number, 0 or more")


class ChangeVersionsModel(_Section):
    """`sync.change_versions`."""

    path: str = Field(min_length=1, description="the path, or URL, of the newest change version")
    newest: str = Field(min_length=1, description="the JSONPath of the newest change version in the answer")


class NamedInModel(_Section):
    """One of `sync.resources.NAME.deleted_in`."""

    resource: str = Field(min_length=1)
    by: dict[str, Annotated[str, Field(min_length=1)]] | None = Field(default=None, min_length=1)


_COMPARISON = r"^\s*[\w.]+\s*==\s*\S.*$"


class ResourceModel(_Section):
    """`sync.resources.NAME`."""

    total_header: str | None = Field(default=None, min_length=1, description="the name of a response header")
    total_path: str | None = Field(default=None, min_length=1, description="the JSONPath of the number of rows")
    error_when: list[Annotated[str, Field(min_length=1)]] = Field(
        default=[], description="a JSONPath, `PATH == VALUE` or `PATH != VALUE`, or a list of these"
    )
    at_least: int = Field(default=0, ge=0, description="a whole number of rows, 0 or more")
    needs: str = Field(default="", description="a text: what to grant the key")
    retry: OwnRetryModel | None = Field(default=None, description="a mapping")
    deletes: Literal["keep", "soft", "hard"] = Field(default="keep", description="keep, soft or hard")
    deleted_when: list[Annotated[str, Field(pattern=_COMPARISON)]] = Field(
        default=[], description="`COLUMN == VALUE`, or a list of these"
    )
    window: float | None = Field(default=None, gt=0, description="a duration, such as 7d or 12h")
    parent_column: str | None = Field(default=None, min_length=1, description="the name of a column")
    deleted_in: list[NamedInModel] = Field(
        default=[], description="the name of a resource, `{resource: NAME, by: {COLUMN: FIELD}}`, or a list of these"
    )

    cursor_per_parent: bool = Field(default=False, description="true or false")
    further_cursors: list[FurtherCursorModel] = Field(
        default=[], description="a list of mappings with cursor_path and start_param"
    )

    by_change_version: bool = Field(default=False, description="true or false")
    full_every: float | None = Field(default=None, gt=0, description="a duration, such as 7d or 12h")
    batch: int | None = Field(default=None, ge=2, le=1000, description="a whole number from 2 to 1000")
    casts: dict[Annotated[str, Field(min_length=1)], CastValue] = Field(default={}, description=CASTS)

    @field_validator("window", "full_every", mode="before")
    @classmethod
    def _in_seconds(cls, value: Any) -> Any:
        return None if value is None else read_duration(value)

    @field_validator("deleted_in", mode="before")
    @classmethod
    def _names_are_resources(cls, value: Any) -> Any:
        given = [] if value is None else value if isinstance(value, list) else [value]
        return [{"resource": each} if isinstance(each, str) else each for each in given]

    @field_validator("error_when", "deleted_when", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: Any) -> Any:
        return [] if value is None else [value] if isinstance(value, str) else value


class SyncModel(_Section):
    """`sync`. Empty sections (null) mean the defaults."""

    concurrency: int = Field(
        default=SyncSettings().concurrency, ge=1, le=256, description="a whole number from 1 to 256"
    )
    rate: float | None = Field(default=None, gt=0, description="requests in a time, such as 10/s, 600/min or 5000/h")
    deadline: float | None = Field(default=None, gt=0, description="a duration, such as 45m or 2h")
    read_ahead_mb: int = Field(
        default=SyncSettings().read_ahead_mb, ge=1, description="a whole number of MB, 1 or more"
    )
    tables: Literal["dlt", "improved"] | None = Field(default=None, description="dlt or improved")
    journal: bool | None = Field(default=None, description="true or false")
    resume_within: float | None = Field(default=None, gt=0, description="a duration, such as 90m or 6h")
    keep_raw: bool = Field(default=SyncSettings().keep_raw, description="true or false")
    overlap: Literal["auto", "always", "never"] = Field(
        default=SyncSettings().overlap, description="auto, always or never"
    )
    repair_passes: int = Field(
        default=SyncSettings().repair_passes, ge=0, le=20, description="a whole number from 0 to 20"
    )
    max_delete_share: float = Field(
        default=SyncSettings().max_delete_share, ge=0, le=1, description="a number from 0 to 1"
    )
    allowed_hosts: list[Annotated[str, AfterValidator(_origin)]] = Field(
        default=[], description="a list of hosts (files.example.com) or origins (http://10.0.0.7:8080)"
    )
    limits: LimitsModel = Field(default_factory=LimitsModel, description="a mapping")
    change_versions: ChangeVersionsModel | None = Field(default=None, description="a mapping with path and newest")
    full_every: float | None = Field(default=None, gt=0, description="a duration, such as 7d or 12h")
    needs: str = Field(default="", description="a text: what to grant the key, and where")
    retry: RetryModel = Field(default_factory=RetryModel, description="a mapping")
    resources: dict[str, ResourceModel] = Field(
        default_factory=dict, description="a mapping from resource names to their settings"
    )

    @field_validator("retry", "resources", "limits", mode="before")
    @classmethod
    def _empty_is_default(cls, value: Any) -> Any:
        return {} if value is None else value

    @field_validator("resources", mode="before")
    @classmethod
    def _empty_says_nothing(cls, value: Any) -> Any:
        return {k: {} if v is None else v for k, v in value.items()} if isinstance(value, dict) else value

    @field_validator("rate", mode="before")
    @classmethod
    def _requests_a_second(cls, value: Any) -> Any:
        return None if value is None else read_rate(value)

    @field_validator("deadline", "resume_within", "full_every", mode="before")
    @classmethod
    def _seconds(cls, value: Any) -> Any:
        return None if value is None else read_duration(value)

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return [] if value is None else value
