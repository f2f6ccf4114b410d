"""The chart: in each work, how long every contender takes beside the one that is 1."""

import io
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from benchmarks.claims import Records, best, counts, ratios
from benchmarks.table import measured
from benchmarks.works import Work, title_of
from clearprop import atomic

OURS_COLOR, OTHER_COLOR, FLOOR_COLOR, INK = "#d9480f", "#8fa3b8", "#2f6f4f", "#26323f"
TITLE = "Time, or memory, as a multiple of the one that is 1; shorter is better (lines: all rounds)"
BAR_INCHES, HEAD_INCHES, WIDTH_INCHES, COLUMNS = 0.26, 0.7, 13.0, 2


class Bar(NamedTuple):
    """A contender's ratio: the median over the rounds, the least and the most."""

    name: str
    middle: float
    low: float
    high: float


def draw(results: dict[str, Any], path: Path) -> Path | None:
    """Write the chart as PNG; None where nothing can be drawn yet."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    panels = [(work, record) for work, record in measured(results) if bars_of(work, record)]
    if not panels:
        return None
    rows = [panels[i : i + COLUMNS] for i in range(0, len(panels), COLUMNS)]
    rooms = [max(len(bars_of(*one)) for one in row) for row in rows]
    heights = [HEAD_INCHES + BAR_INCHES * room for room in rooms]
    figure, axes = plt.subplots(
        len(rows), COLUMNS, figsize=(WIDTH_INCHES, sum(heights) + 0.6), squeeze=False,
        height_ratios=heights, layout="constrained",
    )  # fmt: skip
    figure.suptitle(TITLE, color=INK, fontsize=12)
    for axis in axes.flat:
        axis.set_visible(False)
    for row, line, room in zip(rows, axes, rooms, strict=True):
        for (work, record), axis in zip(row, line, strict=False):
            panel(axis, work, record, room)
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=130, facecolor="white")
    plt.close(figure)
    return atomic.write(path, data.getvalue())


def base_of(work: Work, records: Records) -> str | None:
    """Return who is 1: Clearprop, or what it shall not exceed."""
    claim = work.claims[0]
    return best(claim.ours if claim.at_most is None else claim.others, records)


def bars_of(work: Work, record: dict[str, Any]) -> list[Bar]:
    """Return each contender's ratio to the one that is 1, the shortest first."""
    records = record["contenders"]
    base = base_of(work, records)
    if base is None:
        return []
    made = []
    for name, one in records.items():
        if counts(one):
            found = ratios(one["values"], records[base]["values"])
            made.append(Bar(name, median(found), min(found), max(found)))
    return sorted(made, key=lambda bar: bar.middle)


def panel(axis: Any, work: Work, record: dict[str, Any], room: int) -> None:
    """Draw one work in a panel that has room for so many bars."""
    bars, base = bars_of(work, record), base_of(work, record["contenders"]) or ""
    most = max(bar.high for bar in bars)
    axis.set_visible(True)
    for place, bar in enumerate(bars):
        axis.barh(place, bar.middle, color=color(bar.name), height=0.72, zorder=2)
        axis.plot([bar.low, bar.high], [place, place], color=INK, linewidth=1, zorder=3)
        axis.text(
            bar.high + 0.015 * most, place, f"{bar.middle:.2f}", va="center", fontsize=8,
            color=INK, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6}, zorder=5,
        )  # fmt: skip
    axis.plot([1, 1], [-0.5, len(bars) - 0.5], color=INK, linewidth=0.8, linestyle=":", zorder=4)
    axis.set_xlim(0, 1.12 * most)
    axis.set_ylim(room - 0.5, -0.6)
    axis.set_yticks(range(len(bars)), [title_of(bar.name) for bar in bars], fontsize=9)
    axis.set_xticks([])
    axis.tick_params(axis="y", length=0, colors=INK)
    axis.spines[:].set_visible(False)
    axis.set_title(f"{work.title}  (1 = {title_of(base)})", loc="left", fontsize=10, color=INK)


def color(name: str) -> str:
    """Return the color of a bar: ours, what nobody can beat, or the others."""
    if name.lower().startswith(("clearprop", "import clearprop")):
        return OURS_COLOR
    return FLOOR_COLOR if name in ("floor", "uint8-data", "import numpy") else OTHER_COLOR
