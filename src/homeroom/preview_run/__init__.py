"""The first rows of a resource as they would land (`homeroom preview`). Nothing is written that stays."""

from homeroom.preview_run.model import Preview, PreviewColumn, PreviewTable
from homeroom.preview_run.whole import MOST_ROWS, preview, preview_config

__all__ = ["MOST_ROWS", "Preview", "PreviewColumn", "PreviewTable", "preview", "preview_config"]
