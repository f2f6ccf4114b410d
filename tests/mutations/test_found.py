"""What mutations found: outcomes of sweeps and records of runs that no training makes."""

import json

import pytest
from mutations.outcome import write
from mutations.specimens import SPECIMENS

from clearprop.errors import DataError, SettingError
from clearprop.recipes.recipe import Claim
from clearprop.runs.laboratory.measurement import claimed_value
from clearprop.runs.laboratory.results import curve
from clearprop.search import Journal

WHOLE = SPECIMENS["sweep"]
ABOUT = json.loads(WHOLE.data.splitlines()[0])["sweep"]


def changed(**words) -> bytes:
    """Return the sweep's file with something else in its first two outcomes."""
    first, *lines = WHOLE.data.splitlines()
    outcomes = [json.loads(line) for line in lines]
    for one in outcomes[:2]:
        one |= {name: value for name, value in words.items() if name != "metrics"}
        one["metrics"] |= words.get("metrics", {})
    return b"\n".join([first, *(json.dumps(one).encode() for one in outcomes), b""])


@pytest.mark.parametrize("words", [
    {"metric": "accurancy"}, {"metric": ""}, {"metric": "rmse"}, {"metrics": {"fame": 0.5}},
    {"metrics": {"accuracy": 1.5}}, {"metrics": {"brier": -1.0}},
], ids=str)  # fmt: skip
def test_an_outcome_that_cannot_be_is_a_damaged_line(words, tmp_path):
    path = tmp_path / "sweep.jsonl"
    path.write_bytes(changed(**words))
    with (
        pytest.raises(SettingError, match=r"sweep\.jsonl, line 2 is damaged"),
        Journal(ABOUT, path),
    ):
        pass


def test_figures_whose_mean_no_number_can_hold_are_none(tmp_path):
    path = tmp_path / "sweep.jsonl"
    path.write_bytes(changed(seconds=1.7e308, metrics={"loss": 1.7e308}))
    trials, text = WHOLE.read(path)
    huge = next(one for one in trials if one["settings"] == {"learning_rate": 0.01})
    assert (huge["seconds"], huge["metrics"]["loss"], huge["deviations"]["loss"]) == (None,) * 3
    assert huge["metrics"]["accuracy"] is not None
    assert "-" in text


def test_a_record_of_an_unknown_task_is_that_of_no_training_that_ended(tmp_path):
    whole = SPECIMENS["record of a run of values"]
    for task, says in (("values", True), ("value", False)):
        data = whole.data.replace(b'"task": "values"', f'"task": "{task}"'.encode())
        text = whole.read(write(whole, data, tmp_path / "files"))
        assert bool(text) is says


def claim(rows="test") -> Claim:
    return Claim({"log_loss": 0.5}, "a book", rows=rows, last_epochs=2 if rows != "test" else 1)


@pytest.mark.parametrize(("claimed_on", "test", "says"), [
    ("test", {"accuracy": 0.9}, "not measured of this network"),
    ("test", {"log_loss": None}, "says nothing about these test rows"),
    ("validation", None, "is not a number in the last epochs"),
])  # fmt: skip
def test_a_claim_about_what_is_no_number_is_refused(claimed_on, test, says):
    series = {"val_log_loss": [1.0, 0.5, None]}
    with pytest.raises(DataError, match=says):
        claimed_value(claim(claimed_on), "log_loss", test, series)


def test_a_curve_has_a_gap_where_a_record_has_no_number():
    assert curve([0.123456, None, 1.0]) == [(1, 0.12346), (2, None), (3, 1.0)]


def test_what_a_terminal_obeys_is_spelled_out_where_a_record_tells_it(tmp_path):
    whole = SPECIMENS["record of a run, looked at"]
    data = whole.data.replace(b"What is wrong", rb"What is \u001b[31mwrong")
    assert r"! What is \x1b[31mwrong" in whole.read(write(whole, data, tmp_path / "files"))
