"""Nothing in the source can turn data into code."""

import ast
from pathlib import Path

import pytest

import clearprop

SOURCE = Path(clearprop.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))
DANGEROUS = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "marshal", "shelve"}
ALLOWED = {"data/formats/classic_pickle.py": {"pickle"}}


def dangers(text: str) -> set[str]:
    """Return what in a source could run data: modules, calls, and shells."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names} & DANGEROUS
        elif isinstance(node, ast.ImportFrom):
            found |= {(node.module or "").split(".")[0]} & DANGEROUS
        elif isinstance(node, ast.Call):
            found |= _calls(node)
    return found


def _calls(node: ast.Call) -> set[str]:
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    words = {word.arg: word.value for word in node.keywords}
    found = {name} & {"eval", "exec", "__import__", "system", "popen"}
    if name == "compile" and isinstance(node.func, ast.Name):
        found.add(name)
    for word in ("shell", "allow_pickle"):
        if word in words and getattr(words[word], "value", True) is not False:
            found.add(word)
    # `np.load` may unpickle unless it is told not to.
    return found | ({"np.load"} if ast.unparse(node.func) in ("np.load", "numpy.load") else set())


def test_there_are_files_to_look_at():
    assert SOURCE / "storage" / "model_file.py" in FILES


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.relative_to(SOURCE).as_posix())
def test_no_module_can_run_data(path):
    allowed = ALLOWED.get(path.relative_to(SOURCE).as_posix(), set())
    assert dangers(path.read_text(encoding="utf-8")) <= allowed


@pytest.mark.parametrize(
    "text",
    [
        "import pickle",
        "import os, pickle as p",
        "from marshal import loads",
        "def f():\n    import shelve",
        "eval('1')",
        "exec(text)",
        "os.system('ls')",
        "subprocess.run('ls', shell=True)",
        "subprocess.run('ls', shell=asked)",
        "np.load(path, allow_pickle=True)",
        "np.load(path)",
    ],
)
def test_the_check_above_can_fail(text):
    assert dangers(text)
