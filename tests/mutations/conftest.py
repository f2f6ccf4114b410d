"""`mutations` is a folder at the root, not a part of the package that is installed."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
