"""Shapes and types in the equations' annotations are checked while the tests run."""

import jaxtyping
import pytest

from clearprop.maths.affine import affine
from clearprop.maths.losses import one_hot
from clearprop.maths.metrics import area_under_roc, brier_score
from clearprop.maths.noise import mix
from clearprop.maths.normalization import batch_norm
from clearprop.maths.softmax import softmax
from clearprop.maths.warps import affine_coordinates, bilinear

CALLS = {
    "inner sizes differ": lambda xp, two, three: affine(xp, two, two, None),
    "bias of another size": lambda xp, two, three: affine(xp, two, three, xp.ones(2)),
    "a vector for a matrix": lambda xp, two, three: softmax(xp, two[0, ...]),
    "integers for numbers": lambda xp, two, three: softmax(xp, xp.asarray([[1, 2]])),
    "numbers for labels": lambda xp, two, three: one_hot(xp, two[0, ...], 3, xp.float32),
    "signed words": lambda xp, two, three: mix(xp, xp.asarray([1])),
    "one mark too many": lambda xp, two, three: batch_norm(
        xp, two, xp.ones(3), xp.ones(3), xp.ones(3), 1e-5
    ),
    "a picture without its deformation": lambda xp, two, three: bilinear(
        xp, two[None, ...], xp.ones((2, 2, 2, 3))
    ),
    "pixels of another kind": lambda xp, two, three: bilinear(
        xp, xp.ones((1, 2, 3), dtype=xp.int16), xp.ones((1, 2, 2, 3))
    ),
    "one matrix for two shifts": lambda xp, two, three: affine_coordinates(
        xp, two[None, :, :2], xp.ones((2, 2)), 3, 3
    ),
    "a weight too many": lambda xp, two, three: brier_score(xp, two, two, xp.ones(3)),
    "a score without its answer": lambda xp, two, three: area_under_roc(
        xp, xp.ones(3), xp.ones(2), xp.ones(3)
    ),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_what_does_not_fit_is_refused(xp, call):
    with pytest.raises(jaxtyping.TypeCheckError):
        call(xp, xp.ones((2, 3), dtype=xp.float32), xp.ones((3, 4), dtype=xp.float32))


def test_what_fits_is_taken(xp):
    z, _ = affine(xp, xp.ones((2, 3)), xp.ones((3, 4)), xp.ones(4))
    assert softmax(xp, z).shape == (2, 4)
