"""Help: examples first, nothing heavy loaded for it, and every command is there."""

import subprocess
import sys

import pytest

COMMANDS = ("train", "evaluate", "predict", "sweep", "find-rate", "reproduce", "gradcheck",
            "inspect", "join", "doctor", "datasets", "recipes")  # fmt: skip
GROUPS = (("datasets", "list"), ("datasets", "get"), ("datasets", "check"),
          ("recipes", "list"), ("recipes", "show"))  # fmt: skip
HEAVY = {"jax", "numpy", "matplotlib", "sklearn", "pooch", "safetensors", "PIL", "msgspec"}


@pytest.mark.parametrize("words", [(), *((c,) for c in COMMANDS)])
def test_examples_come_first(run, words):
    said = run(*words, "--help")
    assert said.code == 0
    assert said.out.startswith("Examples:\n")
    assert said.err == ""
    examples = said.out.split("\n\n")[0].splitlines()[1:]
    assert examples
    assert all(line.startswith(f"  {' '.join(['clearprop', *words])} ") for line in examples)
    assert max(map(len, said.out.splitlines())) <= 80


@pytest.mark.parametrize("words", GROUPS)
def test_the_commands_of_a_group_have_help_too(run, words):
    said = run(*words, "--help")
    assert said.code == 0
    assert f"clearprop {' '.join(words)}" in said.out


def test_every_command_is_named(run):
    said = run("--help")
    assert all(f" {command} " in said.out for command in COMMANDS)
    assert run().out == said.out


def test_the_version_is_the_packages(run):
    import clearprop

    assert run("--version").out == f"{clearprop.__version__}\n"


@pytest.mark.parametrize("words", [[], *([c] for c in COMMANDS)])
def test_help_loads_nothing_heavy(words):
    # Which modules are loaded, and no clock: numpy alone takes as long as help may take twice.
    program = (
        f"from clearprop.cli import run; run({[*words, '--help']}); import sys; "
        "print(*sys.modules, file=sys.stderr)"
    )
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert made.stdout.startswith("Examples:")
    assert not HEAVY & set(made.stderr.split())


def test_the_check_above_can_fail():
    program = "import numpy, sys; print(*sys.modules)"
    made = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert HEAVY & set(made.stdout.split()) == {"numpy"}
