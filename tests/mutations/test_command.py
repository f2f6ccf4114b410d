"""The long command: its workers, what it counts, and what it saves."""

import base64
import importlib
import json
import sys
from collections import Counter

import pytest
from mutations import __main__ as command
from mutations import crew
from mutations.specimens import SPECIMENS
from mutations.worker import Batch, Failure, run

from clearprop.errors import SettingError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits are the system's")


def test_the_work_is_spread_evenly_and_no_two_batches_are_alike():
    made = crew.batches(["a", "b", "c"], 7001, 1)
    counts = Counter()
    for batch in made:
        counts[batch.name] += batch.count
    assert counts == {"a": 2334, "b": 2334, "c": 2333}
    assert len({batch.seed for batch in made}) == len(made) == 9


def test_a_batch_counts_every_file_and_keeps_the_ones_that_failed(tmp_path, monkeypatch):
    def read(path):
        return 1 // (len(path.read_bytes()) % 2)

    broken = SPECIMENS["CSV"]._replace(read=read, check=lambda found: None)
    monkeypatch.setitem(SPECIMENS, "CSV", broken)
    told = []
    counts, failures = run(Batch("CSV", 120, 3), tmp_path / "files", told.append)
    assert counts.total() == sum(told) >= 120
    assert counts["accepted"] > 0
    assert counts["failures"] == len(failures) > 0
    assert all(len(failure.data) % 2 == 0 for failure in failures)
    assert all("ZeroDivisionError" in failure.error for failure in failures)
    assert run(Batch("CSV", 120, 3), tmp_path / "files") == (counts, failures)
    assert run(Batch("CSV", 120, 4), tmp_path / "files")[1] != failures


def test_figures_of_a_run_are_written(tmp_path, capsys):
    out = tmp_path / "figures.json"
    assert command.mutate(count=30, seed=5, only=("CSV", "recipe"), out=out) == 0
    found = json.loads(out.read_bytes())
    assert json.loads(capsys.readouterr().out) == found
    assert found["seed"] == 5
    assert found["mutations"] == found["accepted"] + found["refused"] >= 30
    assert {name: own["mutations"] for name, own in found["formats"].items()} == {
        "CSV": 15, "recipe": 15,
    }  # fmt: skip


CRASHING = """
import os, signal

def work(batch, folder, pipe):
    folder.mkdir()
    (folder / "own.csv").write_bytes(b"the last one")
    pipe.send(1)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_that_crashes_is_a_failure_with_the_file_that_it_read(tmp_path, monkeypatch):
    (tmp_path / "crashing.py").write_text(CRASHING)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(crew, "work", importlib.import_module("crashing").work)
    told = []
    found = list(crew.explore([Batch("CSV", 9, 1)], 1, lambda name, done: told.append(done)))
    failure = Failure("CSV", "the process ended: SIGKILL", b"the last one")
    assert found == [("CSV", Counter(failures=1), [failure])]
    assert told == [1]


def test_a_saved_failure_is_read_again(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(command, "FAILURES", tmp_path)
    path = command.save(Failure("CSV", "an\nerror", SPECIMENS["CSV"].data))
    record = json.loads(path.read_bytes())
    assert base64.b64decode(record["data"]) == SPECIMENS["CSV"].data
    assert record["error"] == ["an", "error"]
    assert command.mutate(replay=path) == 0
    path = command.save(Failure("CSV", "an error", b"label\n"))
    assert command.mutate(replay=path) == 0
    assert capsys.readouterr().out == "accepted\nrefused\n"


def test_an_unknown_format_is_refused():
    with pytest.raises(SettingError, match=r"no format 'cvs'; there are .*CSV"):
        command.mutate(only=("cvs",))
