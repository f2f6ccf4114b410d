"""`clearprop datasets`: which data sets there are, fetch them, check them."""

from typing import Annotated

from cyclopts import App, Parameter

from clearprop.cli.console import result, result_json
from clearprop.cli.options import DataDir, Json, Offline, Quiet

EXAMPLES = """\
Examples:
  clearprop datasets list              what there is, and what is here
  clearprop datasets get mnist         fetch a set into the cache
  clearprop datasets check mnist       compare files with checksums"""


def register(app: App) -> None:
    """Add the commands."""
    group = App(
        name="datasets", help_prologue=EXAMPLES, help="List, fetch and check the data sets."
    )
    group.command(list_, name="list", help="What there is, and what is on this machine.")
    group.command(get, help="Fetch data sets into the cache.")
    group.command(check, help="Compare cached files with their published checksums.")
    app.command(group)


Names = Annotated[str, Parameter(help="Names of data sets.")]


def list_(*, json: Json = False, data_dir: DataDir = None) -> None:
    """List; see EXAMPLES."""
    from dataclasses import asdict

    from clearprop.data import describe

    found = describe(data_dir=data_dir)
    if json:
        result_json([asdict(one) for one in found])
        return
    for one in found:
        here = f"here, in {one.location}" if one.cached else "not here yet"
        height, width = one.image_shape
        result(f"{one.name}: {one.title}")
        result(
            f"    {one.train_rows:,} training and {one.test_rows:,} test rows of "
            f"{height}×{width} pixels, {len(one.classes)} classes; {here}"
        )
        result(f"    {one.license}; {one.attribution}")


def get(
    *names: Names, data_dir: DataDir = None, offline: Offline = False, quiet: Quiet = False
) -> None:
    """Fetch; see EXAMPLES."""
    from clearprop import data

    for name in names or data.names():
        found = data.get(name, data_dir=data_dir, offline=offline or None, quiet=quiet)
        result(f"{found.name}: in {found.location}")


def check(*names: Names, data_dir: DataDir = None, json: Json = False) -> int:
    """Check; see EXAMPLES."""
    from dataclasses import asdict

    from clearprop import data
    from clearprop.errors import DatasetUnavailableError

    found = {name: data.check(name, data_dir=data_dir) for name in names or data.names()}
    if json:
        result_json({name: [asdict(file) for file in files] for name, files in found.items()})
    else:
        for name, files in found.items():
            for file in files:
                result(f"{name}/{file.file}: {'right' if file.correct else file.fault}")
    right = all(file.correct for files in found.values() for file in files)
    return 0 if right else DatasetUnavailableError.exit_code
