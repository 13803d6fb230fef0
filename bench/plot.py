"""Bars of the medians, seconds on a log scale, as an SVG file.

python bench/plot.py FIGURES.json FILE.svg      from what `whole.py --json` wrote
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinds import OURS, WORDS
from workloads import WORKLOADS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {
    "ours": "#0b5cad",
    "sync": "#5b9bd5",
    "nojournal": "#a9cce3",
    "dlt": "#c0392b",
    "parquet": "#e59866",
    "floor": "#9a9a9a",
}
_OTHER_COLOUR = "#8fbce6"
_ORDER = ("floor", *OURS, "parquet", "dlt")
_BAR = 0.8
"""How wide the bars of one workload are together; 1 is the distance of two workloads."""


def draw(document: Mapping[str, Any], file: Path) -> None:
    """Draw what `whole.py` measured; further lines and second runs are left out."""
    import matplotlib

    matplotlib.use("svg")
    # Text as text and no date: small files, and the same figures give the same file.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "homeroom", "font.size": 9})
    import matplotlib.pyplot as plt

    seconds = {
        (each["workload"], each["kind"]): each["seconds"]
        for each in document["medians"]
        if each["workload"] in WORKLOADS
    }
    figure, axes = plt.subplots(figsize=(10, 4.8), layout="constrained")
    _bars(axes, seconds, document["workloads"])
    axes.set_title(_title(document), loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.12), fontsize=8)
    figure.savefig(file, format="svg", metadata={"Date": None})
    plt.close(figure)


def _bars(axes: Axes, seconds: Mapping[tuple[str, str], float], workloads: Mapping[str, Any]) -> None:
    names = [name for name in WORKLOADS if any(name == workload for workload, _ in seconds)]
    measured = {name: [kind for kind in _ORDER if (name, kind) in seconds] for name in names}
    width = _BAR / max(map(len, measured.values()), default=1)
    for kind in _ORDER:
        shown = [(at, name) for at, name in enumerate(names) if kind in measured[name]]
        middles = [at + width * (measured[name].index(kind) - (len(measured[name]) - 1) / 2) for at, name in shown]
        heights = [seconds[name, kind] for _, name in shown]
        if heights:
            label = f"{kind}: {WORDS[kind]}"
            bars = axes.bar(middles, heights, 0.94 * width, color=COLOURS.get(kind, _OTHER_COLOUR), label=label)
            axes.bar_label(bars, labels=[_short(height) for height in heights], fontsize=7, padding=1)
    axes.set_yscale("log")
    axes.set_ylim(bottom=min(seconds.values(), default=1.0) / 2)
    axes.set_ylabel("seconds, log scale")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.set_axisbelow(True)
    axes.grid(axis="y", color="#e0e0e0", linewidth=0.6)
    axes.set_xticks(range(len(names)), [f"{name}\n{workloads[name]['rows']:,} rows" for name in names])


def _short(seconds: float) -> str:
    return f"{seconds:.0f}" if seconds >= 9.95 else f"{seconds:.1f}" if seconds >= 0.95 else f"{seconds:.2f}"


def _title(document: Mapping[str, Any]) -> str:
    scale = "" if document["scale"] == 1 else f" · SCALE {document['scale']:g}, NOT THE FULL SIZE"
    about = document["machine"]
    return (
        f"The whole job, from the call to the tables in DuckDB · median of {document['rounds']} · "
        f"{about['cores']} cores · dlt {about['versions']['dlt']}{scale}"
    )


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]))
