"""The example that trains a recipe from Python: what it begins it goes on with, to the bit."""

import runpy
from pathlib import Path

import pytest

from clearprop import load
from clearprop.training.progress import Progress

EXAMPLE = Path(__file__).parents[2] / "examples/train_a_recipe.py"


@pytest.fixture
def main(require_dataset, unchecked_shapes):
    require_dataset("mnist")
    return runpy.run_path(str(EXAMPLE))["main"]


def test_a_training_that_is_stopped_is_resumed(main, tmp_path, monkeypatch, capsys, caplog):
    main(tmp_path / "whole")
    told = [line for line in capsys.readouterr().out.splitlines() if "seed" in line]
    assert len(told) == 4

    def stop(self, fit):
        if fit.steps > 100:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Progress, "after_stretch", stop)
        with pytest.raises(KeyboardInterrupt):
            main(tmp_path / "cut")
    assert "resume with --resume" in caplog.text
    main(tmp_path / "cut")
    assert [line for line in capsys.readouterr().out.splitlines() if "seed" in line] == [
        line.replace("whole", "cut") for line in told
    ]
    for name in ("one", "seeds/explicit-numpy/seed-1"):
        one, other = (
            load(tmp_path / kind / name / "model.safetensors") for kind in ("whole", "cut")
        )
        assert all((one.parameters[key] == other.parameters[key]).all() for key in one.parameters)


def test_it_is_short():
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) < 30
