"""Files that attack Clearprop: a generator for each, and a harness that opens them all."""

import os

# Before numpy is imported: its threads would not survive a fork, and their stacks take room.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
