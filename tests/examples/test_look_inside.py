"""The lesson in `examples/look_inside.ipynb`: fit to be read as it lies there, true when run."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

ROOT = Path(__file__).parents[2]
LESSON = ROOT / "examples" / "look_inside.ipynb"
NUMBER = r"(?<![\w.])[-+]?\d[\d,]*\.?\d*(?:e[-+]\d+)?"


@pytest.fixture(scope="module")
def committed():
    """The notebook as it lies in the repository."""
    return nbformat.read(LESSON, as_version=4)


@pytest.fixture(scope="module")
def executed(require_dataset, tmp_path_factory):
    """The notebook as a fresh kernel leaves it; where a cell fails, so does this, with its words.

    In a process of its own: neither the kernel's warnings nor its sockets are the tests' affair.
    """
    require_dataset("mnist")
    result = tmp_path_factory.mktemp("lesson") / "executed.ipynb"
    program = [sys.executable, ROOT / "scripts" / "execute_notebook.py", LESSON, result]
    offline = os.environ | {"CLEARPROP_OFFLINE": "1"}
    done = subprocess.run(program, capture_output=True, text=True, env=offline)
    if done.returncode:
        pytest.fail(f"the lesson does not run:\n{done.stderr}", pytrace=False)
    return nbformat.read(result, as_version=4)


def code_cells(notebook):
    """Return the code cells by their ids, which are names here."""
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


def printed(notebook, name):
    """Return what a cell printed."""
    outputs = code_cells(notebook)[name].outputs
    return "".join(out.text for out in outputs if out.output_type == "stream")


def numbers(text):
    """Return the numbers in a text."""
    return [float(number.replace(",", "")) for number in re.findall(NUMBER, text)]


def table(notebook, name):
    """Return the numbers of each printed line that begins with one."""
    lines = printed(notebook, name).splitlines()
    return [numbers(line) for line in lines if re.match(rf"\s*{NUMBER}\s", line)]


def outline(notebook):
    """Return for each code cell the words that it printed, numbers aside, and its kinds of output.

    On another machine the last digits may be others.
    """
    return {
        name: (
            re.sub(NUMBER, "#", printed(notebook, name)).split(),
            [out.get("name", out.output_type) for out in cell.outputs],
        )
        for name, cell in code_cells(notebook).items()
    }


def compiled(cell):
    """Return a cell's code, its magic commands turned into calls."""
    source = TransformerManager().transform_cell(cell.source)
    return compile(source, cell.id, "exec")


