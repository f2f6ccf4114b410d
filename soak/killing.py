"""One training, killed at random moments until it comes to its end."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from soak import training

# Each as often as the others; the second Ctrl-C of the last one follows within this time.
WAYS: dict[str, tuple[signal.Signals, ...]] = {
    "SIGKILL": (signal.SIGKILL,),
    "SIGTERM": (signal.SIGTERM,),
    "SIGINT": (signal.SIGINT,),
    "SIGINT twice": (signal.SIGINT, signal.SIGINT),
}
BETWEEN_TWO = 0.1
# How a process may end that was killed: by the signal itself, before or after the training, or
# with the code that tells it, out of the training.
CODES = {signal.SIGKILL: {-9}, signal.SIGTERM: {-15, 143}, signal.SIGINT: {-2, 130}}
LONGEST = 300.0


@dataclass
class Killed:
    """What befell a training.

    Attributes:
        kills: how often it was killed in which way.
        resumed_from: the step of the newest checkpoint at each start after a kill.
        faults: what went wrong, in sentences.
        tracebacks: that were shown where a sentence should have been.
    """

    kills: dict[str, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))
    resumed_from: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    tracebacks: list[str] = field(default_factory=list)


def killed(whole: training.Whole, out: Path, rng: random.Random) -> Iterator[Killed]:
    """Train, and kill; yield what befell the training after every kill, and once at its end.

    Args:
        whole: the undisturbed training: each kill comes within the time that it takes.
        out: the folder to train into.
        rng: chooses the ways and the moments.
    """
    made, reached = Killed(), 0
    while True:
        way, moment = rng.choice(list(WAYS)), rng.uniform(0.0, whole.seconds)
        code = run(whole.recipe, out, way, moment, rng)
        if code == 0:
            # One that had come to its end before says that it went on from there.
            if training.result(out)["resumed_from"] not in (reached, whole.steps):
                made.faults.append(f"it did not go on from step {reached}, the newest there was")
            yield made
            return
        said = _without_places(training.said(out))
        if not _is_as_told(code, WAYS[way][0], said):
            made.faults.append(f"after {way} it left with {code}: {said}")
        elif "Traceback" in said and code in (130, 143):
            made.tracebacks.append(f"after {way}: {said}")
        made.kills[way] += 1
        step = training.newest_step(out)
        if step < reached:
            made.faults.append(f"after {way} the newest checkpoint is {step}, before {reached}")
        reached = step
        made.resumed_from.append(reached)
        yield made


def _without_places(said: str) -> str:
    """Return what was said without the files of a traceback: they are this machine's."""
    return "\n".join(line for line in said.splitlines() if line and not line.startswith(" "))


def _is_as_told(code: int, number: signal.Signals, said: str) -> bool:
    """Return whether a killed process left with a code that tells what killed it."""
    if code in CODES[number]:
        return True
    # Python itself was still starting, and nothing of ours had begun.
    return code == 1 and "KeyboardInterrupt" in said and "clearprop: " not in said


def run(recipe: Path, out: Path, way: str, moment: float, rng: random.Random) -> int:
    """Start a training, kill it so many seconds later, and return its exit code."""
    process = training.start(recipe, out)
    try:
        return process.wait(moment)
    except subprocess.TimeoutExpired:
        for number in WAYS[way]:
            process.send_signal(number)
            time.sleep(rng.uniform(0.0, BETWEEN_TWO))
    try:
        return process.wait(LONGEST)
    finally:
        process.kill()
