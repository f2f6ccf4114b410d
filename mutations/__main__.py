"""`python -m mutations`: read a hundred thousand damaged files and count the outcomes."""

import base64
import hashlib
import importlib.metadata
import json
import platform
import secrets
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from clearprop import atomic
from clearprop.cli.console import note, result
from clearprop.errors import ClearpropError, SettingError
from mutations.crew import batches, explore
from mutations.outcome import is_accepted
from mutations.specimens import SPECIMENS
from mutations.worker import Failure

EXAMPLES = """\
Examples:
  python -m mutations --count 100000 --out docs/mutations.json
  python -m mutations --count 5000 --only CSV recipe
  python -m mutations --replay mutations/failures/CSV-1a2b3c4d.json"""

FAILURES = Path(__file__).with_name("failures")
LIBRARIES = ("clearprop", "numpy", "pillow", "msgspec", "safetensors", "hypothesis")
OUTCOMES = ("accepted", "refused", "failures")

app = App(
    name="python -m mutations",
    help_prologue=EXAMPLES,
    help="Damage files of every format, and check that each is read or refused.",
    help_format="plaintext",
    version_flags=(),
    default_parameter=Parameter(negative=""),
    result_action="return_value",
    suppress_keyboard_interrupt=False,
)


@app.default
def mutate(
    *,
    count: Annotated[int, Parameter(help="How many mutations, over all formats.")] = 100_000,
    seed: Annotated[int | None, Parameter(help="Seed of the mutations (default: random).")] = None,
    out: Annotated[Path | None, Parameter(help="JSON file to write the figures to.")] = None,
    only: Annotated[tuple[str, ...], Parameter(help="Formats.", consume_multiple=True)] = (),
    workers: Annotated[int, Parameter(help="Number of processes.")] = 2,
    replay: Annotated[Path | None, Parameter(help="A saved failure to read again.")] = None,
) -> int:
    """Mutate, or replay; see EXAMPLES."""
    if replay is not None:
        return read_again(replay)
    for name in only:
        if name not in SPECIMENS:
            raise SettingError(f"there is no format {name!r}; there are {', '.join(SPECIMENS)}")
    chosen = secrets.randbelow(2**32) if seed is None else seed
    found = measured(list(only) or list(SPECIMENS), count, chosen, workers)
    if out is not None:
        atomic.write(out, (json.dumps(found, indent=1) + "\n").encode())
    result(json.dumps(found, indent=1))
    return 1 if found["failures"] else 0


def measured(names: list[str], count: int, seed: int, workers: int) -> dict[str, Any]:
    """Mutate, save failures, and return the figures."""
    began, counts = time.perf_counter(), {name: Counter[str]() for name in names}
    with _bar() as bar:
        task = bar.add_task("starting", total=count)

        def tell(name: str, done: int) -> None:
            bar.update(task, advance=done, description=name)

        for name, found, failures in explore(batches(names, count, seed), workers, tell):
            counts[name] += found
            for failure in failures:
                bar.console.print(f"{name}: saved {save(failure)}", markup=False, highlight=False)
    total = sum(counts.values(), Counter())
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "versions": {"python": platform.python_version()} | {
            name: importlib.metadata.version(name) for name in LIBRARIES
        },
        "seed": seed,
        "seconds": round(time.perf_counter() - began),
        **figures(total),
        "formats": {name: figures(own) for name, own in counts.items()},
    }  # fmt: skip


def figures(counts: Counter[str]) -> dict[str, int]:
    """Return the number of mutations and of each outcome."""
    return {"mutations": counts.total()} | {outcome: counts[outcome] for outcome in OUTCOMES}


def save(failure: Failure) -> Path:
    """Write a failure to a file for --replay."""
    digest = hashlib.sha256(failure.data).hexdigest()[:8]
    name = "".join(sign if sign.isalnum() else "-" for sign in failure.name)
    data = base64.b64encode(failure.data).decode()
    record = {"format": failure.name, "error": failure.error.splitlines(), "data": data}
    path = FAILURES / f"{name}-{digest}.json"
    return atomic.write(path, (json.dumps(record, indent=1) + "\n").encode())


def read_again(path: Path) -> int:
    """Read a saved failure again; exceptions propagate."""
    record = json.loads(path.read_bytes())
    data = base64.b64decode(record["data"])
    with tempfile.TemporaryDirectory() as folder:
        accepted = is_accepted(SPECIMENS[record["format"]], data, Path(folder) / "files")
    result("accepted" if accepted else "refused")
    return 0


def _bar() -> Progress:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    return Progress(*columns, console=console, disable=not console.is_terminal)


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        return app(exit_on_error=False, print_error=False) or 0
    except CycloptsError as error:
        note(f"{error}\nSee: python -m mutations --help")
        return 2
    except ClearpropError as error:
        note(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        note("stopped by Ctrl-C; failures so far are kept")
        return 130


if __name__ == "__main__":
    sys.exit(main())
