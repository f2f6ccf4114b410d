"""`clearprop join`: several model files as one committee."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter

from clearprop.cli.console import note, result, result_json
from clearprop.cli.options import DataDir, Engine, Json, Offline, Quiet
from clearprop.errors import SettingError

if TYPE_CHECKING:
    from clearprop.committee import Committee
    from clearprop.data import Split

EXAMPLES = """\
Examples:
  clearprop join a.safetensors b.safetensors --out both.safetensors
  clearprop join a.safetensors --views 8 --out eight-looks.safetensors
  clearprop join a b --out c --temperature --data mnist --validation 5000:6000"""

HELP = """\
Join models into a committee that averages their answers.

Let --temperature see training rows that no member has learned from. Members
that `train` gave different seeds held out different rows; train each with the
same ones: --set "rows=[0,50000]" --set "validation=[50000,60000]"."""


def register(app: App) -> None:
    """Add the command."""
    app.command(join, help_prologue=EXAMPLES, help=HELP)


def join(
    *models: Annotated[str, Parameter(help="Model files of the same classes and inputs.")],
    out: Annotated[str, Parameter(help="The file to write.")],
    views: Annotated[
        int, Parameter(help="In how many ways to look at a picture; 1: as it is.")
    ] = 1,
    shift: Annotated[float, Parameter(help="The views' farthest move, in pixels.")] = 1.0,
    rotation: Annotated[float, Parameter(help="The views' largest angle, in degrees.")] = 5.0,
    temperature: Annotated[
        bool, Parameter(help="Fit how sure the answers are.", show_default=False)
    ] = False,
    data: Annotated[
        str | None, Parameter(help="For --temperature: a data set, or a file or folder.")
    ] = None,
    validation: Annotated[
        str | None,
        Parameter(help="Its training rows FIRST:END; or how many, or which fraction."),
    ] = None,
    seed: Annotated[
        int | None, Parameter(help="By which that many rows were held out for the members.")
    ] = None,
    engine: Engine = "numpy",
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
    offline: Offline = False,
) -> None:
    """Join; see EXAMPLES."""
    from clearprop.committee import Committee
    from clearprop.data import load as load_data
    from clearprop.data.views import Views
    from clearprop.model import MLP
    from clearprop.storage import read
    from clearprop.tasks import in_words

    _check(models, out, temperature, data, validation)
    looks = None if views == 1 else Views(views, shift, rotation)
    made = Committee([MLP.of(*read(path), engine or "numpy") for path in models], views=looks)
    fitted: dict[str, Any] = {"metrics": None}
    if temperature:
        size = made.inputs.sides
        rows = load_data(
            str(data), size=size, data_dir=data_dir, offline=offline or None, quiet=quiet
        )
        held_out = _held_out(made, rows.train, str(validation), seed, quiet)
        fitted = _fitted(made, held_out)
    path = made.save(out).absolute()
    if json:
        counts = {"members": len(made.members), "views": views, "temperature": made.temperature}
        result_json({"model": str(path), "task": made.task} | counts | fitted)
        return
    result(made.summary())
    if metrics := fitted["metrics"]:
        result(
            f"validation accuracy: {in_words('accuracy', metrics['accuracy'])}, loss: "
            f"{in_words('loss', metrics['loss'])} (at temperature 1 "
            f"{in_words('loss', fitted['loss_at_1'])}), {fitted['rows']:,} rows"
        )
    result(f"committee: {path}")


def _check(
    models: tuple[str, ...], out: str, temperature: bool, data: str | None, validation: str | None
) -> None:
    paths = [Path(model).resolve() for model in models]
    if not paths:
        raise SettingError("name at least one model file: clearprop join MODEL... --out FILE")
    for path, model in zip(paths, models, strict=True):
        if paths.count(path) > 1:
            raise SettingError(f"{model} is named twice; name each member once")
    if Path(out).resolve() in paths:
        raise SettingError(f"{out} is one of the members, and would be lost; choose another --out")
    if temperature and (data is None or validation is None):
        raise SettingError(
            "--temperature is fitted on rows that no member has learned from; name them, as "
            "--data mnist --validation 50000:60000"
        )
    if not temperature and (data is not None or validation is not None):
        raise SettingError("--data and --validation are for --temperature; give that too")


def _held_out(
    committee: Committee,
    rows: Split,
    validation: str,
    seed: int | None,
    quiet: bool,
) -> Split:
    """Return the training rows that no member has learned from."""
    from clearprop.data.splits import hold_out, row_range

    first, colon, end = validation.partition(":")
    try:
        if colon and 0 <= int(first) < int(end) <= len(rows):
            return row_range(rows, int(first), int(end))
        amount = math.nan if colon else float(validation)
    except ValueError:
        amount = math.nan
    if not math.isfinite(amount):
        raise SettingError(
            f"--validation is {validation!r}; give a range within the {len(rows):,} training rows, "
            "as 50000:60000, or a number or fraction of them with the --seed that chose them"
        )
    if seed is None:
        raise SettingError(f"which {validation} rows were held out depends on a --seed; give it")
    _tell_of_seeds(committee, seed, quiet)
    return hold_out(rows, int(amount) if amount == int(amount) else amount, seed)[1]


def _tell_of_seeds(committee: Committee, seed: int, quiet: bool) -> None:
    others = [str(k) for k, one in enumerate(committee.members) if one.settings.seed != seed]
    if others:
        note(
            f"made with other seeds than {seed}: member {', '.join(others)}; if `train` held rows "
            "out for them, they have learned from most of these, and the temperature is too low",
            quiet,
        )


def _fitted(committee: Committee, rows: Split) -> dict[str, Any]:
    """Fit the temperature; return the metrics after it, and the loss before."""
    before = committee.evaluate(rows)
    committee.fit_temperature(rows)
    after = committee.evaluate(rows)
    return {"metrics": after.as_dict(), "loss_at_1": before.loss, "rows": after.rows}
