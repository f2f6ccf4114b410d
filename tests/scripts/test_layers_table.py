"""The page of layers is what the table of layers says."""

import runpy
from pathlib import Path

from clearprop.engines.table import ENGINES
from clearprop.layers import KINDS

SCRIPT = Path(__file__).parents[2] / "scripts/layers_table.py"


def test_the_page_is_up_to_date():
    script = runpy.run_path(str(SCRIPT))
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"]()


def test_an_engine_that_cannot_run_a_layer_is_shown(monkeypatch):
    known = ENGINES["numpy"]._replace(cannot=frozenset({"scale"}))
    monkeypatch.setitem(ENGINES, "numpy", known)
    page = runpy.run_path(str(SCRIPT))["page"]()
    scale = next(line for line in page.splitlines() if line.startswith("| `scale`"))
    assert scale.endswith("no |")
    assert page.count("| no |") == 1
    assert len(KINDS) <= page.count("| yes |")
