"""Stretches: the steps of an epoch in groups, with room for callbacks between them."""

import time
from collections.abc import Iterator, Sequence

STRETCH_SECONDS = 0.2


def stretches(
    steps: int, first: int = 0, every: Sequence[int] = (), begin: int = 0
) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) over the steps, each stretch meant to take `STRETCH_SECONDS`.

    The first is one step long; the length of each next one follows from the speed of the last.

    Args:
        steps: how many there are.
        first: how many were made before, in all epochs.
        every: a stretch also ends wherever the count of all steps is a multiple of one of these.
        begin: the step to start at, in a resumed epoch.
    """
    start, size = begin, 1
    first -= begin
    while start < steps:
        began = time.perf_counter()
        stop = min(start + size, steps, *(start + n - (first + start) % n for n in every))
        yield start, stop
        speed = (stop - start) / max(time.perf_counter() - began, 1e-9)
        size = max(1, min(int(speed * STRETCH_SECONDS), 16 * size))
        start = stop
