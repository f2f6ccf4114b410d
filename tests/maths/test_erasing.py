"""Random erasing and mixup, worked by hand."""

import numpy as np

from clearprop.maths.erasing import erased
from clearprop.maths.mixing import blended


def test_a_rectangle_of_two_by_three_pixels(xp):
    # The middle between rows 1 and 2, in column 2; 2 rows high and 3 columns wide.
    made = erased(xp, xp.asarray([[1.5, 2.0]]), xp.asarray([[2.0, 3.0]]), 4, 5)
    assert np.asarray(made)[0].astype(int).tolist() == [
        [0, 0, 0, 0, 0],
        [0, 1, 1, 1, 0],
        [0, 1, 1, 1, 0],
        [0, 0, 0, 0, 0],
    ]


def test_what_lies_outside_is_cut_off_and_nothing_is_nothing(xp):
    middles, sides = xp.asarray([[-0.5, 4.4], [1.0, 1.0]]), xp.asarray([[2.0, 2.0], [0.0, 9.0]])
    made = np.asarray(erased(xp, middles, sides, 3, 5))
    assert np.argwhere(made[0]).tolist() == [[0, 4]]
    assert not made[1].any()


def test_blended_rows(xp):
    rows, others = xp.asarray([[0.0, 4.0], [1.0, 1.0]]), xp.asarray([[8.0, 0.0], [5.0, 9.0]])
    made = blended(xp, rows, others, xp.asarray([0.25, 0.0]))
    assert np.asarray(made).tolist() == [[2.0, 3.0], [1.0, 1.0]]
