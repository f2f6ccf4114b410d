"""`sweep` and `find-rate`: what they print, keep and refuse, and that no test row is read."""

import dataclasses
import json
import shlex
import signal
import sys
from pathlib import Path

import pytest
from PIL import Image

from clearprop.data import Dataset
from clearprop.errors import MissingExtraError
from clearprop.search import pictures
from clearprop.training import Fit

VARY = ("--vary", "learning_rate=0.01,0.1,0.3", "--vary", "dropout=0,0.2")


@pytest.fixture
def drawn(monkeypatch):
    """The calls that would draw a picture."""
    made = []
    monkeypatch.setattr(
        "clearprop.search.pictures.draw_sweep",
        lambda path, trials, title: made.append((path, trials, title)) or path,
    )
    return made


@pytest.fixture
def swept(run, tiny, recipe, drawn):
    """Return a function that sweeps over the tiny data set."""
    name = recipe()

    def call(*words):
        return run("sweep", name, "--set", "validation=50", *words)

    return call


class Untouchable:
    """Test rows that nobody may look at."""

    def __getattribute__(self, name):
        pytest.fail(f"the test rows were asked for {name}")

    def __len__(self):
        pytest.fail("the test rows were counted")


@pytest.fixture
def sealed(monkeypatch, tiny):
    """The tiny data set, whose test rows nobody may look at."""
    data = Dataset("mnist", tiny.train, Untouchable())
    monkeypatch.setattr("clearprop.data.datasets.load", lambda name, **_: data)


def test_no_test_row_is_touched(sealed, swept, run, folder):
    assert swept(*VARY).code == 0
    assert swept(*VARY, "--search", "random", "--trials", 2, "--json").code == 0
    assert run("sweep", "--data", "mnist", "--seeds", 2, "--epochs", 1).code == 0
    assert run("find-rate", "tiny.toml", "--plot", "rate.png").code == 0


def test_the_check_above_can_fail(sealed, run, recipe):
    with pytest.raises(pytest.fail.Exception, match="the test rows were"):
        run("train", recipe())


def test_whether_a_recipe_is_refitted_makes_no_other_sweep(swept):
    first = swept("--vary", "dropout=0,0.2", "--set", "keep_best=false", "--out", "s.jsonl")
    again = swept(
        "--vary", "dropout=0,0.2", "--set", "keep_best=false", "--set", "refit=true",
        "--out", "s.jsonl",
    )  # fmt: skip
    assert (first.code, again.code) == (0, 0)
    # Nothing was trained again: the seconds are those of the first, too.
    assert again.out.splitlines()[:4] == first.out.splitlines()[:4]


def test_the_object_and_the_table_say_what_single_trainings_say(swept, run):
    said = swept(*VARY, "--seeds", 2, "--json", "--set", "keep_best=false")
    made = said.json
    assert said.code == 0
    assert made["planned"] == 12
    assert made["seeds"] == [0, 1]
    assert (made["rows"], made["measured_on"], made["search"]) == (50, "validation", "grid")
    assert len(made["trials"]) == 6
    accuracies = [trial["metrics"]["accuracy"] for trial in made["trials"]]
    assert accuracies == sorted(accuracies, reverse=True)
    assert made["best"] == made["trials"][0]["settings"]
    # The command that is offered makes the training of the first seed.
    words = shlex.split(made["command"])
    assert words[:3] == ["clearprop", "train", "tiny.toml"]
    again = run(*words[1:], "--json").json
    assert again["metrics"] == made["trials"][0]["seeds"][0]["metrics"]


def test_the_table_is_best_first_and_names_a_command(swept, drawn):
    said = swept(*VARY, "--seeds", 2)
    lines = said.out.splitlines()
    assert lines[0].split() == [
        "learning_rate", "dropout", "accuracy", "(%)", "loss", "seconds", "seeds"
    ]  # fmt: skip
    assert "±" in lines[1]
    best = lines[1].split()
    assert (
        f"best: learning_rate = {best[0]}, dropout = {best[1]}, {best[2]} ± {best[4]} % of 50 "
        "validation rows after the last epoch" in said.out
    )
    assert lines[-1] == (
        "train with it: clearprop train tiny.toml --set validation=50 "
        f"--set learning_rate={best[0]} --set dropout={best[1]}"
    )
    assert "12/12  learning_rate" in said.err
    assert "s left)" in said.err
    ((path, trials, title),) = drawn
    assert path.suffix == ".png"
    assert len(trials) == 6
    assert title == "A sweep of tiny: means of 2 seeds, bars: standard deviations"


