"""The `sync:` section as pydantic models: what a file may say. A field's description is what it must be."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from homeroom.values import RetrySettings, SyncSettings

_RETRY = RetrySettings()
_SECONDS = Field(gt=0, allow_inf_nan=False)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RetryModel(_Section):
    """`sync.retry`. Whole numbers are taken for seconds too, text and booleans are not taken for numbers."""

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

    @field_validator("max_wait_s")
    @classmethod
    def _not_below_the_first(cls, value: float, info: ValidationInfo) -> float:
        if value < info.data.get("first_wait_s", 0):
            raise ValueError(f"{value} is less than first_wait_s")
        return value


class ResourceModel(_Section):
    """`sync.resources.NAME`."""

    total_header: str | None = Field(default=None, min_length=1, description="the name of a response header")


class SyncModel(_Section):
    """`sync`. Empty sections (null) mean the defaults."""

    concurrency: int = Field(
        default=SyncSettings().concurrency, ge=1, le=256, description="a whole number from 1 to 256"
    )
    retry: RetryModel = Field(default_factory=RetryModel, description="a mapping")
    resources: dict[str, ResourceModel] = Field(
        default_factory=dict, description="a mapping from resource names to their settings"
    )

    @field_validator("retry", "resources", mode="before")
    @classmethod
    def _empty_is_default(cls, value: Any) -> Any:
        return {} if value is None else value
