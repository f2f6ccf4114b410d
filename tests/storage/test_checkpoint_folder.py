"""A folder of checkpoints: whatever is damaged, the newest that is whole is found."""

import functools
import hashlib
import json
import os

import numpy as np
import pytest

from clearprop import MLP, errors
from clearprop.network import initial_state, program
from clearprop.storage import Checkpoint, checkpoint_folder
from clearprop.storage.checkpoint_folder import keep, newest, prune, set_aside

STEPS = (10, 20, 30)


@functools.cache
def checkpoint(steps):
    """Return a checkpoint of a small network with every kind of tensor."""
    model = MLP([4, 3, 2], batch_norm=True, moving_average=0.9, seed=steps)
    state = initial_state(
        np, program(model.network, model.settings), model.parameters, model.statistics
    )
    card = model.card
    return Checkpoint(
        card.network, card.training, card.inputs, card.targets, state, steps, 1, {"loss": [0.25]}
    )


def same(one, other):
    """Return whether two checkpoints are alike to the last bit."""
    parts = zip(one.state, other.state, strict=True)
    return one._replace(state=None) == other._replace(state=None) and all(
        mine.keys() == theirs.keys() and all(mine[n].tobytes() == theirs[n].tobytes() for n in mine)
        for mine, theirs in parts
    )


@pytest.fixture
def folder(tmp_path):
    """Three checkpoints, each better than the one before."""
    for steps in STEPS:
        keep(tmp_path, checkpoint(steps), steps / 100)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def of_step(folder, steps, end=".safetensors"):
    (path,) = folder.glob(f"step-*{steps}{end}")
    return path


def found(folder):
    """Return the step of the newest checkpoint, which must be what was saved, and what is said."""
    said = []
    made = newest(folder, said.append)
    if made is None:
        return 0, said
    path, read = made
    assert same(read, checkpoint(read.steps))
    assert path == of_step(folder, read.steps)
    return read.steps, said


def flips(size, stride, first):
    """Return bytes and bits to flip: all bits of the first ones, then one of every stride-th."""
    every = [(at, bit) for at in range(first) for bit in range(8)]
    return every + [(at, at // stride % 8) for at in range(first, size, stride)]


def flipped(data, at, bit):
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def test_a_manifest_says_what_anyone_can_check(folder):
    path = of_step(folder, 30)
    made = json.loads(of_step(folder, 30, ".json").read_bytes())
    data = path.read_bytes()
    assert made == {
        "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "steps": 30, "value": 0.3,
        "format": 1,
    }  # fmt: skip


def test_the_newest_is_found_by_its_steps_and_not_by_a_clock(folder):
    os.utime(of_step(folder, 10), (2**31, 2**31))
    assert found(folder) == (30, [])
    keep(folder, checkpoint(123_456_789), None)
    assert found(folder) == (123_456_789, [])


def test_a_flipped_bit_anywhere_in_the_file_is_reported_and_the_one_before_it_taken(folder):
    path = of_step(folder, 30)
    good = path.read_bytes()
    # The length of the header, the header, the card in it, and every tensor.
    points = flips(len(good), stride=5, first=16)
    assert len(points) > 500
    for at, bit in points:
        path.write_bytes(flipped(good, at, bit))
        steps, said = found(folder)
        assert (steps, len(said)) == (20, 1), at
        assert said[0] == (f"{path} is damaged: its SHA-256 is not its manifest's; passing it over")


def test_a_flipped_bit_in_a_manifest_never_gives_another_checkpoint(folder):
    place = of_step(folder, 30, ".json")
    good = place.read_bytes()
    fields = json.loads(good)
    told = 0
    for at, bit in flips(len(good), stride=1, first=len(good)):
        place.write_bytes(flipped(good, at, bit))
        steps, said = found(folder)
        if steps == 20:
            told += 1
            assert len(said) == 1
            assert str(place.with_suffix("")) in said[0]
            assert said[0].endswith("passing it over")
        else:
            # The file itself is the one that was written; its value only says which to keep.
            read = checkpoint_folder.read_manifest(of_step(folder, 30))
            assert (steps, said) == (30, [])
            assert (read.size, read.sha256) == (fields["size"], fields["sha256"])
    assert told > 0.95 * 8 * len(good)


def cut(path):
    path.write_bytes(path.read_bytes()[:-2])


def lengthened(path):
    path.write_bytes(path.read_bytes() + b"\0")


def emptied(path):
    path.write_bytes(b"")


def removed(path):
    path.unlink()


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def another(path):
    path.write_bytes(path.with_name(path.name.replace("30", "20")).read_bytes())


def a_link_to_itself(path):
    path.unlink()
    path.symlink_to(path)


HARMS = [cut, lengthened, emptied, removed, a_folder, another, a_link_to_itself]
HARMS += [a_pipe] if hasattr(os, "mkfifo") else []


@pytest.mark.parametrize("harm", HARMS)
def test_a_file_that_is_not_the_one_that_was_written_is_passed_over(folder, harm):
    harm(of_step(folder, 30))
    steps, said = found(folder)
    assert (steps, len(said)) == (20, 1)
    assert len(said[0].splitlines()) == 1
    assert "step-0000000000000030.safetensors" in said[0]


@pytest.mark.parametrize("harm", [h for h in HARMS if h not in (lengthened, removed)])
def test_a_manifest_that_is_not_one_is_passed_over(folder, harm):
    harm(of_step(folder, 30, ".json"))
    steps, said = found(folder)
    assert (steps, len(said)) == (20, 1)
    assert len(said[0].splitlines()) == 1


def test_a_file_without_a_manifest_was_never_finished(folder):
    of_step(folder, 30, ".json").unlink()
    assert found(folder) == (20, [])
    with pytest.raises(checkpoint_folder.ModelFileError, match="it was never finished"):
        checkpoint_folder.whole(of_step(folder, 30))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"size": 1e3', "is damaged"),
        (b"[" * 4000, "is damaged"),
        (b" " * 10_000_000, "is damaged"),
        (b'{"size":-1,"sha256":"' + b"0" * 64 + b'","steps":30}', "is damaged"),
        (b'{"size":9,"sha256":"' + b"0" * 64 + b'","steps":30,"run":"x"}', "is damaged"),
        (b'{"size":9,"sha256":"' + b"0" * 64 + b'","steps":30,"format":2}', "upgrade Clearprop"),
        (b"\xff\xfe", "is damaged"),
    ],
)
def test_a_manifest_of_another_making_is_refused(folder, text, says):
    of_step(folder, 30, ".json").write_bytes(text)
    steps, said = found(folder)
    assert steps == 20
    assert says in said[0]


