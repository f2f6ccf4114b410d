"""`clearprop doctor`: what looks wrong with rows, with a training, and what both run on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from clearprop.cli.console import result, result_json
from clearprop.cli.options import DataDir, Json, Offline, Quiet
from clearprop.errors import in_one_line

if TYPE_CHECKING:
    from clearprop.data import Dataset

# The most characters of a part of a finding.
LONGEST = 1000

EXAMPLES = """\
Examples:
  clearprop doctor                       versions, engines, threads, caches
  clearprop doctor photos/               what looks wrong with rows
  clearprop doctor runs/mnist            ... or with a training
  clearprop doctor mnist model.safetensors
  clearprop doctor digits runs/digits --json"""


def register(app: App) -> None:
    """Add the command."""
    app.command(
        doctor, help_prologue=EXAMPLES, help="Say what looks wrong with rows and with a training."
    )


def doctor(
    data: Annotated[
        str | None, Parameter(help="A data set (clearprop datasets list), or a file or folder.")
    ] = None,
    run: Annotated[
        str | None, Parameter(help="The folder of a training, of its checkpoints; a model file.")
    ] = None,
    /,
    *,
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
    offline: Offline = False,
) -> None:
    """Look; see EXAMPLES."""
    from clearprop.cli.environment import lines
    from clearprop.data import load
    from clearprop.insight.environment import environment
    from clearprop.runs.examination import examine, task_of
    from clearprop.tasks import AUTO

    data, run = _sorted(data, run)
    # First, before other packages load a BLAS of their own.
    here = environment(data_dir)
    task = task_of(Path(run)) if run else AUTO
    rows = data and load(data, data_dir=data_dir, offline=offline or None, quiet=quiet, task=task)
    found: dict[str, Any] = {
        "environment": here,
        "data": _of_rows(rows) if rows else None,
        "run": examine(Path(run), rows or None, data_dir) if run else None,
    }
    if json:
        result_json(found)
        return
    result("\n".join(lines(here)))
    if found["data"]:
        result("\n".join(_rows_said(found["data"])))
    if found["run"]:
        result("\n".join(_run_said(found["run"])))


def _sorted(data: str | None, run: str | None) -> tuple[str | None, str | None]:
    """Return which argument names the rows and which the training; one alone may be either."""
    from clearprop.data import names
    from clearprop.errors import SettingError
    from clearprop.runs.examination import is_run

    if run is None and data is not None and data not in names() and is_run(data):
        return None, data
    if run is not None and not is_run(run):
        raise SettingError(
            f"{run} is neither the folder of a training nor a model file; name the one that --out "
            "named, or one in runs/"
        )
    return data, run


def _of_rows(data: Dataset) -> dict[str, Any]:
    from clearprop.insight import data_findings

    return {
        "name": data.name,
        "rows": len(data.train),
        "shape": list(data.train.images.shape[1:]),
        "task": data.train.task,
        "classes": len(data.train.classes),
        "test_rows": 0 if data.test is None else len(data.test),
        "findings": [one.as_dict() for one in data_findings(data.train, data.test)],
    }


def _rows_said(found: dict[str, Any]) -> list[str]:
    from clearprop.tasks import TASKS

    shape = "×".join(map(str, found["shape"]))
    counts = f"{found['rows']:,} rows of {shape}, {TASKS[found['task']].counted(found['classes'])}"
    test = f"{found['test_rows']:,} test rows" if found["test_rows"] else "no test rows"
    return ["", f"{found['name']}: {counts}, {test}", *_findings_said(found["findings"])]


def _run_said(found: dict[str, Any]) -> list[str]:
    checkpoints = found.get("checkpoints", [])
    faults = [one["fault"] for one in checkpoints if one["fault"]]
    said = ["", f"{found['path']}: {found['state']}"]
    if found.get("epochs"):
        said.append(f"  epochs: {found['epochs']:,}")
    if checkpoints:
        whole = f"{len(checkpoints) - len(faults)} of them whole" if faults else "all whole"
        said.append(f"  checkpoints: {len(checkpoints)}, {whole}")
    said += [f"  {fault}" for fault in faults]
    if found["not_looked_at"]:
        said.append(f"  the network was not examined: {found['not_looked_at']}")
        return said + (_findings_said(found["findings"]) if found["findings"] else [])
    return said + _findings_said(found["findings"])


def _findings_said(findings: list[dict[str, Any]]) -> list[str]:
    said = []
    for one in findings:
        # A record may come from elsewhere, with control characters in it.
        what, evidence, remedy = (
            in_one_line(one[k], LONGEST) for k in ("what", "evidence", "remedy")
        )
        said += [f"  ! {what}", f"      {evidence}", f"      → {remedy}"]
    return said or ["  nothing looks wrong"]
