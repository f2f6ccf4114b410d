"""Write docs/layers.md: every kind of layer, what it stands for, and which engine runs it.

Usage:
    .venv/bin/python scripts/layers_table.py
"""

from pathlib import Path

from clearprop.engines.table import ENGINES
from clearprop.layers import KINDS, Layer, Operation, Place

PAGE = Path(__file__).parents[1] / "docs/layers.md"
HEAD = """# Layers

Written by `python scripts/layers_table.py` from the table of layers. `A` is what comes in, 1 the
number of the layer; the last of an example's operations is its result.

"""


def page() -> str:
    """Return the page."""
    columns = ["layer", "example", "what it makes", "what it learns", *ENGINES]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, kind in sorted(KINDS.items()):
        runs = ["no" if name in engine.cannot else "yes" for engine in ENGINES.values()]
        for example in kind.examples():
            road = list(example.operations(Place("layers.0", "1", (4,), "A")))
            cells = [f"`{name}`", example.words(), made(road), learned(example, road), *runs]
            lines.append(f"| {' | '.join(cells)} |")
    return HEAD + "\n".join(lines) + "\n"


def made(road: list[Operation]) -> str:
    """Return the formulas of a road, those inside of an operation before it."""
    told = []
    for one in road:
        told += [made(list(one.parts))] if one.parts else []
        told.append(f"{one.name} = {one.formula()}")
    return "; ".join(told)


def learned(layer: Layer, road: list[Operation]) -> str:
    """Return the names and shapes of what a road learns."""
    found = {name: p.shape for one in road for name, p in one.parameters.items()}
    return ", ".join(f"`{name[len('layers.0.') :]}` {shape}" for name, shape in found.items())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
