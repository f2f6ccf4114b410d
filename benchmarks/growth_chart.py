"""The chart of `benchmarks.growth`: time a row over each sweep, with the floor underneath.

At the ends of every curve stands how many GFLOP/s of matrix products that comes to.
"""

from pathlib import Path
from typing import Any

from clearprop.insight.pictures import (
    BLUE,
    GRAY,
    GREEN,
    INK,
    ORANGE,
    PALE,
    new_figure,
    write_figure,
)

PANELS = {
    "rows": "rows of an epoch",
    "width": "units of one hidden layer",
    "depth": "hidden layers of 128 units",
    "batch size": "rows of a batch",
    "networks": "networks trained together",
}
CURVES = {
    "numpy": ("NumPy engine", ORANGE, "o", "-"),
    "jax": ("JAX engine", BLUE, "s", "-"),
    "floor": ("floor: its matrix products alone", GREEN, "", (0, (4, 2))),
}
TITLE = "Microseconds to train on one row, for each network"
NOTE = """\
784-128-64-10, batch 128, Adam; in each
panel one thing changes. All scales are
logarithmic.

The numbers at the ends are GFLOP/s of
matrix products. What lies above the
floor is all else: what operations cost to
start, and the memory through which the
weights and Adam's averages travel. The
floor itself pays NumPy for the start of
every product: the small ends show it."""
MICRO, LINE = 1e6, 0.065  # of a panel's height: one line of small text


def draw(found: dict[str, Any], path: Path) -> Path:
    """Draw what `benchmarks.growth` found as PNG, five panels and a legend; return the path."""
    figure = new_figure(12.5, 7.2)
    figure.suptitle(TITLE, x=0.055, y=0.975, ha="left", fontsize=14, color=INK, weight="bold")
    axes = figure.subplots(2, 3)
    figure.subplots_adjust(0.055, 0.085, 0.985, 0.89, wspace=0.22, hspace=0.36)
    for panel, (sweep, title) in zip(axes.flat, PANELS.items(), strict=False):
        panel.set_title(sweep.capitalize(), loc="left", fontsize=11.5, color=INK)
        panel.set_xlabel(title, fontsize=10, color=GRAY)
        _draw_sweep(panel, [point for point in found["points"] if point["sweep"] == sweep])
    _explain(axes.flat[-1], axes.flat[0].get_legend_handles_labels(), found)
    return write_figure(path, figure)


def _draw_sweep(panel: Any, points: list[dict[str, Any]]) -> None:
    places = [point["at"] for point in points]
    ends: tuple[list, list] = ([], [])
    for name, (label, color, marker, line) in CURVES.items():
        made = [point["contenders"][name] for point in points]
        heights = [one["seconds_a_row"] * MICRO for one in made]
        panel.plot(places, heights, color=color, marker=marker, ls=line, lw=2, ms=5, label=label)
        for end, at in zip(ends, (0, -1), strict=True):
            end.append((heights[at], made[at]["gigaflops"], color))
    _arrange(panel, places)
    for end, at, shift, side in zip(ends, (0, -1), (-8, 8), ("right", "left"), strict=True):
        _number(panel, places[at], sorted(end), shift, side)


def _arrange(panel: Any, places: list[int]) -> None:
    """Put logarithmic scales, ticks at the measured places, and room for the numbers."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    panel.set(xscale="log", yscale="log")
    panel.margins(x=0.17, y=0.12)
    low, high = panel.get_ylim()
    if high < 6 * low:  # a curve that is level shall look level
        room = (6 * low / high) ** 0.5
        low, high = panel.set_ylim(low / room, high * room)
    panel.set_xticks(places, [f"{place:,}".replace(",000", "k") for place in places])
    panel.xaxis.set_minor_locator(NullLocator())
    steps = (1, 2, 3, 4, 5, 7) if high < 15 * low else (1, 2, 5)
    panel.yaxis.set_major_locator(LogLocator(subs=steps, numticks=20))
    panel.yaxis.set_minor_locator(NullLocator())
    panel.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))
    panel.set_ylabel("µs a row", fontsize=10, color=GRAY)
    panel.tick_params(labelsize=8.5, colors=GRAY, length=0)
    panel.grid(color=PALE, lw=0.7)
    panel.spines[["top", "right", "left"]].set_visible(False)
    panel.spines["bottom"].set_color(PALE)


def _number(panel: Any, place: float, end: list[tuple], shift: int, side: str) -> None:
    """Write the GFLOP/s beside the ends of the curves, pushed apart where these are close."""
    to_height = panel.get_yaxis_transform().inverted().transform
    last = -1.0
    for height, gigaflops, color in end:
        pixels = panel.transData.transform((place, height))
        last = max(panel.transAxes.inverted().transform(pixels)[1], last + LINE)
        y = to_height(panel.transAxes.transform((0, last)))[1]
        panel.annotate(
            f"{gigaflops:.{1 if gigaflops < 9.95 else 0}f}", (place, y),
            (shift, 0), textcoords="offset points", ha=side, va="center", fontsize=8.5,
            color=color, weight="bold",
        )  # fmt: skip


def _explain(panel: Any, legend: tuple, found: dict[str, Any]) -> None:
    panel.set_axis_off()
    panel.legend(*legend, loc="upper left", frameon=False, fontsize=10.5, borderaxespad=0)
    said = "a quick run: no figures to quote" if found["quick"] else "medians of all rounds"
    measured = f"{found['machine']}\n{found['date']}; {said}"
    style: dict[str, Any] = {"transform": panel.transAxes, "va": "top", "linespacing": 1.35}
    panel.text(0.02, 0.72, NOTE, fontsize=9.5, color=INK, **style)
    panel.text(0.02, -0.12, measured, fontsize=8, color=GRAY, **style)
