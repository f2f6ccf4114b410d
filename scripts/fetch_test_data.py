"""Bring the data sets that the tests read into the cache; the tests themselves stay offline.

Without them the tests that need them are skipped, or fail where CLEARPROP_REQUIRE_DATA is set.
"""

import os
import sys

from clearprop import ClearpropError, datasets

missing = []
for name in ("mnist", "fashion-mnist", "digits"):
    try:
        datasets.get(name)
    except ClearpropError as error:
        missing.append(name)
        print(error, file=sys.stderr)
sys.exit(1 if missing and os.environ.get("CLEARPROP_REQUIRE_DATA") else 0)
