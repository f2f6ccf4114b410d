"""`train` that is stopped and resumed: by signals, by `--resume`, and what is refused."""

import json
import shutil
import signal

import pytest

from clearprop.locking import FolderLock
from clearprop.runs.folder import has_checkpoints
from clearprop.storage import read
from clearprop.training.background import Background

EPOCHS = 300
WORDS = ("train", "--data", "digits", "--epochs", EPOCHS, "--checkpoint-every", "40steps")


def started(spawn, *words, epoch=1, kept=None):
    """Return a training that has made so many epochs; in an epoch of it there are 11 steps.

    Where its folder is given, it has a checkpoint too: a thread writes it, at its own pace.
    """
    running = spawn(*WORDS, *words)
    for line in running.stdout:
        made = int(line.split()[1].partition("/")[0]) if line.startswith("epoch ") else 0
        if made >= epoch and (kept is None or has_checkpoints(kept)):
            return running
    pytest.fail(running.stderr.read())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_training_that_was_ended_resumes_to_the_same_file(spawn, folder, number):
    running = started(spawn, "--out", "stopped", epoch=40, kept=folder / "stopped")
    running.send_signal(number)
    _, err = running.communicate()
    assert running.returncode == (143 if number == signal.SIGTERM else -number)
    assert "Traceback" not in err
    assert not (folder / "stopped" / "model.safetensors").exists()
    out, err = spawn(*WORDS, "--out", "stopped", "--resume", "auto", "--json").communicate()
    made = json.loads(out)
    assert 40 <= made["resumed_from"] < made["steps"]
    whole = json.loads(spawn(*WORDS, "--out", "whole", "--json").communicate()[0])
    ours, theirs = read(made["model"]), read(whole["model"])
    assert ours[0] == theirs[0]
    for name, tensor in theirs[1].items():
        assert ours[1][name].tobytes() == tensor.tobytes()
    for key in ("metrics", "test_metrics", "test_accuracy", "epochs", "steps"):
        assert made[key] == whole[key]


def test_sigterm_says_how_to_go_on(spawn):
    running = started(spawn, "--out", "stopped")
    running.send_signal(signal.SIGTERM)
    _, err = running.communicate()
    assert "resume with --resume stopped" in err
    assert err.splitlines()[-1] == "clearprop: stopped by SIGTERM"


def test_where_there_is_nothing_a_training_begins_and_a_finished_one_is_not_made_again(run, tiny):
    words = ("train", "--data", "mnist", "--epochs", 3, "--out", "o", "--resume", "auto", "--json")
    first, again = run(*words), run(*words)
    assert first.json["resumed_from"] == 0
    assert again.json == first.json | {"resumed_from": first.json["steps"]}
    assert "already finished" in again.err


def test_a_stopped_training_is_not_started_again_over_its_checkpoints(run, tiny, folder):
    assert run("train", "--data", "mnist", "--epochs", 3, "--out", "o").code == 0
    (folder / "o" / "history.json").unlink()
    said = run("train", "--data", "mnist", "--epochs", 3, "--out", "o")
    assert said.code == 2
    assert "resume it (--resume auto), or choose another folder" in said.err
    said = run("train", "--data", "mnist", "--epochs", 4, "--out", "o", "--resume", "auto")
    assert said.code == 2
    assert "o holds a training with other settings (fit.epochs)" in said.err


def test_a_finished_training_with_other_settings_is_not_taken_for_this_one(run, tiny):
    assert run("train", "--data", "mnist", "--epochs", 3, "--out", "o").code == 0
    said = run("train", "--data", "mnist", "--epochs", 4, "--out", "o", "--resume", "auto")
    assert said.code == 2
    assert "o holds a training with other settings (fit.epochs)" in said.err


def test_resume_takes_the_newest_run_of_the_recipe_or_the_one_that_is_named(run, tiny, folder):
    words = ("train", "--data", "mnist", "--epochs", 3)
    assert run(*words).code == 0
    for named in (("auto",), ("runs/mnist",), ("runs/mnist/checkpoints",)):
        said = run(*words, "--resume", *named, "--json")
        assert said.json["resumed_from"] > 0
    assert [path.name for path in (folder / "runs").iterdir()] == ["mnist"]


def test_a_folder_alone_says_what_to_go_on_with(run, tiny, folder):
    words = ("train", "--data", "mnist", "--epochs", 3, "--seed", 5, "--out", "o")
    whole = run(*words, "--json").json
    (folder / "o" / "history.json").unlink()
    said = run("train", "--resume", "o", "--json").json
    assert said["resumed_from"] == whole["steps"]
    assert said["test_metrics"] == whole["test_metrics"]


def test_auto_goes_on_with_the_newest_run_of_exactly_these_settings(run, tiny, folder):
    for epochs in (2, 3):
        assert run("train", "--data", "mnist", "--epochs", epochs).code == 0
    said = run("train", "--data", "mnist", "--epochs", 2, "--resume", "auto", "--json")
    assert said.json["model"] == str(folder / "runs" / "mnist" / "model.safetensors")
    said = run("train", "--data", "mnist", "--epochs", 1, "--resume", "auto", "--json")
    assert said.json["resumed_from"] == 0
    assert said.json["model"] == str(folder / "runs" / "mnist-3" / "model.safetensors")


