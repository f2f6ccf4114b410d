"""The set-up: which Python it takes, which versions it pins, and what it says of what is wrong."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONSTRAINTS = sorted((ROOT / "constraints").iterdir())
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the scripts are for bash")


@pytest.fixture
def script(tmp_path):
    """Run a script where the only Pythons are those that the test put into its folder."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("bash", "dirname", "ls", "sed", "sort"):
        (tools / tool).symlink_to(shutil.which(tool))

    def run(name, *words, **variables):
        places = f"{tmp_path}{os.pathsep}{tools}"
        found = {"PATH": places, "HOME": "/nowhere", "PYENV_ROOT": "/nowhere", **variables}
        return subprocess.run(
            [ROOT / "scripts" / name, *words], env=found, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    return run


def false_python(folder, name, version):
    """Make a command that answers for its version as Python of that version does."""
    major, minor = version.split(".")
    body = f"import sys; sys.version_info = ({major}, {minor}); exec(sys.argv[1])"
    command = folder / name
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(
        f"#!/bin/sh\nif [ $1 = --version ]; then echo Python {version}; exit; fi\n"
        f'shift\nexec {sys.executable} -I -c "{body}" "$1"\n'
    )
    command.chmod(0o755)


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (["python3.13", "python3.12", "python3.11"], "python3.13"),
        (["python3.11", "python3.12"], "python3.12"),
        (["python3.11"], "python3.11"),
        (["python3.14", "python3.12"], "python3.12"),
    ],
)
def test_the_newest_python_with_pinned_versions_is_taken(script, tmp_path, there, taken):
    for name in there:
        false_python(tmp_path, name, name.removeprefix("python"))
    assert script("find-python").stdout == f"{taken}\n"


def test_a_command_that_is_there_and_does_not_run_is_passed_over(script, tmp_path):
    # As pyenv's stand-ins are, for versions that are not switched on.
    (tmp_path / "python3.13").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "python3.13").chmod(0o755)
    false_python(tmp_path, "python3.12", "3.12")
    assert script("find-python").stdout == "python3.12\n"


def test_pyenvs_versions_are_found_where_they_lie(script, tmp_path):
    false_python(tmp_path, "versions/3.13.5/bin/python", "3.13")
    found = script("find-python", "3.13", PYENV_ROOT=str(tmp_path))
    assert found.stdout == f"{tmp_path}/versions/3.13.5/bin/python\n"


def test_a_version_that_is_not_there_is_a_failure(script):
    found = script("find-python", "3.13")
    assert (found.returncode, found.stdout) == (1, "")


def test_an_old_python_and_one_that_is_not_there_are_refused_in_a_sentence(script, tmp_path):
    false_python(tmp_path, "old", "3.9")
    new = {"VENV": str(tmp_path / "venv")}
    said = script("setup", "jax", PYTHON="old", **new)
    assert (said.returncode, said.stderr) == (
        1,
        "Python 3.9 is too old: Clearprop needs 3.11 or newer; set PYTHON to name it.\n",
    )
    said = script("setup", "jax", PYTHON="none", **new)
    assert said.returncode == 1
    assert said.stderr == "There is no command none; set PYTHON to the Python that you want.\n"
    assert not (tmp_path / "venv").exists()


def test_another_python_than_that_of_the_folder_is_refused(script, tmp_path):
    false_python(tmp_path / "venv/bin", "python", "3.11")
    false_python(tmp_path, "new", "3.12")
    said = script("setup", "jax", PYTHON="new", VENV=str(tmp_path / "venv"))
    assert said.returncode == 1
    assert "is of Python 3.11, and PYTHON names 3.12: delete" in said.stderr


def names(requirements):
    """Return the names of packages, written as the index writes them."""
    found = (re.match(r"[\w.-]+", line) for line in requirements)
    return {re.sub(r"[-_.]+", "-", one[0]).lower() for one in found if one}


@pytest.mark.parametrize("path", CONSTRAINTS, ids=lambda path: path.stem)
def test_all_that_tests_and_judges_ask_for_is_pinned(path):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = names(project["dependencies"]).union(*map(names, extras.values()))
    pins = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert all("==" in pin for pin in pins)
    assert asked - {"clearprop"} <= names(pins)
