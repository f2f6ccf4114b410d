"""Model files, committees, checkpoints and saves."""

import contextlib
import hashlib
import json
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from clearprop import MLP, Committee, Views, classic, load
from clearprop.classic.saves import restored
from clearprop.data import from_arrays
from clearprop.errors import DivergedError, RangeWarning, SettingError
from clearprop.storage import Checkpoint, checkpoint_folder, read_checkpoint, write_checkpoint
from clearprop.training import History, KeepBest
from clearprop.training.checkpoints import Checkpoints
from mutations.command import command
from mutations.of_pictures import seven
from mutations.of_rows import of_values, table
from mutations.parts import Part, card, tensor_header, tensors, whole
from mutations.specimen import Specimen
from mutations.structured import as_json

_RNG = np.random.default_rng(0)
_ROWS = from_arrays(_RNG.integers(0, 256, (8, 4, 4), np.uint8), np.arange(8) % 3)
_LINES = 100
LARGE = 1e6
MODEL, COMMITTEE = "model.safetensors", "committee.safetensors"
LABELS, VALUES = "labels.safetensors", "values.safetensors"
SAVE, MODEL_OF_SAVE = "runs/classic/checkpoint.safetensors", "runs/classic/model.safetensors"


def specimens() -> list[Specimen]:
    """Return the specimens of this module."""
    with tempfile.TemporaryDirectory() as name:
        folder, model = Path(name), _network()
        fit(model, folder / "run")
        made = model.save(folder / MODEL, dataset="eight rows").read_bytes()
        values = _of_values().save(folder / VALUES).read_bytes()
        labels = _of_labels().save(folder / LABELS).read_bytes()
        joined = _joined(model).save(folder / COMMITTEE).read_bytes()
        save = _saved(folder / "save.safetensors")
        first = min((folder / "run").glob("step-*.safetensors"))
        files = (first, first.with_suffix(".json"))
        run = {f"run/{file.name}": file.read_bytes() for file in files}
    return [
        *_models(made),
        *_others({LABELS: labels}, LABELS, "labels", _check_model),
        *_others({VALUES: values}, VALUES, "values", _check_values),
        Specimen("model file of values, measured", {VALUES: values, "rows.npz": of_values()},
                 VALUES, VALUES, _evaluate_values, _check_errors, _parts("clearprop"), True),
        *_committees(joined),
        *_checkpoints(run),
        _save({SAVE: save, MODEL_OF_SAVE: made}),
    ]  # fmt: skip


def _models(made: bytes) -> list[Specimen]:
    ways = (
        ("model file", {}, load, _check_model, False),
        ("model file, shown", {}, _inspect, _check_text, True),
        ("model file, asked", {"seven.png": seven()}, _predict, _check_answer, True),
        ("model file, measured", {"rows.csv": table()}, _evaluate, _check_figures, True),
    )
    parts = _parts("clearprop")
    return [
        Specimen(name, {MODEL: made, **beside}, MODEL, MODEL, read, check, parts, is_slow)
        for name, beside, read, check, is_slow in ways
    ]


def _others(
    files: dict[str, bytes], name: str, task: str, check: Callable[[Any], None]
) -> list[Specimen]:
    """Return the specimens of a model file of another task: loaded, and shown."""
    parts, what = _parts("clearprop"), f"model file of {task}"
    return [
        Specimen(what, files, name, name, load, check, parts),
        Specimen(f"{what}, shown", files, name, name, _inspect, _check_text, parts, True),
    ]


def _joined(model: MLP) -> Committee:
    other = MLP([16, 3], precision="float64")
    other.fit(_ROWS, epochs=1)
    return Committee([model, other], 1.5, Views(2))


def _committees(made: bytes) -> list[Specimen]:
    files, parts = {COMMITTEE: made}, _parts("clearprop_committee")
    asked = files | {"seven.png": seven()}
    return [
        Specimen("committee", files, COMMITTEE, COMMITTEE, load, _check_committee, parts),
        Specimen("committee, shown", files, COMMITTEE, COMMITTEE, _inspect, _check_text, parts,
                 True),
        Specimen("committee, asked", asked, COMMITTEE, COMMITTEE, _predict, _check_answer, parts,
                 True),
    ]  # fmt: skip


def _checkpoints(run: dict[str, bytes]) -> list[Specimen]:
    (inside, note), parts = run, _parts("clearprop_checkpoint")
    text, check = (whole(as_json), whole()), _check_checkpoint
    return [
        Specimen("checkpoint", run, inside, inside, read_checkpoint, check, parts),
        Specimen("checkpoint, resumed", run, inside, "run", _resume, _check_fit, parts, True),
        Specimen("manifest", run, note, inside, checkpoint_folder.whole, check, text),
    ]


def _save(files: dict[str, bytes]) -> Specimen:
    parts = _parts("clearprop_checkpoint")
    return Specimen("classic save", files, SAVE, "", _continue, _check_continued, parts)


def fit(model: MLP, folder: Path, resume: bool = False) -> History:
    """Train in a few steps, with checkpoints in a folder."""
    said: list[str] = []
    saver = Checkpoints(folder, "3steps", resume=resume, say=said.append)
    model.fit(_ROWS, validation_data=_ROWS, epochs=2, batch_size=4, callbacks=[KeepBest(), saver])
    assert all(words.isprintable() for words in said), said
    assert model.history is not None
    return model.history


