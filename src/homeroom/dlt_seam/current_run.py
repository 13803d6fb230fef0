"""A plain `pipeline.run`, as a resource sees it from inside: whose it is, and what became of the ones before."""

from __future__ import annotations

import re
from dataclasses import dataclass

import dlt
from dlt.common.configuration.container import Container
from dlt.common.destination.exceptions import SqlClientNotAvailable
from dlt.common.exceptions import DltException
from dlt.common.pipeline import PipelineContext
from dlt.pipeline.pipeline import Pipeline

from homeroom.dlt_seam.packages import committed_loads, pending_load_ids

_RUN = "homeroom_run"
"""The key in a source's state under which the run is noted whose rows went with that state."""


@dataclass(frozen=True, slots=True)
class Extraction:
    """What is being extracted: one source into one load package. `selected` are the source's resources."""

    pipeline: Pipeline
    source: str
    selected: tuple[str, ...]
    load_id: str

    @property
    def target(self) -> str:
        """The destination and dataset, without a password; the same in every process."""
        if self.pipeline.destination is None:
            return "no destination yet"  # `pipeline.extract` needs none
        config = self.pipeline.destination_client().config
        # Destinations without credentials show an object's address.
        where = re.sub(r" at 0x[0-9a-f]+", "", str(config))
        return f"{config.destination_type} {where}, dataset {self.pipeline.dataset_name}"


def current_extraction() -> Extraction | None:
    """What is being extracted; None where somebody merely iterates."""
    try:
        load_id = dlt.current.load_package_state()["load_id"]
        source = dlt.current.source()
    except DltException:
        return None
    return Extraction(dlt.current.pipeline(), source.name, tuple(source.selected_resources), load_id)


def noted_run() -> str | None:
    """The run that is noted in the state of the source that is being extracted."""
    found = dlt.current.source_state().get(_RUN)
    return found if isinstance(found, str) else None


def note_run(run_id: str) -> None:
    """Note a run in the source's state, which dlt keeps if and only if it keeps what is extracted now."""
    dlt.current.source_state()[_RUN] = run_id


def is_taken_over(pipeline: Pipeline, load_id: str) -> bool:
    """Whether a package is loaded, or lies ready for it; not one that was aborted, or is gone.

    The working folder is asked first, then the destination: either may be another one than it was.
    """
    if load_id in pending_load_ids(pipeline):
        return True
    if load_id in pipeline.list_completed_load_packages():
        return bool(pipeline.get_load_package_info(load_id).state == "loaded")
    if pipeline.destination is None:
        return False
    try:
        return load_id in committed_loads(pipeline)
    except SqlClientNotAvailable:
        return False


def remove_second_copies() -> None:
    """Of packages that a kill has left in two folders of the active pipeline, remove the one that is not normalised.

    With both, every later run of dlt's fails. It must happen before a run begins: pending packages go first there.
    """
    context = Container()[PipelineContext]
    if not context.is_active():
        return
    pipeline: Pipeline = dlt.current.pipeline()
    for load_id in {*pipeline.list_extracted_load_packages()} & {*pipeline.list_normalized_load_packages()}:
        pipeline._get_normalize_storage().extracted_packages.delete_package(load_id)
