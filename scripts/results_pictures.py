"""The pictures of docs/results.md: test errors beside published ones, and learning curves."""

from pathlib import Path
from typing import Any

from clearprop.insight.pictures import BLUE, GRAY, GREEN, INK, ORANGE, PALE, PINK, RED, new_figure
from clearprop.insight.pictures import write_figure as write

# Test errors in percent that others have published, and whose they are.
REFERENCES = {
    "mnist": {
        "deformed pictures, a committee of 7 (Cireşan 2011)": (0.31,),
        "deformed pictures, 12 million weights (Cireşan 2010)": (0.35,),
        "deformed pictures, a committee of 25 (Meier 2011)": (0.39,),
        "deformed pictures, 1.3 million weights (Cireşan 2010)": (0.49,),
        "deformed pictures, 800 units (Simard 2003)": (0.7,),
        "no pixel positions, ladder network (Rasmus 2015)": (0.57,),
        "no pixel positions, maxout (Goodfellow 2013)": (0.94,),
        "no pixel positions, dropout (Srivastava 2014)": (1.05, 1.10),
    },
    "fashion-mnist": {
        "multilayer perceptron, published": (100 - 90.11,),
        "256-128-100 (the data set's own list)": (100 - 88.33,),
    },
}
TITLES = {"mnist": "MNIST", "fashion-mnist": "Fashion-MNIST"}
COLORS = (BLUE, ORANGE, GREEN, PINK, RED, INK)
LINE = 0.27  # inches


def draw_errors(path: Path, measured: dict[str, dict], data: dict[str, str]) -> Path:
    """Draw the test error of every recipe, its seeds as dots, above the published ones.

    Args:
        path: the file.
        measured: the figures of each recipe that was run.
        data: the data set of each recipe.
    """
    panels = {name: _panel(name, measured, data) for name in REFERENCES}
    heights = [(len(lines) + 2.5) * LINE for lines in panels.values()]
    high = sum(heights)
    figure = new_figure(9, high)
    top = high
    for (name, lines), height in zip(panels.items(), heights, strict=True):
        bottom = top - height + 1.6 * LINE
        axes = figure.add_axes((0.5, bottom / high, 0.47, len(lines) * LINE / high))
        _draw_panel(axes, lines)
        axes.set_title(f"{TITLES[name]}: test error in %", loc="left", fontsize=11, color=INK)
        top -= height
    return write(path, figure)


def _panel(name: str, measured: dict[str, dict], data: dict[str, str]) -> list[tuple]:
    """Return the lines of a panel: words, mean, dots, and whether it is ours; the best first."""
    ours = [
        (recipe, [_error(figures["test_accuracy_mean"])], _dots(figures), True)
        for recipe, figures in measured.items()
        if data[recipe] == name and figures["test_accuracy_mean"] is not None
    ]
    others = [(words, list(errors), [], False) for words, errors in REFERENCES[name].items()]
    return sorted(ours + others, key=lambda line: min(line[1]))


def _dots(figures: dict) -> list[float]:
    ones = figures.get("members", figures["seeds"])
    return [_error(one["test"]) for one in ones if one["test"] is not None]


def _error(accuracy: float) -> float:
    return 100 * (1 - accuracy)


def _draw_panel(axes: Any, lines: list[tuple]) -> None:
    for place, (_, values, dots, is_ours) in enumerate(lines):
        color = BLUE if is_ours else GRAY
        axes.plot(dots, [place] * len(dots), "o", color=color, alpha=0.35, ms=5, mew=0)
        axes.plot(values, [place] * len(values), "-", color=color, lw=2)
        axes.plot(values, [place] * len(values), "D" if is_ours else "|", color=color, ms=7)
        end, label = max([*values, *dots]), "–".join(f"{value:.2f}" for value in values)
        axes.annotate(
            label, (end, place), (8, 0), textcoords="offset points", va="center", fontsize=9,
            color=color,
        )  # fmt: skip
    axes.set_yticks(range(len(lines)), [line[0] for line in lines], fontsize=9.5)
    for tick, line in zip(axes.get_yticklabels(), lines, strict=True):
        tick.set(color=INK if line[3] else GRAY, weight="bold" if line[3] else "normal")
    axes.set(ylim=(len(lines) - 0.5, -0.5), xlim=(0, 1.15 * axes.dataLim.xmax))
    axes.tick_params(axis="x", labelsize=9, colors=GRAY, length=0)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=PALE, lw=0.7)
    axes.spines[["top", "right", "left", "bottom"]].set_visible(False)


def draw_curves(path: Path, measured: dict[str, dict]) -> Path | None:
    """Draw the validation error over the epochs, a line for each seed; None where there is none."""
    found = {
        name: [one["curve"] for one in figures["seeds"] if one.get("curve")]
        for name, figures in measured.items()
    }
    found = {name: curves for name, curves in found.items() if curves}
    if not found:
        return None
    figure = new_figure(9, 4.5)
    axes = figure.add_axes((0.07, 0.12, 0.68, 0.78))
    for number, (name, curves) in enumerate(found.items()):
        for i, curve in enumerate(curves):
            epochs, values = zip(*curve, strict=True)
            axes.plot(
                epochs, [max(_error(value), 0.01) for value in values], lw=1.3, alpha=0.7,
                color=COLORS[number % len(COLORS)], label=None if i else name,
                ls="-" if number < len(COLORS) else "--",
            )  # fmt: skip
    axes.set_title("validation error in %, a line for each seed", loc="left", fontsize=11)
    axes.set(xscale="log", yscale="log", xlabel="epoch")
    # Plain numbers, where matplotlib would write powers of ten.
    axes.xaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_formatter("{x:g}")
    # From 6 on the numbers would lie upon each other.
    axes.yaxis.set_minor_formatter(lambda x, _: f"{x:g}" if f"{x:e}"[0] in "2345" else "")
    axes.grid(color=PALE, lw=0.7, which="both")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1), frameon=False, fontsize=9)
    return write(path, figure)