def test_a_training_of_a_version_whose_recipes_said_less_is_resumed(run, tiny, folder):
    words = ("train", "--data", "mnist", "--epochs", 3, "--out", "o", "--resume", "auto")
    run(*words)
    place = folder / "o" / "recipe.json"
    table = json.loads(place.read_text())
    place.write_text(json.dumps({key: table[key] for key in table if key != "long"}))
    assert "already finished" in run(*words).err


def test_a_finished_training_whose_model_was_removed_writes_it_again(run, tiny, folder):
    words = ("train", "--data", "mnist", "--epochs", 2, "--out", "o", "--resume", "auto")
    assert run(*words).code == 0
    model = folder / "o" / "model.safetensors"
    before = model.read_bytes()
    model.unlink()
    assert run(*words).code == 0
    assert model.read_bytes() == before


def test_a_record_that_is_damaged_is_no_result(run, tiny, folder):
    words = ("train", "--data", "mnist", "--epochs", 2, "--out", "o", "--resume", "auto")
    assert run(*words).code == 0
    whole = (folder / "o" / "history.json").read_text()
    half_a_character = whole.replace('"engine": "', r'"\ud800": "')
    accuracy = json.loads(whole)["result"]["test_accuracy"]
    infinite = whole.replace(f'"test_accuracy": {accuracy}', '"test_accuracy": -Infinity')
    assert whole not in (half_a_character, infinite)
    for text in (half_a_character, infinite, '{"result": {}}', "{", "[]", "nonsense"):
        (folder / "o" / "history.json").write_text(text)
        assert run(*words, "--json").json["test_accuracy"] is not None


def test_a_training_over_a_finished_one_can_be_resumed_as_well(spawn, folder):
    words = ("train", "--data", "digits", "--out", "o", "--checkpoint-every", "40steps")
    spawn(*words, "--epochs", 1).communicate()
    assert (folder / "o" / "history.json").exists()
    running = started(spawn, "--out", "o", epoch=40, kept=folder / "o")
    running.kill()
    running.communicate()
    again = spawn(*words, "--epochs", EPOCHS)
    assert "holds a training that was stopped" in again.communicate()[1]
    out, _ = spawn(*words, "--epochs", EPOCHS, "--resume", "auto", "--json").communicate()
    assert json.loads(out)["epochs"] == EPOCHS


def test_a_folder_that_another_process_trains_into_is_refused(run, tiny, folder):
    with FolderLock(folder / "o"):
        said = run("train", "--data", "mnist", "--out", "o")
    assert said.code == 11
    assert said.err.startswith("clearprop: another process trains into o")
    assert run("train", "--data", "mnist", "--out", "o").code == 0


def test_a_training_that_diverges_names_the_last_checkpoint(run, tiny, folder):
    said = run(
        "train", "--data", "mnist", "--out", "o", "--checkpoint-every", "1steps",
        "--set", "optimizer=sgd", "--set", "learning_rate=1e5",
    )  # fmt: skip
    assert said.code == 8
    assert "the last checkpoint before it is o/checkpoints/step-" in said.err


@pytest.mark.parametrize("named", ["nothing", "."])
def test_a_folder_without_a_training_is_refused(run, tiny, named):
    said = run("train", "--data", "mnist", "--resume", named)
    assert said.code == 2
    assert "is not the folder of a training" in said.err


@pytest.mark.parametrize("every", ["soon", "0steps", "5", "-3s", "1.5epochs"])
def test_how_often_is_a_number_with_what_it_counts(run, tiny, every):
    said = run("train", "--data", "mnist", f"--checkpoint-every={every}")
    assert said.code == 2
    assert "200steps, 2epochs or 30s" in said.err


@pytest.fixture
def none_is_skipped(monkeypatch):
    """Have every checkpoint written before the next is taken: a waiting one makes room for it."""
    put = Background.put

    def put_and_wait(self, piece):
        put(self, piece)
        self.drain()

    monkeypatch.setattr(Background, "put", put_and_wait)


def test_a_damaged_checkpoint_is_reported_and_the_one_before_it_taken(
    run, tiny, folder, none_is_skipped
):
    words = (
        "train",
        "--data",
        "mnist",
        "--epochs",
        3,
        "--out",
        "o",
        "--checkpoint-every",
        "1epochs",
    )
    whole = run(*words, "--json").json
    checkpoints = sorted((folder / "o" / "checkpoints").glob("step-*.safetensors"))
    assert len(checkpoints) > 1
    data = bytearray(checkpoints[-1].read_bytes())
    data[-1] ^= 1
    checkpoints[-1].write_bytes(data)
    (folder / "o" / "history.json").unlink()
    said = run(*words, "--resume", "auto", "--json")
    assert "SHA-256" in said.err
    assert "passing it over" in said.err
    assert 0 < said.json["resumed_from"] < whole["steps"]
    assert said.json["test_metrics"] == whole["test_metrics"]
    shutil.rmtree(folder / "o")
