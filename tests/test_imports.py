"""`import clearprop` is light: what costs seconds or is optional waits until it is used.

Start-up is guarded by what is imported, which is the same on every machine, and not by time.
"""

import subprocess
import sys

import pytest
from PIL import Image

from clearprop.models import SHIPPED

HEAVY = ("jax", "matplotlib", "pooch", "requests", "rich", "sklearn", "starlette")
# What reads files of one's own or fetches sets; a model needs none of it.
ROOMS = ("clearprop.data.formats", "clearprop.data.named", "clearprop.insight", "clearprop.recipes")


def loaded_after(statement: str, names: tuple[str, ...], *arguments: object) -> list[str]:
    """Return which of some modules a fresh interpreter has imported after a statement."""
    program = f"import sys; {statement}; print(*(name for name in {names} if name in sys.modules))"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    made = subprocess.run(command, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return made.stdout.splitlines()[-1].split()


def test_importing_clearprop_imports_nothing_heavy():
    light = ("numpy", "msgspec", "cyclopts")
    assert loaded_after("import clearprop", HEAVY + light) == []


def test_a_network_needs_no_reader_of_files():
    assert loaded_after("import clearprop; clearprop.MLP([2, 2])", HEAVY + ROOMS) == []


def test_the_help_needs_no_arrays():
    others = ("numpy", "msgspec", "PIL", *ROOMS, "clearprop.model")
    shown = "from clearprop.cli import run; run(['--help'])"
    assert loaded_after(shown, (*others, "jax", "pooch", "requests", "sklearn")) == []


def test_a_prediction_imports_only_what_it_needs(tmp_path):
    paint = Image.new("L", (28, 28))
    paint.paste(255, (12, 4, 16, 24))
    paint.save(tmp_path / "one.png")
    predict = "from clearprop.cli import run; assert run(['predict', *sys.argv[1:]]) == 0"
    others = ("clearprop.data.datasets", "subprocess")
    needless = HEAVY + ROOMS + others
    assert loaded_after(predict, needless, SHIPPED["mnist-small"], tmp_path / "one.png") == []


def test_a_cached_data_set_needs_no_downloader():
    find = "from clearprop import datasets; datasets.describe()"
    assert loaded_after(find, ("pooch", "requests", "rich", "PIL", "matplotlib")) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("import clearprop, matplotlib", "matplotlib"),
        ("import clearprop.engines.jax_engine", "jax"),
        ("from clearprop import datasets", "clearprop.data.formats"),
        ("from clearprop.cli import run; run(['--help'])", "rich"),
    ],
)
def test_the_checks_above_can_fail(statement, found):
    assert found in loaded_after(statement, HEAVY + ROOMS)
