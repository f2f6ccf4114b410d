"""A sweep against single trainings, in groups, gone on with, and broken off."""

import numpy as np
import pytest

from clearprop import MLP, many
from clearprop.data import from_arrays
from clearprop.errors import SettingError
from clearprop.search import Candidate, Journal, Sweep, together
from clearprop.search.sweep import Planned

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 4)).astype(np.float32)
ROWS = from_arrays(X[:80], X[:80, :3].argmax(axis=1))
HELD_OUT = from_arrays(X[80:], X[80:, :3].argmax(axis=1))


def maker(engine="numpy", **words):
    def make(settings, seed):
        made.append((dict(settings), seed))
        fit = {k: settings[k] for k in ("epochs", "batch_size", "steps") if k in settings}
        own = {k: v for k, v in settings.items() if k not in fit}
        model = MLP([4, 6, 3], engine=engine, seed=seed, precision="float64", **{**words, **own})
        return Candidate(model, **{"epochs": 3, "batch_size": 16, **fit})

    made = make.made = []
    return make


@pytest.mark.parametrize(
    "vary",
    [["learning_rate=0.003,0.1", "dropout=0,0.2"], ["batch_size=8,16", "l2=0,0.1"], ["steps=2,9"]],
)
def test_each_outcome_is_that_of_a_training_alone(engine, vary):
    make = maker(engine, lmbda=None)
    trials = Sweep(make, ROWS, HELD_OUT, vary, seeds=(3, 4, 5)).run()
    assert len(trials) == 2 ** len(vary)
    for trial in trials:
        assert [outcome.seed for outcome in trial.outcomes] == [3, 4, 5]
        for outcome in trial.outcomes:
            model, epochs, batch_size, steps = make(trial.settings, outcome.seed)
            history = model.fit(
                ROWS, epochs=epochs, batch_size=batch_size, steps=steps, validation_data=HELD_OUT
            )
            assert outcome.metrics["accuracy"] == history.val_accuracy[-1]
            assert outcome.metrics["loss"] == pytest.approx(history.val_loss[-1], rel=1e-9)
            assert outcome.epochs == len(history)
            assert outcome.engine == engine
    scores = [trial.score for trial in trials]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) > 1


def test_trainings_of_one_program_are_made_together_and_no_others(monkeypatch):
    monkeypatch.setattr(many, "cores", lambda: 2)
    make = maker("jax")
    planned = [
        Planned({"learning_rate": rate, "dropout": dropout}, seed)
        for rate in (0.1, 0.2, 0.3)
        for dropout in (0.0, 0.1, 0.2)
        for seed in range(3)
    ]
    made = list(together.groups(make, planned, 80))
    assert sorted(map(len, made)) == [2, 9, 16]
    for group in made:
        assert len({one.settings["dropout"] > 0 for one in group}) == 1
    assert sorted(one for group in made for one in map(str, group)) == sorted(map(str, planned))


@pytest.mark.parametrize(
    "different",
    [{"l2": 0.1}, {"lmbda": 3.0}, {"preparation": "standardize"}, {"activation": "tanh"},
     {"optimizer": "sgd"}, {"epochs": 4}, {"batch_size": 8}, {"steps": 4}],
)  # fmt: skip
def test_what_cannot_be_trained_together_is_not(different):
    planned = [Planned({}, 0), Planned(different, 0)]
    alike = [Planned({}, 0), Planned({}, 1)]
    for trainings, sizes in ((planned, [1, 1]), (alike, [2])):
        assert [len(one) for one in together.groups(maker("jax"), trainings, 80)] == sizes


@pytest.mark.parametrize(
    ("engine", "units", "cores", "size"),
    [("numpy", 6, 2, 1), ("jax", 6, 2, 16), ("jax", 6, 64, 64), ("jax", 10_000, 2, 4),
     ("jax", 60_000, 2, 2), ("auto", 6, 2, 1)],
)  # fmt: skip
def test_how_many_are_worth_training_together(engine, units, cores, size, monkeypatch):
    monkeypatch.setattr(many, "cores", lambda: cores)
    model = MLP([4, units, 3], engine=engine)
    assert many.worth_together(model, rows=80, epochs=3, batch_size=16) == size


def test_one_that_diverges_is_reported_and_comes_last():
    make = maker("jax", optimizer="sgd", loss="squared_error")
    trials = Sweep(make, ROWS, HELD_OUT, ["learning_rate=0.1,1e6"], seeds=(0, 1)).run()
    assert [trial.settings["learning_rate"] for trial in trials] == [0.1, 1e6]
    assert [trial.diverged for trial in trials] == [0, 2]
    assert trials[1].figure("accuracy") is None


def test_what_was_trained_is_not_trained_again(tmp_path):
    def run(seeds, vary):
        make = maker()
        with Journal({"a": 1}, tmp_path / "s.jsonl") as journal:
            trials = Sweep(make, ROWS, HELD_OUT, vary, seeds=seeds, journal=journal).run()
        return trials, {str(one) for one in make.made}

    first, made = run((0, 1), ["learning_rate=0.1,0.2"])
    assert len(made) == 4
    again, made = run((0, 1), ["learning_rate=0.1,0.2"])
    assert again == first
    assert not made
    more, made = run((0, 1, 2), ["learning_rate=0.1,0.2,0.3"])
    assert len(made) == 5
    assert {len(trial.outcomes) for trial in more} == {3}


@pytest.mark.parametrize("search", ["grid", "random", "optuna"])
def test_interrupted_and_resumed_it_ends_as_if_it_had_not_been(search, tmp_path):
    vary = ["learning_rate=0.1,0.2,0.3" if search == "grid" else "learning_rate=1e-3..1"]
    trials = None if search == "grid" else 3

    def sweep(name, told):
        with Journal({}, tmp_path / name) as journal:
            made = Sweep(maker(), ROWS, HELD_OUT, vary, seeds=(0, 1), search=search, trials=trials,
                         journal=journal, told=told)  # fmt: skip
            try:
                made.run()
            except KeyboardInterrupt:
                assert sum(len(trial.outcomes) for trial in made.trials()) == 3
            return made.trials()

    def press(outcomes, done, planned):
        assert planned == 6
        if done == 3:
            raise KeyboardInterrupt

    def figures(trials):
        return [(t.settings, [(o.seed, o.metrics) for o in t.outcomes]) for t in trials]

    whole = sweep("whole", lambda *_: None)
    assert len(whole) == 3
    assert len(sweep("cut", press)) == 2
    seen = []
    assert figures(sweep("cut", lambda *told: seen.append(told[1]))) == figures(whole)
    assert seen == [4, 5, 6]


def test_nothing_is_trained_where_one_of_the_settings_does_not_exist():
    told = []
    made = Sweep(maker(), ROWS, HELD_OUT, ["optimizer=sgd,adm"], told=lambda *_: told.append(1))
    with pytest.raises(SettingError, match="did you mean 'adam'"):
        made.run()
    assert not told


@pytest.mark.parametrize(
    ("words", "said"),
    [({"search": "bayes"}, "unknown search 'bayes'"), ({"trials": 3}, "--trials goes with random"),
     ({"search": "random", "trials": 0}, "one trial"), ({"seeds": ()}, "one seed")],
)  # fmt: skip
def test_what_does_not_fit(words, said):
    with pytest.raises(SettingError, match=said):
        Sweep(maker(), ROWS, HELD_OUT, ["l2=0,1"], **words)
