"""`clearprop predict`: what a model sees in pictures."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from clearprop.cli.console import fail, result, result_json
from clearprop.cli.options import Engine, Json
from clearprop.errors import in_one_line

if TYPE_CHECKING:
    import numpy as np

    from clearprop.committee import Committee
    from clearprop.model import MLP
    from clearprop.tasks.task import Answer

EXAMPLES = """\
Examples:
  clearprop predict mnist-small seven.png                  a model that ships
  clearprop predict fashion-small shirt.jpg                another one
  clearprop predict model.safetensors *.jpg --seen seen/   write what it saw
  clearprop predict model.safetensors seven.png --json"""


def register(app: App) -> None:
    """Add the command."""
    app.command(predict, help_prologue=EXAMPLES, help="Say what PNG or JPEG pictures show.")


def predict(
    model: Annotated[
        str, Parameter(help="A model file, a committee's, or the name of one that ships.")
    ],
    /,
    *files: Annotated[str, Parameter(help="PNG or JPEG pictures, as those it learned from.")],
    seen: Annotated[
        str | None, Parameter(help="Folder to write what the network saw to, as PNG.")
    ] = None,
    engine: Engine = "numpy",
    json: Json = False,
) -> int:
    """Predict; see EXAMPLES."""
    from clearprop.errors import ImageError, SettingError
    from clearprop.loading import load

    if not files:
        raise SettingError("name at least one picture: clearprop predict MODEL FILE...")
    network = load(model, engine=engine or "numpy")
    images, faults = _read_all(network, files)
    answers = [_answer(network, path, image) for path, image in images.items()]
    if seen is not None:
        _write_seen(Path(seen), network, images)
    if json:
        result_json(answers)
    else:
        for answer in answers:
            result(_sentence(answer))
    return fail("\n".join(faults), ImageError.exit_code) if faults else 0


def _read_all(
    model: MLP | Committee, paths: tuple[str, ...]
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return the pictures that can be read, by path, and what is wrong with the others."""
    from clearprop.errors import ImageError

    images, faults = {}, []
    for path in paths:
        try:
            images[path] = _read(model, path)
        except ImageError as error:
            faults.append(str(error))
    return images, faults


def _read(model: MLP | Committee, path: str) -> np.ndarray:
    from clearprop.data.pictures.images import read_digit, read_garment, read_picture
    from clearprop.errors import DataError

    if len(model.input_shape) != 2:
        raise DataError(
            f"this model takes rows of {math.prod(model.input_shape)} numbers, not pictures: use "
            "predict in Python"
        )
    height, width = model.input_shape
    if model.inputs.reading == "garment":
        return read_garment(path, shape=(height, width))
    if model.inputs.reading == "picture":
        return read_picture(path, shape=(height, width))
    # MNIST's digits fill 20 of their 28 pixels; small fields are filled whole.
    fit = min(height, width) * 20 // 28 if min(height, width) >= 20 else min(height, width)
    return read_digit(path, shape=(height, width), fit=fit)


def _answer(model: MLP | Committee, path: str, image: np.ndarray) -> dict:
    import numpy as np

    from clearprop.errors import ModelFileError

    with np.errstate(all="ignore"):
        made = model.predict(image) if model.answer == "numbers" else model.predict_proba(image)
    numbers = np.reshape(made, -1)
    if not np.isfinite(numbers).all():
        raise ModelFileError(
            f"the model's prediction for {path} is not finite: its weights are damaged or far too "
            "large; train it again"
        )
    return {"file": path} | told(model.answer, model.targets.names, numbers.tolist())


def told(answer: Answer, names: tuple[str, ...], numbers: list[float]) -> dict:
    """Return an answer by the names of the outputs.

    >>> told("one", ("cat", "dog"), [0.25, 0.75])
    {'label': 'dog', 'probabilities': {'cat': 0.25, 'dog': 0.75}}
    >>> told("one", ("no", "yes"), [0.25])
    {'label': 'no', 'probabilities': {'no': 0.75, 'yes': 0.25}}
    >>> told("several", ("red", "blue"), [0.75, 0.625])
    {'labels': ['red', 'blue'], 'probabilities': {'red': 0.75, 'blue': 0.625}}
    >>> told("numbers", ("height",), [1.5])
    {'values': {'height': 1.5}}
    """
    if answer == "one" and len(numbers) == 1:
        numbers = [1.0 - numbers[0], numbers[0]]
    named = dict(zip(names, numbers, strict=True))
    if answer == "numbers":
        return {"values": named}
    if answer == "several":
        return {"labels": [name for name, p in named.items() if p > 0.5], "probabilities": named}
    return {"label": max(named, key=named.__getitem__), "probabilities": named}


def _sentence(answer: dict) -> str:
    if "values" in answer:
        said = (f"{in_one_line(name)} {value:.6g}" for name, value in answer["values"].items())
        return f"{answer['file']}: {', '.join(said)}"
    ranked = sorted(answer["probabilities"].items(), key=lambda item: -item[1])
    shown = [f"{in_one_line(name)} {100 * chance:.1f} %" for name, chance in ranked]
    if "labels" in answer:
        return f"{answer['file']}: {', '.join(shown)}"
    return f"{answer['file']}: {shown[0]}  (then {', '.join(shown[1:3])})"


def _write_seen(folder: Path, model: MLP | Committee, images: dict[str, np.ndarray]) -> None:
    from clearprop.data.pictures.images import write_image
    from clearprop.model import MLP

    folder.mkdir(parents=True, exist_ok=True)
    for number, (path, image) in enumerate(images.items(), start=1):
        if isinstance(model, MLP):  # each member of a committee redraws it in its own way
            image = model.redrawn(image).reshape(image.shape)
        write_image(folder / f"{number:03}-{Path(path).stem}.png", image)
