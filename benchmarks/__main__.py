"""`python -m benchmarks`: measure, print the table, write the JSON and the chart."""

import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, CycloptsError, Parameter
from rich.console import Console

from benchmarks import results
from benchmarks.chart import draw
from benchmarks.progress import Watch
from benchmarks.table import claims_table, measured, verdicts, work_table
from benchmarks.works import WORKS, Work
from clearprop.errors import ClearpropError, SettingError

EXAMPLES = """\
Examples:
  python -m benchmarks                            everything, one to two hours
  python -m benchmarks --only epoch-128 start     two of the works
  python -m benchmarks --quick                    does everybody run?
  python -m benchmarks --list                     the names of the works
  python -m benchmarks --report                   print what was measured
  python -m benchmarks.search --again             search the settings on this machine"""

OUT = Path(__file__).with_name("results")
QUICK_ROUNDS = 2
PAGE_WIDTH = 130

app = App(
    name="python -m benchmarks",
    help_prologue=EXAMPLES,
    help="How fast Clearprop is beside its peers, and beside the arithmetic alone.",
    help_format="plaintext",
    version_flags=(),
    default_parameter=Parameter(negative=""),
    result_action="return_value",
)


@app.default
def bench(
    *,
    only: Annotated[tuple[str, ...], Parameter(help="Names of works.", consume_multiple=True)] = (),
    out: Annotated[Path | None, Parameter(help="Folder of results.json and chart.png.")] = None,
    rounds: Annotated[int | None, Parameter(help="Rounds of every work.")] = None,
    quick: Annotated[bool, Parameter(help="Few rows and rounds.", show_default=False)] = False,
    list_: Annotated[
        bool, Parameter(name="--list", help="Name the works.", show_default=False)
    ] = False,
    report: Annotated[
        bool, Parameter(help="Print what was measured before.", show_default=False)
    ] = False,
) -> None:
    """Measure the works, or report; see EXAMPLES."""
    works = [work_of(name) for name in only or WORKS]
    # A quick run shall not take the place of figures.
    folder = out or (OUT / "quick" if quick else OUT)
    if list_:
        print("\n".join(f"{work.name:<24}{work.title}" for work in works))
        return
    if not report:
        measure(works, folder, QUICK_ROUNDS if quick and rounds is None else rounds, quick)
    show(results.read(folder), [work.name for work in works])


def work_of(name: str) -> Work:
    """Return a work by its name.

    Raises:
        SettingError: there is none of that name.
    """
    if name not in WORKS:
        raise SettingError(f"there is no work {name!r}; there are {', '.join(WORKS)}")
    return WORKS[name]


def measure(works: list[Work], out: Path, rounds: int | None, quick: bool) -> None:
    """Measure the works one after another, and write what is known after each.

    Raises:
        SettingError: the number of rounds is none.
    """
    if rounds is not None and rounds < 1:
        raise SettingError(f"rounds is {rounds}; it must be 1 or more")
    with Watch(works, rounds) as watch:
        for work in works:
            watch.begin(work)
            made = record(work, rounds or work.rounds, quick, watch)
            # Read again: another run may have written meanwhile.
            found = results.read(out) | {work.name: made}
            results.write(out, found)
            draw(found, out / results.CHART)


def record(work: Work, rounds: int, quick: bool, watch: Watch) -> dict[str, Any]:
    """Return what a work measured, with the circumstances."""
    contenders = work.measure.run(rounds, quick, watch.tick)
    return {
        "title": work.title, "unit": work.measure.unit, "rounds": rounds, "quick": quick,
        **results.circumstances(), "contenders": contenders,
        "claims": verdicts(work.name, contenders),
    }  # fmt: skip


def show(found: dict[str, Any], names: list[str]) -> None:
    """Print every work's figures, and last the table of the targets."""
    # A file or a pipe has no width of its own.
    console = Console() if sys.stdout.isatty() else Console(width=PAGE_WIDTH)
    chosen = {name: found[name] for name in names if name in found}
    for work, made in measured(chosen):
        console.print(work_table(work, made))
    console.print(claims_table(chosen))
    if any(made["quick"] for made in chosen.values()):
        console.print("Some of this is from a quick run: no figures to quote.")


def main() -> int:
    """Run the command line and return its exit code."""
    try:
        app(exit_on_error=False, print_error=False)
    except CycloptsError as error:
        print(f"{error}\nSee: python -m benchmarks --help", file=sys.stderr)
        return 2
    except ClearpropError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped by Ctrl-C; the works that were finished are kept", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
