"""Files that earlier versions wrote are read, and mean what they meant.

When a format's number rises, `make_golden.py` writes files under the new number once, and their
predictions are added here; what stands here stays.
"""

from pathlib import Path

import numpy as np
import pytest

from clearprop import MLP, Views, load
from clearprop.storage import checkpoint, committee_file, model_file, read_checkpoint
from clearprop.storage.tensor_file import OLDEST
from clearprop.training import Position

HERE = Path(__file__).parent
INPUTS = np.array([[-1.0, -1.0], [0.5, -1.0], [-2.0, 0.25]], np.float32)
# Worked out in float64 from the tensors in each file, by the formulas and without Clearprop.
MODELS = {2: [[0.731574, 0.268426], [0.442638, 0.557362], [0.589151, 0.410849]]}
PICTURES = np.array([[[0, 50], [100, 150], [200, 250]], [[255, 0], [0, 255], [9, 90]]], np.uint8)
# The views by SciPy's affine_transform, rounded.
COMMITTEES = {2: [[0.451148, 0.548852], [0.531155, 0.468845]]}
CHECKPOINTS = {2: [[0.730962, 0.269038], [0.442031, 0.557969], [0.588566, 0.411434]]}


@pytest.mark.parametrize("number", MODELS)
def test_a_model_file_of_every_format_predicts_as_it_did(number):
    model = load(HERE / f"model-{number}.safetensors")
    np.testing.assert_allclose(model.predict_proba(INPUTS), MODELS[number], atol=2e-6)
    assert (model.epochs, model.classes, model.input_shape) == (2, ("0", "1"), (2,))


@pytest.mark.parametrize("number", COMMITTEES)
def test_a_committee_of_every_format_predicts_as_it_did(number):
    committee = load(HERE / f"committee-{number}.safetensors")
    np.testing.assert_allclose(committee.predict_proba(PICTURES), COMMITTEES[number], atol=2e-6)
    assert (committee.temperature, committee.views) == (1.5, Views(3, 0.5, 30.0))
    assert [member.network.sizes for member in committee.members] == [[6, 2, 2], [6, 2]]


@pytest.mark.parametrize("number", CHECKPOINTS)
def test_a_checkpoint_of_every_format_goes_on(number):
    found = read_checkpoint(HERE / f"checkpoint-{number}.safetensors")
    assert (found.steps, found.epochs, found.progress.planned_steps) == (3, 2, 3)
    assert len(found.series["loss"]) == 2
    model = MLP([2, 2, 2], batch_norm=True, moving_average=0.5, seed=1)
    model.resume(Position(found.state, found.steps, found.epochs))
    np.testing.assert_allclose(model.predict_proba(INPUTS), CHECKPOINTS[number], atol=2e-6)
    model.fit(INPUTS, [0, 1, 0], epochs=1)
    assert model.epochs == 3


def test_every_format_has_its_golden_files():
    assert set(MODELS) == set(range(OLDEST, model_file.FORMAT + 1))
    assert set(COMMITTEES) == set(range(OLDEST, committee_file.FORMAT + 1))
    assert set(CHECKPOINTS) == set(range(OLDEST, checkpoint.FORMAT + 1))
