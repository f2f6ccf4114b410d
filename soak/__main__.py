"""`python -m soak`: a training that is killed at random moments must end as if it never was."""

import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

from soak import report, training
from soak.killing import Killed, killed

EXAMPLES = """\
Examples:
  python -m soak --cycles 20                            a first look
  python -m soak --cycles 200 --out docs/soak.json      the figures of docs/reliability.md"""

app = App(name="python -m soak", help_prologue=EXAMPLES, help_format="plaintext", version_flags=(),
          default_parameter=Parameter(negative=""), result_action="return_value")  # fmt: skip


@app.default
def soak(
    *,
    cycles: Annotated[int, Parameter(help="How many kills to survive.")] = 200,
    seed: Annotated[int, Parameter(help="Chooses the moments and the signals.")] = 0,
    engine: Annotated[Literal["numpy", "jax", "both"], Parameter(help="What runs it.")] = "both",
    out: Annotated[Path | None, Parameter(help="The JSON file to write the figures to.")] = None,
) -> int:
    """Kill trainings until so many kills are survived, and compare what each ended with."""
    # A shell that starts this in the background has it ignore Ctrl-C, and so the trainings.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    engines = ["numpy", "jax"] if engine == "both" else [engine]
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="clearprop-soak-") as folder:
        endings = survived(Path(folder), engines, cycles, random.Random(seed))
    found = summary(endings) | {"seed": seed, "engines": engines}
    found |= {"seconds": round(time.perf_counter() - began)}
    report.write(out, report.circumstances() | found)
    return 0 if not found["mismatches"] and not found["faults"] else 1


def survived(
    folder: Path, engines: list[str], cycles: int, rng: random.Random
) -> list[tuple[Killed, list[str]]]:
    """Return what befell each training, and in which parts its end was not the undisturbed one."""
    whole, endings, kills = {}, [], 0
    for engine in engines:
        print(f"the undisturbed training on the {engine} engine", file=sys.stderr, flush=True)
        whole[engine] = training.undisturbed(folder, engine)
    began = time.perf_counter()
    while kills < cycles:
        number, engine = len(endings) + 1, engines[len(endings) % len(engines)]
        place = folder / f"training-{number}"
        for made in killed(whole[engine], place, rng):
            done = kills + sum(made.kills.values())
            left = (time.perf_counter() - began) / max(done, 1) * max(cycles - done, 0)
            tell(f"training {number} ({engine}): {done} of {cycles} kills, {left:.0f} s left")
        kills += sum(made.kills.values())
        endings.append((made, training.differences(training.ended(place), whole[engine].ended)))
        tell(f"training {number} ended; differs in {endings[-1][1]}, faults {made.faults}")
    return endings


def summary(endings: list[tuple[Killed, list[str]]]) -> dict[str, Any]:
    """Return the figures of all trainings."""
    kills: Counter[str] = Counter()
    for made, _ in endings:
        kills.update(made.kills)
    steps = [step for made, _ in endings for step in made.resumed_from]
    return {
        "cycles": kills.total(),
        "trainings": len(endings),
        "kills": dict(kills),
        "resumed_from": {"fresh": steps.count(0), "middle": len(steps) - steps.count(0),
                         "highest": max(steps, default=0), "different": len(set(steps))},
        "steps": steps,
        "mismatches": [differ for _, differ in endings if differ],
        "faults": [fault for made, _ in endings for fault in made.faults],
        "tracebacks": [text for made, _ in endings for text in made.tracebacks],
    }  # fmt: skip


def tell(text: str) -> None:
    """Say how far it is."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(app())
