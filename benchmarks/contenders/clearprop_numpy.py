"""Clearprop on its NumPy engine."""

from benchmarks.contenders import Forms
from benchmarks.contenders.clearprop_fit import fits
from benchmarks.job import Job


def forms(job: Job) -> Forms:
    """Return the one way of writing it."""
    return fits(job, "numpy")
