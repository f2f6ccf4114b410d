"""The measure of overhead sees the looks and the checkpoints that there are."""

import pytest
from benchmarks import overhead

from clearprop import datasets

pytestmark = pytest.mark.usefixtures("unchecked_shapes")


def test_the_looks_are_counted_and_timed():
    found = overhead.diagnosis([64, 8, 10], "numpy", datasets.load("digits").train, 2)
    # Ten epochs of twelve steps, looked at in their middle and at their end.
    assert found["looks"] == 2
    assert found["share"] > 0.0
    assert found["milliseconds_a_look"] > 0.0
    assert len(found["ratios"]) == 2


def test_a_checkpoint_is_timed_on_the_loop_and_beside_it():
    found = overhead.checkpoints([64, 8, 10], "numpy", datasets.load("digits").train, 1)
    assert 0.0 < found["share_waited"] < found["share_of_both"]
    # 610 parameters of four bytes, with the two averages of Adam, and the card.
    assert found["megabytes"] > 3 * 4 * 610 / 1e6
