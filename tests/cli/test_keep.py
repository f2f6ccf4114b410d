"""`reproduce --keep`: seeds that are kept, gone on with, not trained twice, and their figures."""

import json
import shutil
import signal
import statistics
from pathlib import Path

import pytest

from clearprop.locking import FolderLock

KEYS = {
    "recipe", "versions", "command", "validation_accuracy_mean", "test_accuracy_mean",
    "test_accuracy_std", "seeds",
}  # fmt: skip
KEEP = ("--keep", "kept", "--results", "results")


@pytest.fixture
def kept(folder, recipe):
    """Return a function that writes a recipe with validation rows, and keeps its seeds."""

    def write(file="tiny.toml", old="", new="", **words):
        path = folder / recipe(file, **words)
        text = path.read_text().replace("[model]", "validation = 50\n[model]")
        path.write_text(text.replace(old, new) if old else text)
        return path.name

    return write


def figures(name="tiny"):
    """Return the figures of a recipe."""
    return json.loads(Path("results", f"{name}.json").read_text())


def test_figures_are_those_of_the_same_trainings(run, tiny, kept):
    said = run("reproduce", kept(), *KEEP, "--seeds", "0,1,2", "--json")
    (row,) = said.json
    assert said.code == 0
    alone = [run("train", "tiny.toml", "--seed", seed, "--json").json for seed in (0, 1, 2)]
    made = figures()
    assert made.keys() == KEYS
    tests = [one["test_accuracy"] for one in alone]
    assert [one["test"] for one in made["seeds"]] == tests
    assert [one["seed"] for one in made["seeds"]] == [0, 1, 2]
    validations = [one["metrics"]["accuracy"] for one in alone]
    assert [one["validation"] for one in made["seeds"]] == validations
    assert len(set(tests)) > 1
    assert made["test_accuracy_mean"] == pytest.approx(statistics.mean(tests))
    assert made["test_accuracy_std"] == pytest.approx(statistics.stdev(tests))
    assert made["validation_accuracy_mean"] == pytest.approx(statistics.mean(validations))
    assert (row["measured"], row["deviation"], row["seeds"]) == (
        made["test_accuracy_mean"], made["test_accuracy_std"], 3,
    )  # fmt: skip
    assert made["versions"]["engine"] == "numpy"
    assert made["command"].endswith(
        "tiny.toml --keep runs/kept --results docs/results --seeds 0,1,2"
    )
    for seed in (0, 1, 2):
        model = Path("kept", "tiny", f"seed-{seed}", "model.safetensors")
        assert model.read_bytes() == Path(alone[seed]["model"]).read_bytes()


@pytest.fixture
def refitted(kept):
    """Return a function that writes a recipe whose seeds are trained twice."""
    return lambda **words: kept(old="[fit]", new="[fit]\nkeep_best = false\nrefit = true", **words)


def record(place):
    """Return the history of a kept training."""
    return json.loads(Path("kept", place, "history.json").read_text())


def test_a_refitted_seed_is_judged_without_the_validation_rows_and_stands_with_them(
    run, tiny, refitted
):
    name = refitted()
    (row,) = run("reproduce", name, *KEEP, "--seeds", "0,1", "--json").json
    for seed, one in enumerate(figures()["seeds"]):
        first = run("train", name, "--seed", seed, "--json").json
        whole = ("--set", "data.validation=0", "--set", "refit=false")
        second = run("train", name, "--seed", seed, *whole, "--json").json
        assert one["validation"] == first["metrics"]["accuracy"]
        assert one["test"] == second["test_accuracy"]
        assert one["refit"] is True
        assert Path(first["model"]).read_bytes() != Path(second["model"]).read_bytes()
        # Nobody looked at the test rows before the network that stands was there.
        assert record(f"tiny/seed-{seed}")["result"]["test_accuracy"] is None
        model = Path("kept/tiny", f"refit-{seed}", "model.safetensors")
        assert model.read_bytes() == Path(second["model"]).read_bytes()
    assert row["measured"] == figures()["test_accuracy_mean"]
    # Three epochs, twice, of two seeds.
    assert row["epochs"] == 12


