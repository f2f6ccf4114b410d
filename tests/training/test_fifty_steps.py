"""Dense networks train as they did before layers became types: see fifty_steps.py."""

import json

import fifty_steps
import numpy as np
import pytest

RESULTS = json.loads(fifty_steps.RESULTS.read_text())


@pytest.mark.parametrize("way", fifty_steps.WAYS)
@pytest.mark.parametrize("case", fifty_steps.CASES)
def test_fifty_steps_come_to_what_they_always_did(case, way, unchecked_shapes):
    found = fifty_steps.trained(case, way, "float64")
    assert set(found) == set(RESULTS[case])
    for name, value in found.items():
        np.testing.assert_allclose(value, RESULTS[case][name], 1e-8, 1e-10, err_msg=name)
