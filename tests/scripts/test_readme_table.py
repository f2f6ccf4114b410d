"""The README's table of recipes: each row in the words of its own metric."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "readme_table.py"
ROW = {
    "recipe": "one", "title": "the one", "metric": "accuracy", "claim": 0.9, "measured": 0.95,
    "met": True, "holds": True, "settings": {}, "measured_on": "test", "deviation": None,
    "best": 0.95, "seeds": 1, "reference": None, "reference_source": "",
    "test_metrics": {"accuracy": 0.95}, "variants": [],
}  # fmt: skip


@pytest.fixture
def table():
    """The function that makes the table, of the script as it is run."""
    spec = importlib.util.spec_from_file_location("readme_table", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.table


def test_shares_are_percentages_and_a_variant_has_a_line_of_its_own(table):
    variant = {"title": "another", "measured": 0.8, "seeds": 1}
    lines = table([ROW | {"variants": [variant]}]).splitlines()
    assert lines[2:] == [
        "| `one` | the one | 90.00 % | 95.00 % | yes |",
        "| | another | - | 80.00 % | - |",
    ]


def test_other_metrics_are_numbers_and_a_claim_that_is_missed_is_bold(table):
    made = ROW | {"metric": "rmse", "claim": 0.5, "measured": 0.75, "met": False}
    assert table([made]).splitlines()[2] == "| `one` | the one | 0.5 | 0.75 | **NO** |"