def test_the_same_command_goes_on_and_a_new_one_has_a_file_of_its_own(swept, folder):
    first = swept(*VARY, "--json")
    again = swept(*VARY, "--json")
    assert again.json == first.json
    assert "/6  " in first.err
    assert "/6  " not in again.err
    (file,) = folder.glob("runs/sweep-tiny-*.jsonl")
    assert Path(first.json["file"]) == file
    assert len(file.read_text().splitlines()) == 7
    swept(*VARY, "--epochs", 1)
    assert len(list(folder.glob("runs/sweep-tiny-*.jsonl"))) == 2


def test_a_file_that_is_named_must_be_of_this_sweep(swept, tiny, monkeypatch):
    assert swept(*VARY, "--out", "s.jsonl").code == 0
    said = swept(*VARY, "--out", "s.jsonl", "--set", "l2=0.1", "--epochs", 2)
    assert said.code == 2
    assert said.err == (
        "clearprop: s.jsonl holds a sweep that differs in fit.epochs, model.l2; choose another "
        "file with --out\n"
    )
    other = dataclasses.replace(tiny, train=tiny.test)
    monkeypatch.setattr("clearprop.data.datasets.load", lambda name, **_: other)
    assert "differs in rows" in swept(*VARY, "--out", "s.jsonl").err


def test_ctrl_c_keeps_what_is_done(swept, monkeypatch, folder):
    def pressed(fit, *shown):
        record(fit, *shown)
        if fit.training.seed == 1 and fit.training.learning_rate == 0.1:
            signal.raise_signal(signal.SIGINT)

    record = Fit.record
    monkeypatch.setattr(Fit, "record", pressed)
    said = swept("--vary", "learning_rate=0.01,0.1", "--seeds", 2, "--json", "--out", "s.jsonl")
    assert said.code == 130
    assert said.json["interrupted"]
    assert "stopped by Ctrl-C, 3 of 4 trainings done; the same command resumes s.jsonl" in said.err
    assert [len(trial["seeds"]) for trial in said.json["trials"]] in ([1, 2], [2, 1])
    assert len((folder / "s.jsonl").read_text().splitlines()) == 4
    monkeypatch.setattr(Fit, "record", record)
    said = swept("--vary", "learning_rate=0.01,0.1", "--seeds", 2, "--json", "--out", "s.jsonl")
    assert said.code == 0
    assert said.err.count("learning_rate = ") == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("tiny.toml", *VARY), "tiny has no validation rows, and a sweep chooses by nothing else"),
        (("tiny.toml",), "there is nothing to compare: --vary learning_rate=0.001,0.01, or"),
        (("tiny.toml", "--seeds", "0", *VARY), "there is nothing to compare"),
        ((*VARY,), "name a recipe or a data set: clearprop sweep --data mnist"),
        (("mnist", *VARY), "mnist is data, not a recipe: clearprop sweep --data mnist"),
        (("val.toml", "--vary", "learning_rat=1,2"), "did you mean 'learning_rate'"),
        (("val.toml", "--vary", "optimizer=adam,adm"), "did you mean 'adam'"),
        (("val.toml", "--vary", "dropout=0..1", "--search", "optuna"), "dropout rate is 1"),
        (("val.toml", "--vary", "learning_rate"), "--vary takes KEY=VALUE,VALUE"),
        (("val.toml", "--vary", "learning_rate="), "--vary learning_rate lacks a value"),
        (("val.toml", "--vary", "seed=1,2"), "seed cannot be varied: --seeds 3"),
        (("val.toml", "--vary", "validation=0.1,0.2"), "settings are compared on the same rows"),
        (("val.toml", "--vary", "data.rows=1,2"), "settings are compared on the same rows"),
        (("val.toml", "--vary", "l2=0..1", "--search", "grid"), "l2 is a range"),
        (("val.toml", *VARY, "--trials", "3"), "--trials goes with random or optuna"),
        (("val.toml", *VARY, "--out", "folder"), "folder is not a regular file"),
    ],
)
def test_a_beginners_mistakes(run, tiny, recipe, folder, words, said):
    recipe()
    text = (folder / recipe("val.toml")).read_text()
    (folder / "val.toml").write_text(text.replace("[data]\n", "[data]\nvalidation = 50\n"))
    (folder / "folder").mkdir()
    told = run("sweep", *words)
    assert told.code in (2, 11)
    assert said in told.err
    assert told.out == ""
    assert not list(folder.glob("runs/*.jsonl"))


