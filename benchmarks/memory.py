"""Peak memory: training on MNIST for an epoch, above an interpreter that imported the engine."""

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
        records = interleaved(acts, rounds, tick)
        for record in records.values():
            if forms := record.pop("forms", None):
                record["form"] = forms[0]
        return records | {DATA: {"values": [DATA_BYTES / 1e6] * rounds}}


def growth(name: str, job: Job) -> Record:
    """Return by how many megabytes training outgrew the imports."""
    (idle, _), (trained, form) = (peak(name, *words) for words in ((), (job.to_json(),)))
    return {"values": (trained - idle) / 1e6, "forms": form}


def peak(name: str, *words: str) -> tuple[int, str]:
    """Return a process's peak in bytes, and the form in which it trained, if it did."""
    _, said = timed(python("peak_memory", name, *words), environment(name))
    bytes_, _, form = said.strip().partition(" ")
    return int(bytes_), form
