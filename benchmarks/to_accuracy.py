"""From a process's start to a given test accuracy, each contender with the best setting found."""

from dataclasses import dataclass
from typing import Any

from benchmarks import settings
from benchmarks.contenders import CONTENDERS
from benchmarks.job import Job
from benchmarks.processes import environment, python, timed
from benchmarks.race import QUICK_ROWS, Tick
from benchmarks.runs import Record, interleaved


@dataclass(frozen=True)
class ToAccuracy:
    """Wall seconds of a whole process that ends with a network of that accuracy."""

    percent: int
    names: tuple[str, ...]
    unit: str = "s"

    @property
    def contenders(self) -> tuple[str, ...]:
        """Who takes part."""
        return self.names

    def run(self, rounds: int, quick: bool, tick: Tick) -> dict[str, dict[str, Any]]:
        """Return each contender's record: every round another seed, all 60,000 rows."""
        chosen = settings.chosen(self.percent)
        acts = {
            name: None
            if CONTENDERS[name].missing() or name not in chosen
            else lambda i, name=name: one_run(name, *chosen[name], seed=100 + i, quick=quick)
            for name in self.names
        }
        records = interleaved(acts, rounds, tick)
        for name, record in records.items():
            self._judge(record, *chosen.get(name, (None, None)))
        return records

    def _judge(self, record: Record, form: str | None, job: Job | None) -> None:
        if job is None:
            record["missing"] = record.get("missing") or settings.NOT_FOUND.format(self.percent)
            return
        wrong = [a for a in record.get("accuracies", ()) if a < self.percent / 100]
        record |= {"form": f"{settings.words(job)}; {form}", "failures": len(wrong)}


def one_run(name: str, form: str, job: Job, seed: int, quick: bool = False) -> Record:
    """Return the wall seconds of one process, and the accuracy that it printed."""
    job = job.changed(seed=seed)
    job = job.changed(rows=QUICK_ROWS, epochs=1) if quick else job
    seconds, said = timed(python("from_start", name, form, job.to_json()), environment(name))
    return {"values": seconds, "accuracies": float(said)}
