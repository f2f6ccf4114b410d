"""Compiled programs are kept on disk, but not where the program that uses jax has its own way."""

import os
import subprocess
import sys
from pathlib import Path

import jax
import pytest

from clearprop.engines.jax_setup import keep_programs

FIT = (
    "from clearprop import MLP; "
    "MLP([2, 3, 2], engine='jax').fit([[0.0, 1.0], [1.0, 0.0]], [0, 1], epochs=1)"
)
SETTINGS = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs")
SHOW = f"import jax; print([getattr(jax.config, name) for name in {SETTINGS}])"
NAMED = "JAX_COMPILATION_CACHE_DIR"
# What a shell or tests/conftest.py may have set would decide in our place.
FOREIGN = ("TF_CPP_MIN_LOG_LEVEL", NAMED)


def ran(program: str, home: Path, **variables: str) -> subprocess.CompletedProcess:
    """Return a program that a fresh interpreter ran, whose user keeps caches in `home`."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    environment = kept | {"XDG_CACHE_HOME": str(home)} | variables
    command = [sys.executable, "-c", program]
    made = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert made.returncode == 0, made.stderr
    return made


def programs(home: Path) -> dict[str, bytes]:
    """Return the compiled programs in Clearprop's cache folder."""
    return {path.name: path.read_bytes() for path in (home / "clearprop/compiled").glob("*")}


def test_a_second_process_finds_what_the_first_compiled(tmp_path):
    first = ran(FIT, tmp_path)
    kept = programs(tmp_path)
    assert any("stretch" in name for name in kept)
    second = ran(FIT, tmp_path)
    assert programs(tmp_path) == kept
    assert first.stderr == second.stderr == ""


@pytest.mark.parametrize("named", [False, True])
def test_the_settings_of_others_are_left_alone(named, tmp_path):
    # Whoever imports jax first decides; else whoever names a folder.
    home, own = tmp_path / "home", tmp_path / "own"
    began = "" if named else "import jax; "
    variables = {NAMED: str(own)} if named else {}
    shown = ran(f"{began}{FIT}; {SHOW}", home, **variables).stdout
    assert not home.exists()
    # The tests, too, have imported jax first.
    untouched = jax.config.jax_persistent_cache_min_compile_time_secs
    assert shown.strip() == str([str(own) if named else None, untouched])


def test_a_folder_that_cannot_be_made_does_no_harm(monkeypatch, tmp_path):
    (tmp_path / "a file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a file"))
    before = [getattr(jax.config, name) for name in SETTINGS]
    keep_programs()
    assert [getattr(jax.config, name) for name in SETTINGS] == before