def test_the_minutes_of_a_refitted_seed_are_both_trainings(run, tiny, refitted):
    run("reproduce", refitted(), *KEEP)
    for place, seconds in (("tiny/seed-0", 20.0), ("tiny/refit-0", 40.0)):
        made = record(place)
        made["history"]["seconds"] = [seconds] * 3
        Path("kept", place, "history.json").write_text(json.dumps(made))
    run("reproduce", "tiny.toml", *KEEP)
    assert figures()["seeds"][0]["minutes"] == 3.0


def test_a_refitted_seed_that_was_stopped_between_its_trainings_goes_on(run, tiny, refitted):
    name = refitted()
    run("reproduce", name, *KEEP)
    before = figures()
    shutil.rmtree("kept/tiny/refit-0")
    Path("results/tiny.json").unlink()
    said = run("reproduce", name, *KEEP)
    assert "kept/tiny/seed-0: already trained" in said.err
    (now,), (then,) = figures()["seeds"], before["seeds"]
    assert (now["test"], now["validation"]) == (then["test"], then["validation"])


def test_a_seed_that_is_refitted_no_longer_is_measured_once_it_stands(run, tiny, refitted, kept):
    run("reproduce", refitted(), *KEEP, "--seeds", "0,1")
    shutil.rmtree("results")
    name = kept(old="[fit]", new="[fit]\nkeep_best = false")
    assert run("reproduce", name, *KEEP, "--seeds", "0,1").code == 0
    alone = [run("train", name, "--seed", seed, "--json").json for seed in (0, 1)]
    assert [one["test"] for one in figures()["seeds"]] == [one["test_accuracy"] for one in alone]
    result = record("tiny/seed-1")["result"]
    assert result["test_accuracy"] == alone[1]["test_accuracy"]
    assert result["test_metrics"] == alone[1]["test_metrics"]
    assert "refit" not in figures()["seeds"][0]


def test_a_second_training_of_other_settings_is_reported_before_the_first(run, tiny, refitted):
    run("reproduce", refitted(), *KEEP)
    shutil.rmtree("kept/tiny/seed-0")
    said = run("reproduce", refitted(rate=0.05), *KEEP)
    assert "kept/tiny/refit-0 holds a training with other settings" in said.out
    assert not Path("kept/tiny/seed-0").exists()


@pytest.mark.parametrize("part", ["recipe", "claim", "variant"])
def test_a_refitted_recipe_needs_a_place_for_its_networks(run, tiny, refitted, part):
    path = Path(refitted())
    if part != "recipe":
        text = path.read_text().replace("refit = true\n", "")
        claim = 'source = "nobody"'
        changes = {
            "claim": text.replace(claim, f"{claim}\nsettings = {{ refit = true }}"),
            "variant": f'{text}\n[[variants]]\ntitle = "v"\nsettings = {{ refit = true }}\n',
        }
        path.write_text(changes[part])
    said = run("reproduce", path, "--json")
    assert said.code == 2
    assert "say with --keep DIR where to keep the networks" in said.json[0]["message"]


def test_train_says_that_it_makes_the_first_of_two(run, tiny, refitted):
    assert (
        "clearprop reproduce tiny.toml --keep DIR trains it once more"
        in run("train", refitted()).err
    )


def test_minutes_and_curve_are_those_of_the_history(run, tiny, kept):
    run("reproduce", kept(), *KEEP)
    (seed,) = figures()["seeds"]
    history = json.loads(Path("kept/tiny/seed-0/history.json").read_text())["history"]
    assert seed["minutes"] == round(sum(history["seconds"]) / 60, 3)
    assert [value for _, value in seed["curve"]] == [round(x, 5) for x in history["val_accuracy"]]
    assert [epoch for epoch, _ in seed["curve"]] == [1, 2, 3]
    assert seed.keys() == {"seed", "validation", "test", "minutes", "curve"}
    # One seed has no deviation between seeds.
    assert figures()["test_accuracy_std"] is None


def test_a_curve_has_200_points_at_most_with_the_first_and_the_last():
    from clearprop.runs.laboratory.results import curve

    made = curve([i / 1001 for i in range(1001)])
    assert (len(made), made[0], made[-1]) == (200, (1, 0.0), (1001, 0.999))
    assert curve([0.5]) == [(1, 0.5)]
    assert [epoch for epoch, _ in curve([0.5] * 200)] == list(range(1, 201))


