"""Grids, draws and Optuna's proposals."""

import builtins
import sys

import numpy as np
import pytest
from scipy import stats

from clearprop.errors import MissingExtraError, SettingError
from clearprop.search.proposals import TreeParzen, drawn, grid
from clearprop.search.varied import varied


def test_a_grid_is_every_combination():
    made = grid(varied(["a=1,2", "b=x,y,z"]))
    assert made == [
        {"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 1, "b": "z"},
        {"a": 2, "b": "x"}, {"a": 2, "b": "y"}, {"a": 2, "b": "z"},
    ]  # fmt: skip
    assert grid([]) == [{}]


def test_a_grid_of_a_range_or_without_end_is_refused():
    with pytest.raises(SettingError, match="b is a range"):
        grid(varied(["a=1,2", "b=0..1"]))
    ten = ",".join(map(str, range(10)))
    with pytest.raises(SettingError, match="a grid of 1,000,000 combinations"):
        grid(varied([f"{key}={ten}" for key in "abcdef"]))


def test_draws_are_spread_as_scipy_says():
    made = drawn(varied(["rate=1e-4..1e-1", "kind=a,b"]), 400, seed=3)
    rates = [one["rate"] for one in made]
    assert stats.kstest(rates, stats.loguniform(1e-4, 1e-1).cdf).pvalue > 0.01
    assert 150 < sum(one["kind"] == "a" for one in made) < 250
    # The two settings of a draw have nothing to do with each other.
    kinds = np.array([one["kind"] == "a" for one in made])
    assert stats.ks_2samp(np.array(rates)[kinds], np.array(rates)[~kinds]).pvalue > 0.01


def test_more_trials_are_the_same_ones_and_more():
    space = varied(["rate=1e-4..1e-1"])
    assert drawn(space, 9, 1)[:4] == drawn(space, 4, 1)
    assert drawn(space, 4, 1) != drawn(space, 4, 2)


def test_equal_draws_are_one():
    made = drawn(varied(["kind=a,b"]), 50, 0)
    assert sorted(one["kind"] for one in made) == ["a", "b"]


SPACE = ["rate=1e-4..1.0", "size=8..64", "layers=[3,2],[3,4,2]", "kind=a,b"]


def proposed(seed: int, trials: int = 40):
    estimator, made = TreeParzen(varied(SPACE), seed), []
    for _ in range(trials):
        made.append(estimator.ask())
        estimator.tell(-abs(np.log10(made[-1]["rate"]) + 2.0))
    return made


def test_the_estimator_is_seeded_and_learns_from_what_it_is_reported(capfd):
    made = proposed(1)
    assert made == proposed(1)
    assert made[:5] != proposed(2, 5)
    for one in made:
        assert list(one) == ["rate", "size", "layers", "kind"]
        assert 1e-4 <= one["rate"] <= 1.0
        assert one["size"] in range(8, 65)
        assert one["layers"] in ([3, 2], [3, 4, 2])
    # The best is at a rate of 0.01. Draws alone would lie a decade from it in the median; the
    # first ten proposals are such.
    distances = [abs(np.log10(one["rate"]) + 2.0) for one in made]
    assert np.median(distances[10:]) < 0.6 < np.median(distances[:10])
    assert capfd.readouterr() == ("", "")


def test_optuna_speaks_as_before():
    import optuna

    before = optuna.logging.get_verbosity()
    proposed(0, 1)
    assert optuna.logging.get_verbosity() == before


def test_without_optuna_it_says_what_to_install(monkeypatch):
    def without(name, *rest):
        if name == "optuna":
            raise ImportError(name)
        return real(name, *rest)

    real = builtins.__import__
    monkeypatch.delitem(sys.modules, "optuna", raising=False)
    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"clearprop\[tune\]', or use --search random"):
        TreeParzen(varied(["a=0..1"]), 0)
