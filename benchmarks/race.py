"""The race: every contender in a process of its own, an epoch each in turn, round after round."""

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.contenders import CONTENDERS
from benchmarks.job import Job
from benchmarks.processes import ROOT, ProcessError, environment, python
from benchmarks.worker import last_line

PATIENCE_SECONDS = 20
# OpenBLAS and OpenMP keep a core busy for a while after the work is done.
REST_SECONDS = 0.25
QUICK_ROWS = 2_048

Tick = Callable[[str, float], None]
"""Is told what was just done, and what share of a round that is; preparing counts as one."""


class Worker:
    """A contender's process, and what it has shown."""

    def __init__(self, name: str, job: Job) -> None:
        self.record: dict[str, Any] = {"values": []}
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            python("worker", name, job.to_json()), env=environment(name), cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors,
        )  # fmt: skip
        self.networks = job.networks

    def prepare(self) -> None:
        """Wait until it is warm, and keep what it says of its forms."""
        self._guarded(lambda: self.record.update(self._hear()))

    def epoch(self) -> None:
        """Have it make an epoch, alone on the machine, and keep the seconds a network."""
        self._guarded(
            lambda: self.record["values"].append(self._ask("epoch")["seconds"] / self.networks)
        )

    def finish(self) -> None:
        """Ask how well it has learned, and end it."""
        self._guarded(lambda: self.record.update(self._ask("accuracy")))
        self.end()

    def end(self) -> None:
        """End the process, with patience first."""
        if self.process.stdin:
            with contextlib.suppress(OSError):  # it may have ended by itself
                self.process.stdin.close()
        try:
            self.process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _guarded(self, act: Callable[[], Any]) -> None:
        # One that failed stays in the table with its error, and the others go on.
        if "error" in self.record:
            return
        try:
            act()
        except (ProcessError, OSError) as error:
            self.record["error"] = str(error)

    def _ask(self, question: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        print(question, file=self.process.stdin, flush=True)
        return self._hear()

    def _hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise ProcessError(last_line(self.errors.read()) or "the process ended")
        said = json.loads(line)
        if "error" in said:
            raise ProcessError(said["error"])
        return said


@dataclass(frozen=True)
class Race:
    """Epochs, interleaved; the values are seconds of an epoch (for each network, where many)."""

    jobs: dict[str, Job]
    unit: str = "s"

    @property
    def contenders(self) -> tuple[str, ...]:
        """Who takes part."""
        return tuple(self.jobs)

    def run(self, rounds: int, quick: bool, tick: Tick) -> dict[str, dict[str, Any]]:
        """Return each contender's record."""
        workers = {}
        try:
            for name, job in self.jobs.items():
                if CONTENDERS[name].missing() is None:
                    job = job.changed(rows=min(job.rows, QUICK_ROWS)) if quick else job
                    workers[name] = Worker(name, job)
                    workers[name].prepare()
                tick(f"{name} is warm", 1.0 / len(self.jobs))
            for i in range(rounds):
                for name in turned(list(workers), i):
                    time.sleep(REST_SECONDS)
                    workers[name].epoch()
                    tick(f"round {i + 1}: {name}", 1.0 / len(self.jobs))
            for worker in workers.values():
                worker.finish()
        finally:
            for worker in workers.values():
                worker.end()
        return {
            name: workers[name].record if name in workers else absent(name) for name in self.jobs
        }


def turned(names: list[str], i: int) -> list[str]:
    """Return the names with another one first each round, so that none always follows the same."""
    first = i % max(len(names), 1)
    return names[first:] + names[:first]


def absent(name: str) -> dict[str, Any]:
    """Return the record of a contender that is not installed."""
    return {"values": [], "missing": CONTENDERS[name].missing()}
