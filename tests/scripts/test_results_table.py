"""The page of results: figures become lines, and what was not run is said so."""

import json
import runpy
from pathlib import Path

import pytest

from clearprop import recipes
from clearprop.recipes import Recipe
from clearprop.recipes.recipe import Claim, Data

SCRIPTS = Path(__file__).parents[2] / "scripts"


@pytest.fixture
def script(monkeypatch):
    """The names in the script."""
    monkeypatch.syspath_prepend(SCRIPTS)
    return runpy.run_path(str(SCRIPTS / "results_table.py"))


@pytest.fixture
def three(monkeypatch):
    """Three recipes: one that met its target, one that missed it, one that was not run."""
    made = {
        name: Recipe(
            f"the {name}", Data(data), {"layers": [4, 2]}, claim=Claim({"accuracy": 0.98}, "me"),
            name=name, long=True,
        )
        for name, data in {"met": "mnist", "missed": "fashion-mnist", "waiting": "mnist"}.items()
    }  # fmt: skip
    monkeypatch.setattr(recipes, "names", lambda: list(made))
    monkeypatch.setattr(recipes, "load", made.get)


def seed(number, validation, test, minutes):
    return {
        "seed": number, "validation": validation, "test": test, "minutes": minutes,
        "curve": [[1, 0.5], [2, validation]],
    }  # fmt: skip


def write(folder, name, mean, std, seeds, **more):
    figures = {
        "recipe": name, "versions": {}, "command": "c", "validation_accuracy_mean": 0.97,
        "test_accuracy_mean": mean, "test_accuracy_std": std, "seeds": seeds,
    }  # fmt: skip
    (folder / f"{name}.json").write_text(json.dumps(figures | more))


def test_the_page_holds_what_was_measured(script, three, tmp_path):
    (tmp_path / "results").mkdir()
    seeds = [seed(0, 0.97, 0.984, 2.0), seed(1, 0.97, 0.986, 3.0)]
    write(tmp_path / "results", "met", 0.985, 0.0014142, seeds)
    members = [{"recipe": "met", **seed(k, 0.96, 0.95, 1.5)} for k in (0, 1)]
    write(tmp_path / "results", "missed", 0.9675, None, [seed(0, 0.97, 0.9675, 3)], members=members)
    page = tmp_path / "results.md"
    page.write_text(f"before\n{script['BEGIN']}\nold\n{script['END']}\nafter\n")
    for _ in range(2):
        script["main"](tmp_path)
    lines = page.read_text().splitlines()
    assert (lines[0], lines[1], lines[-2], lines[-1]) == (
        "before", script["BEGIN"], script["END"], "after",
    )  # fmt: skip
    assert lines[-4:-2] == ["", "![Validation errors over the epochs](images/results_curves.png)"]
    assert lines[4:-4] == [
        "| `met` | the met | ≥ 98.00 % | 97.00 % | 98.50 % ± 0.14 % (2 seeds) | 2.5 | met |",
        "| `missed` | the missed | ≥ 98.00 % | 97.00 % | 96.75 % (2 networks together) | 3.0 | "
        "**missed by 1.25 %** |",
        "|  | `met`, seed 0 | - | 96.00 % | 95.00 % | 1.5 | - |",
        "|  | `met`, seed 1 | - | 96.00 % | 95.00 % | 1.5 | - |",
        "| `waiting` | the waiting | ≥ 98.00 % | - | not run yet | - | - |",
    ]
    assert (tmp_path / "images/results.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "images/results_curves.png").exists()


def test_nothing_was_run_yet(script, three, tmp_path):
    page = tmp_path / "results.md"
    page.write_text(f"{script['BEGIN']}\n{script['END']}\n")
    script["main"](tmp_path)
    assert page.read_text().count("not run yet") == 3
    # Of published errors there is a picture; of curves there is none.
    assert (tmp_path / "images/results.png").exists()
    assert not (tmp_path / "images/results_curves.png").exists()
