"""A contender in a process of its own: `python -m benchmarks.worker NAME JOB`.

It prepares (imports, data, compiling, warm-up), tries every form of the contender on the very
work and keeps the fastest, and says so in a line of JSON. Then it answers each line on its
standard input: "epoch" with the seconds of one epoch, "accuracy" with how well it has learned.
"""

import json
import math
import os
import sys
import time
import traceback
from typing import Any, TextIO

from benchmarks.contenders import CONTENDERS, Forms, Trainer
from benchmarks.job import Job

ROUNDS = 3
ENOUGH_SECONDS = 30.0


def main(name: str, job: Job) -> None:
    """Prepare, then serve until the input ends."""
    out = private_output()
    try:
        trainer, found = fastest(CONTENDERS[name].forms(job))
        say(out, found)
        for line in sys.stdin:
            say(out, answer(trainer, line.strip()))
    except Exception as error:
        traceback.print_exc()
        say(out, {"error": f"{type(error).__name__}: {last_line(str(error))}"})


def private_output() -> TextIO:
    """Return standard output for the answers alone; what libraries print goes to stderr."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return out


def say(out: TextIO, message: dict[str, Any]) -> None:
    """Write one line."""
    print(json.dumps(message), file=out, flush=True)


def last_line(text: str) -> str:
    """Return the last line of a text that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def answer(trainer: Trainer, line: str) -> dict[str, Any]:
    """Return what one line asks for."""
    if line == "epoch":
        return {"seconds": timed(trainer)}
    accuracy = trainer.accuracy()
    return {"accuracy": None if math.isnan(accuracy) else accuracy}


def timed(trainer: Trainer) -> float:
    """Return the wall seconds of one epoch."""
    began = time.perf_counter()
    trainer.train(1)
    return time.perf_counter() - began


def fastest(forms: Forms) -> tuple[Trainer, dict[str, Any]]:
    """Return a trainer of the fastest form, warm, and the best seconds of all that were tried."""
    trainers = {name: make() for name, make in forms.items()}
    tried = best_seconds(trainers)
    chosen = min(tried, key=tried.__getitem__)
    return trainers[chosen], {"form": chosen, "tried": tried}


def best_seconds(trainers: dict[str, Trainer]) -> dict[str, float]:
    """Return each trainer's best epoch, after one to warm up, in a few rounds that interleave."""
    for trainer in trainers.values():
        trainer.train(1)
    best = dict.fromkeys(trainers, math.inf)
    began = time.perf_counter()
    for _ in range(ROUNDS if len(trainers) > 1 else 1):
        for name, trainer in trainers.items():
            best[name] = min(best[name], timed(trainer))
        if time.perf_counter() - began > ENOUGH_SECONDS:
            break
    return best


if __name__ == "__main__":
    main(sys.argv[1], Job.from_json(sys.argv[2]))
