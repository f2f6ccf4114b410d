"""A sweep's file: kept line for line, gone on with, and refused where it is another's."""

import json
import os

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from clearprop.errors import OutputError, SettingError
from clearprop.search.journal import Journal, outcomes_of
from clearprop.search.outcomes import Outcome

ABOUT = {"data": "mine", "fit.epochs": 3, "model.layers": [4, 3]}


def outcome(rate, seed=0, accuracy=0.5):
    metrics = {"loss": 0.25, "accuracy": accuracy}
    return Outcome({"rate": rate}, seed, "accuracy", metrics, 1.5, 3, "numpy")


@pytest.fixture
def path(tmp_path):
    with Journal(ABOUT, tmp_path / "new" / "s.jsonl") as journal:
        for rate in (0.1, 0.2, 0.3):
            journal.add(outcome(rate))
    return tmp_path / "new" / "s.jsonl"


def test_a_line_each_and_all_are_found_again(path):
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0] == {"format": 2, "sweep": ABOUT}
    assert [line["settings"]["rate"] for line in lines[1:]] == [0.1, 0.2, 0.3]
    with Journal(ABOUT, path) as journal:
        assert journal.find({"rate": 0.2}, 0) == outcome(0.2)
        assert journal.find({"rate": 0.2}, 1) is None
        assert journal.find({"rate": 2}, 0) is None


def test_a_line_is_on_the_disk_when_it_is_added(tmp_path, monkeypatch):
    flushed, sync = [], os.fsync
    monkeypatch.setattr(
        os, "fsync", lambda file: (flushed.append(os.fstat(file).st_size), sync(file))
    )
    path = tmp_path / "s.jsonl"
    with Journal(ABOUT, path) as journal:
        journal.add(outcome(0.1))
        assert flushed == [len(path.read_bytes().splitlines(True)[0]), path.stat().st_size]


def test_without_a_file_it_only_remembers():
    with Journal() as journal:
        journal.add(outcome(0.1))
        assert journal.find({"rate": 0.1}, 0) == outcome(0.1)


@pytest.mark.parametrize("tail", [b'{"settings":{"ra', b"\0" * 40, b"nonsense\n", b'{"a":1}\n'])
def test_a_damaged_last_line_is_cut_away_with_a_word(path, tail):
    whole = path.read_bytes()
    path.write_bytes(whole + tail)
    said = []
    with Journal(ABOUT, path, said.append) as journal:
        assert path.read_bytes() == whole
        assert journal.find({"rate": 0.3}, 0) == outcome(0.3)
        journal.add(outcome(0.4))
    assert said == [f"{path}: its last line was damaged and has been cut off"]
    with Journal(ABOUT, path, said.append) as journal:
        assert journal.find({"rate": 0.4}, 0) == outcome(0.4)
    assert len(said) == 1


def test_cut_anywhere_it_goes_on_with_the_whole_lines(path):
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for end in range(len(whole) + 1):
        path.write_bytes(whole[:end])
        with Journal(ABOUT, path, lambda text: None) as journal:
            kept = max(whole[:end].count(b"\n") - 1, 0)
            found = [rate for rate in (0.1, 0.2, 0.3) if journal.find({"rate": rate}, 0)]
            assert found == [0.1, 0.2, 0.3][:kept]
            assert path.read_bytes() == b"".join(lines[: kept + 1])


@given(some.lists(some.tuples(some.floats(0, 1), some.integers(0, 99)), max_size=6), some.binary())
def test_whatever_follows_the_lines_they_are_read_or_a_sentence_is_reported(pairs, tail):
    made = [outcome(rate, seed) for rate, seed in pairs]
    data = b"".join(msgspec.json.encode(one) + b"\n" for one in made)
    try:
        found, kept = outcomes_of("file", data + tail)
    except SettingError:
        # Where more than one line is damaged.
        found, kept = made, len(data) if b"\n" in tail else 0
    assert (found, kept) == (made, len(data))


def test_a_damaged_line_before_the_last_is_named(path):
    lines = path.read_bytes().splitlines(keepends=True)
    before = b"".join([lines[0], lines[1][:9] + b"\n", *lines[2:]])
    path.write_bytes(before)
    with pytest.raises(SettingError, match="line 2 is damaged"), Journal(ABOUT, path):
        pass
    assert path.read_bytes() == before


def test_another_sweeps_file_is_refused_and_left_alone(path):
    before = path.read_bytes()
    other = {**ABOUT, "fit.epochs": 4, "model.l2": 0.1}
    with pytest.raises(SettingError) as told, Journal(other, path):
        pass
    assert str(told.value) == (
        f"{path} holds a sweep that differs in fit.epochs, model.l2; choose another file with --out"
    )
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["hello", "hello\n", "[1]\n", '{"format": 2}\n', "{}\n{}\n"])
def test_a_file_that_is_not_one_is_refused_and_left_alone(path, text):
    path.write_text(text)
    with pytest.raises(SettingError, match="is not a sweep's file"), Journal(ABOUT, path):
        pass
    assert path.read_text() == text


def test_a_newer_format_is_refused(path):
    path.write_text(json.dumps({"format": 3, "sweep": ABOUT}) + "\n")
    with pytest.raises(SettingError, match="from a newer Clearprop"), Journal(ABOUT, path):
        pass


def test_two_cannot_write_into_one_file(path):
    with Journal(ABOUT, path), pytest.raises(OutputError, match="another process is writing to it"):
        Journal(ABOUT, path).__enter__()
    with Journal(ABOUT, path):
        pass


def test_a_place_that_cannot_be_written_to(tmp_path):
    with pytest.raises(OutputError, match="is not a regular file"), Journal(ABOUT, tmp_path):
        pass
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"), Journal(ABOUT, tmp_path / "file/x"):
        pass