def test_all_that_diverge_are_reported_and_no_command_is_offered(swept):
    words = ("--vary", "learning_rate=1e5,1e6", "--set", "loss=squared_error")
    said = swept(*words)
    assert said.code == 0
    assert said.out.count("1 diverged") == 2
    assert said.out.splitlines()[-1] == "all of them diverged: try lower learning rates"
    made = swept(*words, "--json").json
    assert (made["best"], made["command"]) == (None, None)


def test_the_best_at_the_end_of_a_list_is_reported(swept):
    words = ("--vary", "learning_rate=1e-8,1e-7,0.3")
    assert "learning_rate is the largest that was tried" in swept(*words).out
    words = ("--vary", "learning_rate=1e-8,0.3,1e6", "--set", "loss=squared_error")
    assert "that was tried" not in swept(*words).out


def test_without_matplotlib_the_figures_are_there_all_the_same(swept, monkeypatch):
    def refuse(*_, **__):
        raise MissingExtraError("pictures need matplotlib", "plots")

    monkeypatch.setattr("clearprop.search.pictures.draw_sweep", refuse)
    said = swept(*VARY)
    assert said.code == 0
    assert "pictures need matplotlib" in said.err


def test_without_optuna(swept, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    said = swept(*VARY, "--search", "optuna")
    assert said.code == 10
    assert "--search optuna needs optuna" in said.err


def test_optuna_says_nothing_itself(swept):
    said = swept("--vary", "learning_rate=1e-3..1.0", "--search", "optuna", "--trials", 3)
    assert said.code == 0
    assert len(said.out.splitlines()) >= 5
    assert "[I" not in said.err


def test_quiet_is_quiet(swept):
    assert swept(*VARY, "--quiet").err == ""


def test_find_rate_draws_and_names_a_command(run, tiny, recipe, folder):
    said = run("find-rate", recipe(), "--plot", "rate.png", "--json")
    made = said.json
    assert said.err == "picture: rate.png\n"
    assert made["command"] == f"clearprop train tiny.toml --set learning_rate={made['suggestion']}"
    assert len(made["rates"]) == len(made["losses"]) == len(made["smoothed"]) == made["steps"]
    with Image.open(folder / "rate.png") as image:
        assert image.format == "PNG"
    text = run("find-rate", "tiny.toml", "--quiet").out
    assert text.startswith(f"learning_rate = {made['suggestion']:g}: here the smoothed loss falls")
    assert text.endswith(made["command"] + "\n")


def test_the_picture_of_a_sweep(swept, monkeypatch, folder):
    figures = []
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(pictures, "write_figure", lambda path, figure: figures.append(figure))
    from clearprop.search import Outcome, Trial

    trials = [
        Trial(
            one,
            tuple(
                Outcome(one, s, "accuracy", {"accuracy": a + s / 100, "loss": 0.5}, 1.0, 3, "numpy")
                for s in range(2)
            ),
        )
        for one, a in (({"rate": 0.1, "kind": "b"}, 0.9), ({"rate": 0.001, "kind": "a"}, 0.8))
    ]
    trials.append(Trial({"rate": 9.0, "kind": "c"}, (Outcome({}, 0, "", {}, 0.0, 0, ""),)))
    pictures.draw_sweep("x.png", trials, title="mine")
    rate, kind = figures[0].axes
    assert (rate.get_xscale(), kind.get_xscale()) == ("log", "linear")
    # The best is drawn last, at its mean; what diverged is left out.
    points = [line.get_xydata().tolist() for line in rate.lines]
    assert points == [[[0.001, pytest.approx(80.5)]], [[0.1, pytest.approx(90.5)]]]
    assert [label.get_text() for label in kind.get_xticklabels()] == ["a", "b"]
    assert json.dumps([trial.as_dict() for trial in trials])