def test_where_all_are_damaged_there_is_none_and_each_is_reported(folder):
    for steps in STEPS:
        emptied(of_step(folder, steps))
    steps, said = found(folder)
    assert steps == 0
    for number, text in zip(reversed(STEPS), said, strict=True):
        assert str(of_step(folder, number)) in text


@pytest.mark.parametrize("there", [True, False])
def test_an_empty_folder_and_none_at_all_hold_no_checkpoint(tmp_path, there):
    place = tmp_path / "new"
    if there:
        place.mkdir()
    assert found(place) == (0, [])


def test_pruning_keeps_the_last_and_the_best(folder):
    keep(folder, checkpoint(40), 0.1)
    keep(folder, checkpoint(50), None)
    prune(folder, 1)
    assert [path.name[-14:-12] for path in checkpoint_folder.names(folder)] == ["30", "50"]
    assert len(names(folder)) == 4


def test_the_later_of_two_that_are_equally_good_is_the_best(folder):
    keep(folder, checkpoint(40), 0.3)
    keep(folder, checkpoint(50), 0.2)
    prune(folder, 1)
    assert [path.name[-14:-12] for path in checkpoint_folder.names(folder)] == ["40", "50"]


def test_pruning_clears_away_what_stopped_saves_left_and_nothing_else(folder):
    for name in (".step-0000000000000030.safetensors.ab.part", "step-0000000000000099.safetensors"):
        (folder / name).write_bytes(b"half")
    for name in ("notes.txt", "mine.safetensors", ".hidden.part", "step-best.safetensors"):
        (folder / name).write_bytes(b"mine")
    prune(folder, 3)
    kept = {name for name in names(folder) if not name.startswith("step-0")}
    assert kept == {"notes.txt", "mine.safetensors", ".hidden.part", "step-best.safetensors"}
    assert len(names(folder)) == 4 + 6


def test_damaged_ones_are_set_aside_and_take_no_place_from_new_ones(folder):
    for steps in (20, 30):
        cut(of_step(folder, steps))
    path, _ = newest(folder, lambda _: None)
    set_aside(folder, path)
    keep(folder, checkpoint(15), 0.0)
    prune(folder, 1)
    assert [path.name[-14:-12] for path in checkpoint_folder.names(folder)] == ["10", "15"]
    aside = {f"step-00000000000000{n}{end}" for n in (20, 30) for end in (".json", ".safetensors")}
    assert set(names(folder / "damaged")) == aside
    assert found(folder) == (15, [])


def test_a_step_that_is_saved_again_is_never_vouched_for_by_the_old_manifest(folder, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint_folder.atomic, "write", full)
    with pytest.raises(OSError, match="No space left"):
        keep(folder, checkpoint(30)._replace(series={"loss": [0.5]}), 0.9)
    monkeypatch.undo()
    assert found(folder) == (20, [])


def test_what_cannot_be_read_now_is_not_damaged(folder, monkeypatch):
    def full(path):
        raise errors.UnreadableError("more than this machine's memory")

    monkeypatch.setattr(checkpoint_folder, "read_checkpoint", full)
    with pytest.raises(errors.UnreadableError):
        checkpoint_folder.newest(folder, pytest.fail)


def test_a_newer_format_with_fields_of_its_own_is_newer_and_not_damaged(folder):
    for path in folder.glob("*.json"):
        path.write_text('{"format": 2, "digest": "blake3:00"}')
    with pytest.raises(errors.NewerFormatError, match="upgrade"):
        checkpoint_folder.newest(folder, lambda text: None)
