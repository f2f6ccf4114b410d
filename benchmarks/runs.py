"""Runs of whole processes, interleaved: one of each in turn, round after round."""

import time
from collections.abc import Callable
from typing import Any

from benchmarks.processes import ProcessError
from benchmarks.race import REST_SECONDS, Tick, absent, turned

Record = dict[str, Any]


def interleaved(
    acts: dict[str, Callable[[int], Record] | None], rounds: int, tick: Tick
) -> dict[str, Record]:
    """Return each contender's record: lists with one entry a round.

    Args:
        acts: for each contender what one run is; it takes the round's number, 0 being a warm-up
            that is not counted, and returns an entry for `values` and for whatever else is to
            be kept. None stands for a contender that is not installed.
        rounds: how many runs each makes after the warm-up.
        tick: is told what is done.
    """
    records = {name: {"values": []} if act else absent(name) for name, act in acts.items()}
    for number in range(rounds + 1):
        for name in turned(list(acts), number):
            if (act := acts[name]) and "error" not in records[name]:
                time.sleep(REST_SECONDS)
                _run(act, number, records[name])
            tick(f"round {number}: {name}", 1.0 / len(acts))
    return records


def _run(act: Callable[[int], Record], number: int, record: Record) -> None:
    try:
        made = act(number)
    except ProcessError as error:
        record["error"] = str(error)
        return
    if number:
        for key, value in made.items():
            record.setdefault(key, []).append(value)
