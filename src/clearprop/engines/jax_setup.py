"""JAX, with compiled programs kept on disk, so that a network compiles once per machine.

Compiling a training step takes longer than an epoch of a small network; reading it back takes a
tenth of that. If the user's program has imported jax itself, or has named a folder for compiled
programs, its settings are left alone.
"""

import contextlib
import os
import sys
import warnings

from platformdirs import user_cache_path

from clearprop.engines.jaxlib_guard import refuse_wrong_jaxlib
from clearprop.signals import held

refuse_wrong_jaxlib()
_ours = "jax" not in sys.modules
if _ours:
    # XLA would print false warnings about processor features with every program it reads.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

# An error raised by a signal handler inside jax's C++ can end the process (3 of 97 times).
with held():
    import jax
    import jax.numpy as jnp

__all__ = ["jax", "jnp"]


def keep_programs() -> None:
    """Have jax keep compiled programs in Clearprop's cache folder, if it is writable.

    A program is some 50 kB, and none is ever deleted; the folder may be, at any time. One that was
    cut short (jax writes them in place) is compiled again.
    """
    if jax.config.jax_compilation_cache_dir is not None:
        return
    folder = user_cache_path("clearprop") / "compiled"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK):
            jax.config.update("jax_compilation_cache_dir", str(folder))
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
            warnings.filterwarnings("ignore", "Error reading persistent compilation cache")


if _ours:
    keep_programs()