def test_a_finished_seed_is_not_trained_again(run, tiny, kept, monkeypatch):
    first = run("reproduce", kept(), *KEEP, "--json").json
    Path("results/tiny.json").unlink()
    monkeypatch.setattr("clearprop.runs.seeds.train", lambda *_: pytest.fail("trained again"))
    said = run("reproduce", "tiny.toml", *KEEP, "--json")
    assert said.json == first
    assert "kept/tiny/seed-0: already trained" in said.err
    assert figures()["test_accuracy_mean"] == first[0]["measured"]


def test_figures_are_written_after_every_seed_and_hold_all_that_are_there(
    run, tiny, kept, monkeypatch
):
    from clearprop.runs.laboratory import results

    written = []
    write = results.write
    monkeypatch.setattr(
        results, "write", lambda path, made: (written.append(made), write(path, made))
    )
    run("reproduce", kept(), *KEEP, "--seeds", "3,1")
    run("reproduce", "tiny.toml", *KEEP, "--seeds", "2")
    numbers = [[one["seed"] for one in made["seeds"]] for made in written]
    assert numbers == [[3], [1, 3], [1, 2, 3]]
    assert figures() == json.loads(json.dumps(written[-1]))


def test_figures_of_seeds_that_are_not_there_are_not_lost(run, tiny, kept):
    run("reproduce", kept(), *KEEP, "--seeds", "0,1")
    shutil.rmtree("kept")
    before = Path("results/tiny.json").read_bytes()
    said = run("reproduce", "tiny.toml", *KEEP, "--seeds", "1,2", "--json")
    assert said.code == 2
    assert "results/tiny.json has figures of seeds 0, and" in said.json[0]["message"]
    assert Path("results/tiny.json").read_bytes() == before
    assert not Path("kept").exists()
    assert run("reproduce", "tiny.toml", *KEEP, "--seeds", "0,1,2").code == 0


def test_a_recipe_that_changed_is_refused_unless_only_its_words_did(run, tiny, kept):
    run("reproduce", kept(), *KEEP)
    said = run("reproduce", kept(rate=0.2), *KEEP, "--json")
    assert said.code == 2
    (row,) = said.json
    assert row["measured"] is None
    assert row["message"] == (
        "kept/tiny/seed-0 holds a training with other settings (model.learning_rate); give the "
        "same ones, choose another folder, or move this one away"
    )
    words = kept(old='title = "tiny"', new='title = "new"', claim=0.1)
    assert "already trained" in run("reproduce", words, *KEEP).err


def test_another_process_trains_the_seed(run, tiny, kept):
    with FolderLock(Path("kept/tiny/seed-0")):
        said = run("reproduce", kept(), *KEEP, "--json")
    assert said.code == 11
    assert said.json[0]["message"] == (
        "another process trains into kept/tiny/seed-0; wait for it, or choose another folder"
    )


def test_a_model_that_is_damaged_is_written_again(run, tiny, kept):
    run("reproduce", kept(), *KEEP)
    model = Path("kept/tiny/seed-0/model.safetensors")
    before, told = model.read_bytes(), figures()
    model.write_bytes(before[:-100])
    said = run("reproduce", "tiny.toml", *KEEP)
    assert "kept/tiny/seed-0 is damaged" in said.err
    assert (model.read_bytes(), figures()) == (before, told)


