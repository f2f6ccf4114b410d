"""Peak memory: training on MNIST for an epoch, above an interpreter that imported the engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from benchmarks.contenders import CONTENDERS
from benchmarks.job import Job
from benchmarks.processes import environment, python, timed
from benchmarks.race import QUICK_ROWS, Tick
from benchmarks.runs import Record, interleaved

DATA = "uint8-data"
DATA_BYTES = 60_000 * (784 + 1)


@dataclass(frozen=True)
class Memory:
    """Bytes above the idle interpreter; beside them the bytes of the data, pixels and labels."""

    job: Job
    names: tuple[str, ...]
    unit: str = "MB"

    @property
    def contenders(self) -> tuple[str, ...]:
        """Who takes part."""
        return (*self.names, DATA)

    def run(self, rounds: int, quick: bool, tick: Tick) -> dict[str, dict[str, Any]]:
        """Return each contender's record."""
        job = self.job.changed(rows=QUICK_ROWS) if quick else self.job
        acts = {
            name: None if CONTENDERS[name].missing() else lambda i, name=name: growth(name, job)
            for name in self.names
        }
        data = {"values": [DATA_BYTES / 1e6] * rounds}
        return interleaved(acts, rounds, tick) | {DATA: data}


def growth(name: str, job: Job) -> Record:
    """Return by how many megabytes training outgrew the imports."""
    peaks = [
        int(timed(python("peak_memory", name, *words), environment(name))[1])
        for words in ((), (job.to_json(),))
    ]
    return {"values": (peaks[1] - peaks[0]) / 1e6}
