"""Results and jobs survive being written and read."""

import json

import pytest
from benchmarks import results
from benchmarks.job import Job
from benchmarks.table import verdicts


def test_results_are_read_as_they_were_written(tmp_path):
    records = {"clearprop-jax": {"values": [0.1, 0.25]}, "flax": {"values": [], "missing": "?"}}
    found = {
        "epoch-128": {
            **results.circumstances(),
            "contenders": records,
            "claims": verdicts("epoch-128", records),
        }
    }
    results.write(tmp_path, found)
    assert results.read(tmp_path) == found
    assert [path.name for path in tmp_path.iterdir()] == ["results.json"]


def test_a_folder_without_results_has_none(tmp_path):
    assert results.read(tmp_path) == {}


def test_a_number_that_json_has_not_is_refused_and_the_old_file_stays(tmp_path):
    results.write(tmp_path, {"a": 1.0})
    with pytest.raises(ValueError, match="JSON"):
        results.write(tmp_path, {"a": float("nan")})
    assert results.read(tmp_path) == {"a": 1.0}


def test_a_job_is_read_as_it_was_written():
    job = Job((784, 30, 10), 10, rows=7, optimizer="sgd", momentum=0.9, epochs=3, held_out=True)
    assert Job.from_json(job.to_json()) == job
    assert json.loads(job.to_json())["layers"] == [784, 30, 10]


def test_the_last_partial_batch_is_a_step():
    assert Job((784, 10), 128).steps_per_epoch == 469
    assert Job((784, 10), 32, epochs=2).steps == 3750
    with pytest.raises(ValueError, match="give it epochs"):
        _ = Job((784, 10), 32).steps
