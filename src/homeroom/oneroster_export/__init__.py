"""The neutral model's rows of one source as a bundle of CSV files in the field's standard, OneRoster 1.2.

Pure from the model's rows to the content of the files (`bundle_of`, `files_of`); `problems_of` reads a bundle back and
holds it against the standard's own rules; `export_oneroster` does it all.
"""

from homeroom.oneroster_export.bundle import Bundle, bundle_of
from homeroom.oneroster_export.checking import Violation
from homeroom.oneroster_export.csv_files import files_of
from homeroom.oneroster_export.export import Exported, export_oneroster
from homeroom.oneroster_export.folder import write_bundle
from homeroom.oneroster_export.notes import Note
from homeroom.oneroster_export.problems import problems_of

__all__ = [
    "Bundle",
    "Exported",
    "Note",
    "Violation",
    "bundle_of",
    "export_oneroster",
    "files_of",
    "problems_of",
    "write_bundle",
]