def _network() -> MLP:
    return MLP([16, 5, 3], batch_norm=True, dropout=0.25, l2=1e-3)


def _of_labels() -> MLP:
    """Return a network of three yes or no at once."""
    model = MLP([16, 5, 3], task="labels")
    model.fit(_ROWS.images, np.arange(24).reshape(8, 3) // 2 % 2, epochs=2)
    return model


def _of_values() -> MLP:
    """Return a network of two real numbers, which standardizes what it takes and what it gives."""
    model = MLP([4, 5, 2], preparation="standardize")
    x = _RNG.normal(3.0, 2.0, (8, 4))
    model.fit(x, x[:, :2] * 100.0, epochs=2)
    return model


def _saved(path: Path) -> bytes:
    model = classic.MLP([16, 5, 3]).model
    card, state = model.card, model.position.state
    stands = Checkpoint(card.network, card.training, card.inputs, card.targets, state, 1, 1, {})
    return write_checkpoint(path, stands).read_bytes()


def _parts(key: str) -> tuple[Part, ...]:
    return whole(), tensor_header(), card(key), card(key), tensors()


def _check_committee(committee: Committee) -> None:
    # With views, and so only of pictures that have both their sides.
    pixels = _ROWS.images.reshape(8, *committee.input_shape)
    with np.errstate(all="ignore"):
        chances = committee.predict_proba(pixels)
    assert chances.shape == (8, len(committee.classes))
    assert np.isfinite(chances).all() or not all(map(_is_moderate, committee.members))


def _check_model(model: MLP) -> None:
    pixels = _ROWS.images.reshape(8, *model.input_shape)
    # What is finite may be so large that a product is not, as 3e38 twice.
    with np.errstate(all="ignore"):
        chances = model.predict_proba(pixels)
    assert chances.shape == (8, len(model.classes))
    assert np.isfinite(chances).all() or not _is_moderate(model)


def _check_values(model: MLP) -> None:
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RangeWarning)
        answers = model.predict(np.full((8, model.network.features), 3.0))
    assert len(answers) == 8
    if model.task == "values":
        assert np.isfinite(answers).all() or not _is_moderate(model)


def _is_moderate(model: MLP) -> bool:
    prepared, targets = model.inputs.preparation, model.targets
    numbers = [
        *model.parameters.values(),
        *model.statistics.values(),
        [prepared.shift, prepared.scale, *prepared.means, *targets.means, *targets.deviations],
        [1.0 / deviation for deviation in (*prepared.deviations, 1.0)],
    ]
    return all(np.abs(value).max() < LARGE for value in numbers)


def _check_checkpoint(found: Checkpoint) -> None:
    assert 0 <= found.epochs <= found.steps
    assert all(np.isfinite(tensor).all() for part in found.state for tensor in part.values())


def _inspect(path: Path) -> str:
    return command("inspect", path)


def _predict(path: Path) -> Any:
    return json.loads(command("predict", path, path.with_name("seven.png"), "--json"))


def _check_answer(answers: Any) -> None:
    (answer,) = answers
    # A card that was changed may ask for something else.
    if "values" in answer:
        assert np.isfinite(list(answer["values"].values())).all()
        return
    chances = answer["probabilities"]
    assert set(answer["labels"] if "labels" in answer else [answer["label"]]) <= chances.keys()
    assert np.isfinite(list(chances.values())).all()


def _evaluate(path: Path, rows: str = "rows.csv") -> Any:
    data = path.with_name(rows)
    return json.loads(command("evaluate", path, "--data", data, "--json", "--quiet"))


def _evaluate_values(path: Path) -> Any:
    return _evaluate(path, "rows.npz")


def _check_figures(found: Any) -> None:
    assert 0.0 <= found["accuracy"] <= 1.0
    assert np.isfinite(found["loss"])


def _check_errors(found: Any) -> None:
    assert found["rows"] == 6
    assert np.isfinite(found["loss"])
    if found["task"] == "values":
        figures = [found["metrics"][name] for name in ("rmse", "mae", "r2")]
        # None stands for what is too large for a number.
        rmse, mae, r2 = (np.inf if one is None else one for one in figures)
        assert rmse >= mae >= 0.0
        assert r2 <= 1.0 or figures[-1] is None


def _check_text(text: str) -> None:
    lines = text.splitlines()
    assert len(lines) < _LINES
    assert all(line.isprintable() for line in lines), text


def _resume(folder: Path) -> History:
    """Go on from a checkpoint whose manifest vouches for it, whoever changed it."""
    path = next(folder.glob("step-*.safetensors"))
    note = path.with_suffix(".json")
    words = json.loads(note.read_bytes())
    data = path.read_bytes()
    words |= {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    note.write_text(json.dumps(words))
    try:
        return fit(_network(), folder, resume=True)
    except (SettingError, DivergedError) as error:
        # Once the fit has begun it says "the checkpoint": that of the folder that was given.
        raise SettingError(f"{folder}: {error}") from error


def _check_fit(history: History) -> None:
    assert len(history) >= 2
    assert np.isfinite(history.loss).all()


def _continue(folder: Path) -> Any:
    model = classic.MLP([16, 5, 3]).model
    with contextlib.chdir(folder), restored(model, True) as (_, series):
        return model, series


def _check_continued(found: Any) -> None:
    model, series = found
    assert all(np.isfinite(value).all() for value in model.parameters.values())
    assert all(np.isfinite(values).all() for values in series.values())
