"""Opens files in a child process, with little room, little time, and an eye on it."""

import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from attacks.attack import Generator
from clearprop.errors import ClearpropError

# Above what every reader needs for what is sent here; below what the bombs ask for.
ROOM = 512 * 2**20
SECONDS = 10
# What no reader does: a file that brings one of them about has run its own code.
FORBIDDEN = ("os.system", "os.exec", "os.posix_spawn", "subprocess.Popen", "socket.connect")

Reader = Callable[[Path], object]


class Job(NamedTuple):
    """A file to be opened.

    Attributes:
        name: what it is called in the table.
        suffix: what its name ends with.
        write: writes it to a path.
        reader: opens it.
        seconds: of processor time that the reader has, and twice as many of the clock.
    """

    name: str
    suffix: str
    write: Generator
    reader: Reader
    seconds: int = SECONDS


class Outcome(NamedTuple):
    """What came of opening a file.

    Attributes:
        verdict: "refused" by an error of ours, "accepted", or "broken": anything else.
        code: the exit code that the command line would leave with; 0 where it is accepted.
        says: the sentence, or how it broke.
        left: the files that the reader left behind.
        seconds: of wall time.
        mebibytes: how much memory it took beside what was there before.
    """

    verdict: str
    code: int
    says: str
    left: list[str]
    seconds: float = 0.0
    mebibytes: float = 0.0


def opened(jobs: list[Job]) -> Iterator[Outcome]:
    """Yield what comes of each job.

    One child works them off, each in a folder of its own; where one kills it, another child goes
    on with the next.
    """
    done = 0
    with tempfile.TemporaryDirectory(prefix="attacks-") as folder:
        while done < len(jobs):
            receive, send = os.pipe()
            child = os.fork()
            if not child:
                os.close(receive)
                _work_off(jobs[done:], Path(folder), send)
            os.close(send)
            with os.fdopen(receive, "rb") as pipe:
                for line in pipe:
                    yield Outcome(*json.loads(line))
                    done += 1
            _, status = os.waitpid(child, 0)
            if done < len(jobs):
                yield Outcome("broken", -1, _death(status), [])
                done += 1


def _work_off(jobs: list[Job], folder: Path, pipe: int) -> None:
    # The child leaves without the interpreter's end: nothing of the parent's shall run twice.
    try:
        ran: list[str] = []
        # Only in the child: a hook cannot be taken away again.
        sys.addaudithook(lambda event, _: ran.append(event) if event in FORBIDDEN else None)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        space = _kibibytes("VmSize") * 1024 + ROOM
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
        with os.fdopen(pipe, "wb") as file:
            for job in jobs:
                ran.clear()
                _tell(file, _outcome(job, folder, ran))
    finally:
        os._exit(0)


def _outcome(job: Job, folder: Path, ran: list[str]) -> Outcome:
    with tempfile.TemporaryDirectory(dir=folder) as own:
        os.chdir(own)
        path = Path(own, f"sent{job.suffix}")
        job.write(path)
        before = _files(own)
        _limit(job.seconds)
        # From here on the highest is measured anew.
        Path("/proc/self/clear_refs").write_text("5")
        resident, began = _kibibytes("VmRSS"), time.perf_counter()
        verdict = _verdict(job.reader, path)
        took = time.perf_counter() - began, (_kibibytes("VmHWM") - resident) / 1024
        signal.alarm(0)
        left = sorted(_files(own) - before)
        os.chdir(folder)
    if ran:
        verdict = "broken", -1, f"it ran code: {ran[0]}"
    return Outcome(*verdict, left, *took)


def _limit(seconds: int) -> None:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))
    signal.alarm(2 * seconds)


def _verdict(reader: Reader, path: Path) -> tuple[str, int, str]:
    try:
        reader(path)
    except ClearpropError as error:
        return "refused", error.exit_code, str(error)
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        return "broken", 1, f"{type(error).__name__} at {place}: {str(error)[:300]!r}"
    return "accepted", 0, ""


def _kibibytes(field: str) -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{field}:")[2].split()[0])


def _files(folder: str) -> set[str]:
    return {str(path) for path in Path(folder).rglob("*")}


def _tell(file: IO[bytes], outcome: Outcome) -> None:
    file.write(json.dumps(outcome).encode() + b"\n")
    file.flush()


def _death(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"left with {os.WEXITSTATUS(status)} and no word"
