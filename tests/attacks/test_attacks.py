"""Every file that attacks us is refused; readers that fall for it are caught by the same limits.

One run of `python -m attacks`, in a process of its own, because its limits are the process's.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are Linux's")
ROOT = Path(__file__).parents[2]
# What the bombs ask for is a gigabyte at least; what refusing them takes stays far below.
MOST_MEBIBYTES = 300
FAMILIES = {
    "safetensors files": 85, "cards": 75, "inputs and targets": 50, "committee files": 48,
    "checkpoint files": 60, "idx files": 30, "npz files": 55, "pickles": 55, "csv files": 30,
    "pictures": 45, "folders": 20, "toml files": 65,
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory):
    """What came of all attacks and controls, by name."""
    file = tmp_path_factory.mktemp("attacks") / "outcomes.json"
    command = [sys.executable, "-m", "attacks", "--json", str(file)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert file.exists(), run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    return {one["name"]: one for one in json.loads(file.read_text())}


@pytest.fixture(scope="module")
def attacks(outcomes):
    """What came of the attacks."""
    return {n: one for n, one in outcomes.items() if n.partition(":")[0] in FAMILIES}


def test_every_family_has_its_attacks(attacks):
    for family, at_least in FAMILIES.items():
        assert sum(name.startswith(f"{family}:") for name in attacks) >= at_least, family


def test_every_attack_is_refused_by_an_error_of_ours(attacks):
    through = {n: (one["verdict"], one["says"]) for n, one in attacks.items()
               if one["verdict"] != "refused" or one["code"] not in (2, 4, 6, 7)}  # fmt: skip
    assert through == {}


def test_every_refusal_is_one_line_that_a_terminal_can_show(attacks):
    wrong = {n: one["says"] for n, one in attacks.items()
             if not one["says"].isprintable() or not 10 < len(one["says"]) < 1000}  # fmt: skip
    assert wrong == {}


# These could be refused for something else that is wrong with them.
SAYS = {
    "safetensors files: a key twice": "the key 'a' occurs twice",
    "cards: a key twice in the card": "the key 'epochs' occurs twice",
    "cards: a key twice in the card once escaped": "the key 'epochs' occurs twice",
    "cards: a share of 1e308": "accuracy = 1e+308 among its metrics",
    "cards: a metric that does not exist": "os.system = 1 among its metrics",
    "inputs and targets: moments of two columns of six": "moments of 2 columns for 6 inputs",
    "inputs and targets: a task that does not exist": "unknown task 'os.system'",
    "inputs and targets: values with a mean too few": "1 means and 2 standard deviations",
    "inputs and targets: values with a deviation of nothing": "deviations of targets must be",
    "checkpoint files: a model's card beside the checkpoint's": "has 2 cards",
    "checkpoint files: inputs of another shape": "inputs of shape (2, 4) for a network of 6",
    "checkpoint files: moments of two columns of six": "moments of 2 columns for 6 inputs",
    "checkpoint files: a class too few": "names 2 classes; classes of 3 outputs",
    "checkpoint files: classes with moments": "the means of 3 columns",
    "checkpoint files: steps that were measured for another task": "tensor 'measured/correct'",
}


@pytest.mark.parametrize("name", SAYS)
def test_an_attack_is_refused_for_what_it_tries(attacks, name):
    assert SAYS[name] in attacks[name]["says"]


def test_no_attack_leaves_a_file_behind(attacks):
    assert {n: one["left"] for n, one in attacks.items() if one["left"]} == {}


def test_no_refusal_takes_much_memory(attacks):
    assert {n for n, one in attacks.items() if one["mebibytes"] > MOST_MEBIBYTES} == set()


def test_harmless_files_pass_the_same_harness(outcomes):
    harmless = {n: one["verdict"] for n, one in outcomes.items() if n.startswith("harmless ")}
    assert len(harmless) == 13
    assert set(harmless.values()) == {"accepted"}


CAUGHT = {
    "believes_the_length, safetensors files: a header of 17 GB that is not there": "MemoryError",
    "believes_the_shape, safetensors files: a shape of ten gigabytes": "MemoryError",
    "unpacks_it, idx files: a bomb of a gigabyte whose header asks for it": "MemoryError",
    "believes_the_archive, npz files: a bomb of 1,000 to 1": "MemoryError",
    "believes_the_size, pictures: 100,000 by 100,000 pixels": "MemoryError",
    "read_bytes, safetensors files: a link to a device without end": "MemoryError",
    "never_ends, safetensors files: no byte": "killed by SIG",
    "read_bytes, toml files: a pipe": "killed by SIGALRM",
    "believes_the_archive, npz files: objects that run code": "it ran code: os.system",
    "runs_it, pickles: os.system": "it ran code: os.system",
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_reader_that_falls_for_it_is_caught(outcomes, name):
    assert outcomes[name]["verdict"] == "broken"
    assert CAUGHT[name] in outcomes[name]["says"]


def test_code_that_runs_leaves_a_canary(outcomes):
    left = [Path(file).name for file in outcomes["runs_it, pickles: os.system"]["left"]]
    assert left == ["canary"]
