"""Means and standard deviations against the statistics module, and the order of trials."""

import statistics

import pytest

from clearprop.search.outcomes import Outcome, SeedMean, Trial, ranked


def trial(name, accuracies, losses=None):
    losses = losses or [0.5] * len(accuracies)
    return Trial({"a": name}, tuple(map(outcome, range(len(losses)), accuracies, losses)))


def outcome(seed, accuracy, loss, metric="accuracy"):
    learned = accuracy is not None
    metrics = {"loss": loss, metric: accuracy} if learned else {}
    return Outcome({"a": 1}, seed, metric if learned else "", metrics, 1.0 + seed, 3, "")


def test_figures_are_those_of_the_statistics_module():
    values = [0.91, 0.93, 0.97]
    one = trial("x", values)
    assert one.figure("accuracy") == (statistics.mean(values), statistics.stdev(values))
    assert one.figure("seconds") == (2.0, 1.0)
    assert trial("x", [0.5]).figure("accuracy") == (0.5, None)
    assert SeedMean.of([]) is None
    # By hand: the mean is (1 + 3)/2 = 2, the standard deviation √(((1-2)² + (3-2)²)/1) = √2.
    assert SeedMean.of([1.0, 3.0]) == (2.0, pytest.approx(2**0.5))


def test_the_best_comes_first_and_what_diverged_last():
    made = [
        trial("worse", [0.5, 0.5]),
        trial("all diverged", [None, None]),
        trial("one diverged", [0.99, 0.99, None]),
        trial("best", [0.8, 0.6]),
        trial("as good, higher loss", [0.6, 0.8], [0.9, 0.9]),
    ]
    names = [one.settings["a"] for one in ranked(made)]
    assert names == ["best", "as good, higher loss", "worse", "one diverged", "all diverged"]


def test_a_seed_that_diverged_counts_nothing_in_the_score_and_is_no_part_of_the_mean():
    one = trial("x", [0.8, None])
    assert one.score == 0.4
    assert one.figure("accuracy") == (0.8, None)
    assert one.diverged == 1
    plain = one.as_dict()
    assert [seed["metrics"].get("accuracy") for seed in plain["seeds"]] == [0.8, None]
    assert (plain["metrics"], plain["diverged"]) == ({"loss": 0.5, "accuracy": 0.8}, 1)
    assert plain["deviations"]["accuracy"] is None
