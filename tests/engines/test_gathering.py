"""Batches in arrays that are made once, against `network.gather`."""

import numpy as np
import pytest

from clearprop.engines import Job
from clearprop.engines.gathering import Gathering
from clearprop.inputs import Preparation
from clearprop.layers import Dense
from clearprop.network import (
    Deformation,
    Network,
    Rows,
    Training,
    gather,
    gather_deformed,
    hyper,
    program,
    table,
)

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (20, 6)).astype(np.uint8)
FLOATS = RNG.normal(size=(20, 6))
LABELS = RNG.integers(0, 3, 20).astype(np.int32)
TARGETS = RNG.random((20, 3))
ORDER = [[3, 1, 4, 15], [9, 2, 6, -1], [5, -1, -1, -1], [0, 19, 7, 8]]


NETWORK = Network((6,), (Dense(3, "softmax"),))


UNIT = Preparation()


def job(preparation=UNIT, **settings):
    training = Training(**settings)
    return Job(program(NETWORK, training), hyper(NETWORK, training), preparation)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("x", [PIXELS, FLOATS, FLOATS.astype(np.float32)])
@pytest.mark.parametrize("y", [LABELS, TARGETS])
@pytest.mark.parametrize("weight", [None, RNG.random(20)])
@pytest.mark.parametrize("preparation", [Preparation(), Preparation(33.5, 0.013)])
def test_it_gathers_what_the_equations_gather(x, y, weight, dtype, preparation):
    rows = Rows(x, y, weight)
    made = Gathering(rows, job(preparation, precision=dtype), batch=4)
    for index in np.array(ORDER, np.int32):
        found = made.batch(index, {})
        for one, other in zip(
            found, gather(np, rows, index, preparation, np.dtype(dtype)), strict=True
        ):
            assert (one is None) == (other is None)
            if one is not None:
                assert one.dtype == other.dtype
                assert one.tobytes() == other.tobytes()


def test_the_rows_stay_as_they_are():
    before = FLOATS.copy()
    Gathering(Rows(FLOATS, LABELS, None), job(precision="float64"), 4).batch(np.arange(4), {})
    assert (before == FLOATS).all()


def test_deformed_rows_are_those_of_the_equations():
    settings = {"deformation": Deformation(shift=1.0, mixup=0.5, sides=(2, 3))}
    training, own = Training(**settings), job(**settings)
    row = table(NETWORK, training, first=0, fit_first=0, steps=1, per_epoch=1)
    values = own.hyper | {name: column[0] for name, column in row.items()}
    rows, index = Rows(PIXELS, LABELS, None), np.array([3, 1, 4, -1], np.int32)
    found = Gathering(rows, own, 4).batch(index, values)
    plan, dtype = own.program.deformation, np.dtype("float32")
    wanted = gather_deformed(np, plan, rows, index, own.preparation, dtype, values)
    assert found.x.tobytes() == wanted.x.tobytes()
    assert found.x.tobytes() != gather(np, rows, index, own.preparation, dtype).x.tobytes()
