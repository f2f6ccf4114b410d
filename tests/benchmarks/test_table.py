"""The table tells who was absent, who failed and who did not learn."""

from benchmarks.remarks import remarks
from benchmarks.table import claims_table, figures, verdicts, work_table
from benchmarks.works import WORKS
from rich.console import Console

RECORDS = {
    "clearprop-jax": {"values": [1.0, 1.0], "accuracy": 0.97, "form": "fit"},
    "pytorch": {"values": [3.0, 3.5], "accuracy": 0.975, "form": "1 thread"},
    "pytorch-compiled": {"values": [2.0, 2.2], "accuracy": 0.2, "form": "model"},
    "equinox": {"values": [5.0, 5.0], "accuracy": 0.974},
    "flax": {"values": [], "missing": "flax is not installed"},
    "keras": {"values": [1.0], "error": "ValueError: it broke"},
}
RESULTS = {"epoch-128": {"contenders": RECORDS, "date": "today", "quick": False}}


def text_of(table) -> str:
    console = Console(width=160, no_color=True)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_a_contender_that_is_absent_or_failed_is_named_with_the_reason():
    said = text_of(work_table(WORKS["epoch-128"], RESULTS["epoch-128"]))
    assert "Flax NNX" in said
    assert "flax is not installed" in said
    assert "ValueError: it broke" in said


def test_the_others_are_sorted_by_their_medians():
    said = text_of(work_table(WORKS["epoch-128"], RESULTS["epoch-128"]))
    places = [said.index(name) for name in ("Clearprop", "PyTorch, compiled", "1 thread", "Flax")]
    assert places == sorted(places)


def test_an_accuracy_two_points_off_the_median_of_the_others_is_marked():
    assert remarks("pytorch-compiled", RECORDS) == ["its accuracy of 20.0 % is off the others'"]
    assert remarks("pytorch", RECORDS) == []


def test_runs_that_fell_short_are_counted_and_the_worst_is_shown():
    records = {"pytorch": {"values": [1.0, 2.0], "accuracies": [0.981, 0.979], "failures": 1}}
    assert figures("pytorch", records) == [
        "PyTorch", "1.5", "1 to 2", "97.90 %", "1 of 2 runs fell short of the accuracy",
    ]  # fmt: skip


def test_the_targets_stand_beside_what_was_measured():
    said = text_of(claims_table(RESULTS))
    row = next(line for line in said.splitlines() if "against PyTorch" in line)
    # The median of 2.0 and 2.2, of the compiled one, which is the faster.
    assert "PyTorch, compiled" in row
    assert [cell.strip() for cell in row.split("│")[2:6]] == [
        "≥ 2.5× faster", "2.10×", "2.00 to 2.20",
        # It did not learn, and the verdict says so.
        "missed by 16 %; PyTorch, compiled: its accuracy of 20.0",
    ]  # fmt: skip


def test_a_claim_that_nobody_can_answer_is_reported_as_not_measured():
    found = verdicts("epoch-128", {"clearprop-jax": RECORDS["clearprop-jax"]})
    assert found[0]["ratio"] is None
    assert found[0]["verdict"] == "not measured: pytorch, pytorch-compiled"
