"""The example of a layer of one's own does what it says."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples/own_layer.py"


def test_it_learns():
    done = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=True)
    assert "bend" in done.stdout
    assert float(done.stdout.split("test accuracy: ")[1].split()[0]) > 85.0
