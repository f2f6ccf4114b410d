"""Whole processes in turn: the warm-up is not counted, and one that fails stops no other."""

import sys

import pytest
from benchmarks import search
from benchmarks.job import Job
from benchmarks.processes import ProcessError, timed
from benchmarks.runs import interleaved


def test_runs_take_turns_and_the_first_of_each_is_not_counted(monkeypatch):
    monkeypatch.setattr("benchmarks.runs.REST_SECONDS", 0.0)
    seen = []

    def act(name):
        return lambda number: seen.append(name) or {"values": 10.0 * number, "accuracies": number}

    records = interleaved({"a": act("a"), "b": act("b")}, 2, lambda what, rounds: None)
    assert seen == ["a", "b", "b", "a", "a", "b"]
    assert records["a"] == {"values": [10.0, 20.0], "accuracies": [1, 2]}


def test_one_that_fails_is_named_with_its_last_line_and_the_other_goes_on():
    def broken(number):
        raise ProcessError("ValueError: it broke")

    records = interleaved(
        {"broken": broken, "good": lambda number: {"values": 1.0}}, 2, lambda what, rounds: None
    )
    assert records["broken"] == {"values": [], "error": "ValueError: it broke"}
    assert records["good"] == {"values": [1.0, 1.0]}


def test_a_process_that_fails_is_reported_by_the_last_line_that_it_wrote():
    with pytest.raises(ProcessError, match=r"^ZeroDivisionError: division by zero$"):
        timed([sys.executable, "-c", "1 / 0"])
    assert timed([sys.executable, "-c", "print(0.98)"])[1] == "0.98\n"


def test_the_worst_seed_must_pass_with_the_margin():
    assert search.passes([0.9812, 0.981, 0.99], 98)
    assert not search.passes([0.9812, 0.9809, 0.99], 98)


def test_only_settings_that_might_be_the_fastest_are_timed():
    small = Job((784, 10), 128, epochs=2)  # fewest multiplications
    large_batch = Job((784, 20, 10), 256, epochs=2)  # fewest updates
    beaten = Job((784, 20, 10), 128, epochs=2)  # more of one, no less of the other
    assert search.worth_timing([beaten, small, large_batch]) == [small, large_batch]