DIGITS = """
title = "long enough to be stopped"
[data]
name = "digits"
validation = 200
[model]
layers = [64, 16, 10]
optimizer = "momentum"
dropout = 0.1
learning_rate = 0.02
moving_average = 0.99
[fit]
epochs = 300
keep_best = false
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_and_resumed_is_the_same_model(spawn, folder, number):
    (folder / "stop.toml").write_text(DIGITS)
    words = ("reproduce", "stop.toml", "--seeds", "0,1", "--json")
    whole = spawn(*words, "--keep", "whole")
    running = spawn(*words, *KEEP)
    for line in running.stderr:
        if line.startswith("epoch") and line.split()[1].startswith("90/"):
            break
    running.send_signal(number)
    out, err = running.communicate()
    codes = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
    assert (running.returncode, out) == (codes[number], "")
    assert "Traceback" not in err
    assert not Path("kept/stop/seed-0/model.safetensors").exists()
    again = spawn(*words, *KEEP)
    out, err = again.communicate()
    (row,) = json.loads(out)
    assert row["seeds"] == 2
    assert ("resuming from step" in err) == (number != signal.SIGKILL)
    assert json.loads(whole.communicate()[0])[0]["measured"] == row["measured"]
    for seed in ("seed-0", "seed-1"):
        ours, theirs = (Path(k, "stop", seed, "model.safetensors") for k in ("kept", "whole"))
        assert ours.read_bytes() == theirs.read_bytes()
    assert figures("stop")["seeds"][0]["minutes"] > 0


def test_test_rows_are_read_once_and_after_the_training(run, tiny, kept, monkeypatch):
    from clearprop import MLP

    told = []
    fit, evaluate = MLP.fit, MLP.evaluate
    monkeypatch.setattr(MLP, "fit", lambda *a, **k: (fit(*a, **k), told.append("trained"))[0])
    monkeypatch.setattr(
        MLP, "evaluate", lambda self, x: (told.append(len(x)), evaluate(self, x))[1]
    )
    show = '["test_each_epoch"]'
    assert run("reproduce", kept(show=show), *KEEP, "--seeds", "0,1").code == 0
    # Fifty are the validation rows, which are measured at the weights that stay.
    assert told == ["trained", 50, 60, "trained", 50, 60]


def test_variants_and_seeds_of_the_claim_are_kept_too(run, tiny, recipe, folder):
    more = 'seeds = 2\n[[variants]]\ntitle = "slow"\nsettings = { learning_rate = 1e-9 }\n'
    without = run("reproduce", recipe(more=more), "--json").json[0]
    (row,) = run("reproduce", "tiny.toml", *KEEP, "--json").json
    assert row["seeds"] == row["variants"][0]["seeds"] == 2
    for one, other in ((row, without), (row["variants"][0], without["variants"][0])):
        assert (one["measured"], one["deviation"]) == (other["measured"], other["deviation"])
    assert len(list(folder.glob("kept/tiny/with-*/seed-*/model.safetensors"))) == 2
    assert "already trained" in run("reproduce", "tiny.toml", *KEEP).err


def test_a_claim_about_validation_rows_is_measured_as_without_keep(run, tiny, kept):
    name = kept(old="[fit]", new="[fit]\nkeep_best = false")
    path = Path(name)
    path.write_text(path.read_text() + 'rows = "validation"\nlast_epochs = 2\nseeds = 2\n')
    without = run("reproduce", name, "--json").json[0]
    (row,) = run("reproduce", name, *KEEP, "--json").json
    assert row["measured"] == without["measured"] != row["test_accuracy"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--results", "r"), "add --keep DIR"),
        (("--seeds", "1"), "add --keep DIR"),
        (("--keep", "k", "--seeds", "1,x"), "--seeds takes numbers, as 0,1,2, not '1,x'"),
    ],
)
def test_options_that_do_not_fit(run, tiny, recipe, words, message):
    said = run("reproduce", recipe(), *words)
    assert said.code == 2
    assert message in said.err


def test_long_recipes_are_trained_only_where_they_are_named(run, tiny, recipe, monkeypatch):
    from clearprop import recipes

    path = Path(recipe("b.toml"))
    path.write_text("long = true\nminutes = 60\n" + path.read_text())
    monkeypatch.setattr(recipes, "names", lambda: [recipe("a.toml"), "b.toml"])
    said = run("reproduce", "--json")
    assert [row["recipe"] for row in said.json] == ["a"]
    assert "left out, since they are long: b.toml; name them to train them" in said.err
    named = run("reproduce", "b.toml", "--json")
    assert [row["recipe"] for row in named.json] == ["b"]
    assert "b is long; with --keep DIR it can be stopped and resumed" in named.err
    listed = run("recipes", "list").out.splitlines()
    assert "about 60 minutes a seed on one core" in listed[1]
    assert "minutes" not in listed[0]