def test_it_is_a_valid_notebook_without_a_trace_of_the_machine_that_ran_it(committed):
    nbformat.validate(committed)
    assert committed.metadata == {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for cell in committed.cells:
        assert cell.metadata == {}, cell.id
        assert re.fullmatch("[a-z-]+", cell.id), "an editor has renamed the cells"


def test_a_reader_sees_what_the_cells_show(committed):
    cells = code_cells(committed)
    assert [cell.execution_count for cell in cells.values()] == list(range(1, len(cells) + 1))
    for name, cell in cells.items():
        assert bool(cell.outputs) == (name != "install"), name
        for out in cell.outputs:
            assert out.output_type == "display_data" or out.get("name") == "stdout", name


def test_no_path_of_any_machine_stands_in_it(committed):
    for cell in committed.cells:
        texts = [cell.source, *(str(out.get("text")) for out in cell.get("outputs", ()))]
        assert not re.search(r"/(home|root|tmp|work|Users|usr|opt)\b|[A-Z]:\\", "\n".join(texts))


def test_it_stays_small_enough_for_a_hosting_page_to_draw():
    assert LESSON.stat().st_size < 600_000


def test_every_code_cell_compiles_and_the_first_installs(committed):
    cells = code_cells(committed)
    for cell in cells.values():
        compiled(cell)
    assert next(iter(cells)) == "install"


class Pip:
    """In place of IPython: notes what `%pip` was asked for, and asks nobody."""

    def __init__(self) -> None:
        self.asked = []

    def run_line_magic(self, magic, line):
        self.asked.append((magic, line))


@pytest.fixture
def install(committed, monkeypatch):
    """Return a function that runs the first cell in a folder where some packages are missing."""

    def run(folder, missing=(), empty_folders=()):
        def find_spec(name):
            origin = None if name in empty_folders else f"{name}/__init__.py"
            return None if name in missing else SimpleNamespace(origin=origin)

        pip = Pip()
        monkeypatch.chdir(folder)
        monkeypatch.setattr(importlib.util, "find_spec", find_spec)
        names = {"get_ipython": lambda: pip}
        exec(compiled(code_cells(committed)["install"]), names)
        assert pip.asked in ([], [("pip", 'install --quiet "{package}"')])
        return names["package"] if pip.asked else None

    return run


def test_where_everything_is_installed_nothing_is(install, tmp_path):
    assert install(tmp_path) is None
    assert install(LESSON.parent) is None


@pytest.mark.parametrize("name", ["clearprop", "jax", "matplotlib"])
def test_what_is_missing_is_installed_from_the_clone(install, name):
    assert install(LESSON.parent, missing=[name]) == f"{ROOT}[jax,plots]"


def test_without_a_clone_the_package_index_is_asked(install, tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'another'\n")
    assert install(tmp_path, missing=["clearprop"]) == "clearprop[jax,plots]"


def test_a_clone_in_the_folder_is_found_and_not_taken_for_the_package(install, tmp_path):
    (tmp_path / "clearprop" / "src" / "clearprop").mkdir(parents=True)
    (tmp_path / "clearprop" / "pyproject.toml").touch()
    found = install(tmp_path, empty_folders=["clearprop"])
    assert found == f"{tmp_path / 'clearprop'}[jax,plots]"


def assert_its_sentences_hold(notebook):
    """Check in the numbers what the text between the cells says about them."""
    assert numbers(printed(notebook, "train"))[-1] < 1e-9
    assert printed(notebook, "weights").strip().endswith("True")
    assert_the_gradient_is_right(notebook)
    assert_one_image_speaks_for_itself(notebook)
    ours, shipped = numbers(printed(notebook, "shipped"))[-2:]
    assert 97 < shipped < 100
    assert 90 < ours < shipped
    where_right, where_wrong = numbers(printed(notebook, "worst"))
    assert where_wrong < where_right


def assert_the_gradient_is_right(notebook):
    """Check its entries that are 0, its slopes by nudging, and the table of the two witnesses."""
    text = printed(notebook, "backward")
    assert re.findall(r"(\d+) products", text) == re.findall(r"not 0: (\d+)", text) != []
    slopes = table(notebook, "doubt")
    assert len(slopes) == 5
    for _, _, by_hand, nudged in slopes:
        assert nudged == pytest.approx(by_hand, abs=1e-7)
    line = rf"layers\.(\d)\.(\w+)\s+({NUMBER})\s+({NUMBER})"
    rows = re.findall(line, printed(notebook, "compare"))
    assert [row[:2] for row in rows] == [(i, kind) for i in "01" for kind in ("weight", "bias")]
    assert all(float(difference) < 1e-10 for row in rows for difference in row[2:])


def assert_one_image_speaks_for_itself(notebook):
    """Check that a straight line serves small steps, and that a large one ruins the others."""
    before, smallest, *_, largest = table(notebook, "step")
    assert smallest[1] == pytest.approx(smallest[2], abs=0.01)
    assert largest[1] < 0 <= largest[2] < 0.001
    assert largest[3] < 0.5 * before[3]


def test_its_sentences_hold_as_it_lies_there(committed):
    assert_its_sentences_hold(committed)


@pytest.mark.data
def test_its_sentences_hold_when_it_is_run_again(executed):
    assert_its_sentences_hold(executed)


@pytest.mark.data
def test_the_outputs_that_lie_there_are_those_of_its_code(committed, executed):
    assert outline(committed) == outline(executed)
