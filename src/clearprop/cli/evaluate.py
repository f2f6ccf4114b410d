"""`clearprop evaluate`: how good a model file is on a data set's test rows."""

from __future__ import annotations

import math
from typing import Annotated

from cyclopts import App, Parameter

from clearprop.cli.console import note, result, result_json
from clearprop.cli.options import DataDir, Engine, Json, Offline, Quiet

EXAMPLES = """\
Examples:
  clearprop evaluate runs/fashion-sgd/model.safetensors --data fashion-mnist
  clearprop evaluate model.safetensors --data mnist --json
  clearprop evaluate model.safetensors --data my-rows.csv"""


def register(app: App) -> None:
    """Add the command."""
    app.command(evaluate, help_prologue=EXAMPLES, help="Measure a model on a data set's test rows.")


def evaluate(
    model: Annotated[str, Parameter(help="A model file, or a committee's.")],
    /,
    *,
    data: Annotated[
        str, Parameter(help="A data set (clearprop datasets list), or a file or folder.")
    ],
    engine: Engine = "numpy",
    json: Json = False,
    quiet: Quiet = False,
    data_dir: DataDir = None,
    offline: Offline = False,
) -> None:
    """Evaluate; see EXAMPLES."""
    from clearprop.data import load as load_data
    from clearprop.errors import ModelFileError
    from clearprop.loading import load

    network = load(model, engine=engine or "numpy")
    # Pictures of a folder are resized as `predict` resizes them.
    size = network.input_shape if len(network.input_shape) == 2 else None
    rows = load_data(data, size=size, data_dir=data_dir, offline=offline or None, quiet=quiet)
    if rows.test is None:
        note(
            f"{rows.name} is not divided into training and test rows: all are measured, also those "
            "that the model may have learned from",
            quiet,
        )
    found = network.evaluate(rows.train if rows.test is None else rows.test)
    if not math.isfinite(found.loss):
        raise ModelFileError(
            f"the loss of {model} on {rows.name} is not finite: its weights are damaged or far too "
            "large; train it again"
        )
    if json:
        result_json({"accuracy": found.accuracy, "loss": found.loss, "rows": found.rows})
        return
    kind = "" if rows.test is None else "test "
    result(f"{rows.name}: {found.rows:,} {kind}rows")
    result(f"loss: {found.loss:.4f}")
    result(f"{kind}accuracy: {100 * found.accuracy:.2f} %")
