"""The example of other tasks than classes does what the log of experiments says of it."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/numbers_and_labels.py"


@pytest.fixture
def example(unchecked_shapes):
    spec = importlib.util.spec_from_file_location("numbers_and_labels", EXAMPLE)
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def test_a_division_of_the_rows_gives_a_table(example, monkeypatch, capsys):
    monkeypatch.setattr(example, "SEEDS", range(2))
    monkeypatch.setattr(example, "L2", (0.01,))
    chosen = {name: p for name, p in example.problems().items() if "Friedman" in name}
    monkeypatch.setattr(example, "problems", lambda: chosen)
    with pytest.warns(Warning, match="Maximum iterations"):
        example.main()
    line = capsys.readouterr().out.splitlines()[1]
    linear, _, mine = (float(x) for x in re.findall(r"(\d\.\d+) ±", line))
    assert mine > linear + 0.05


def test_the_log_has_a_line_for_each_problem(example):
    log = (ROOT / "docs/experiments.md").read_text(encoding="utf-8")
    for name in example.problems():
        assert re.search(rf"^{re.escape(name)} +\d\.\d+ ± ", log, re.MULTILINE), name
