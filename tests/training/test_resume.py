"""A fit that is stopped and resumed is the fit that was never stopped, byte for byte."""

import os
import signal

import msgspec
import numpy as np
import pytest

from clearprop import MLP, Callback, Checkpoints, EarlyStopping, KeepBest, ReduceOnPlateau
from clearprop.data import Split
from clearprop.data.deformed import with_deformed
from clearprop.errors import ClearpropError, SettingError
from clearprop.storage import checkpoint_folder
from clearprop.training.background import Background

EPOCHS, BATCH = 5, 16
PLAIN = {"optimizer": "sgd", "learning_rate": 0.1}
ALL = {
    "optimizer": "adamw", "learning_rate": 0.02, "schedule": "one_cycle", "batch_norm": True,
    "dropout": 0.3, "input_dropout": 0.1, "moving_average": 0.9, "label_smoothing": 0.1,
    "l2": 1e-3, "clip_norm": 1.0,
}  # fmt: skip
BLOCK = {"name": "residual", "layers": [12, "layer_norm", 12]}
LAYERS = ALL | {"layers": [36, "scale", 12, BLOCK, 8, 3], "optimizer": "muon", "noise": 0.1}
SETTINGS = pytest.mark.parametrize("settings", [PLAIN, ALL, LAYERS], ids=["plain", "all", "layers"])


class StopAt(Callback):
    """Presses Ctrl-C, or sends another signal, after so many steps; None never does."""

    def __init__(self, step=None, number=signal.SIGINT):
        self.step, self.number, self.every_steps = step, number, step or 0

    def after_stretch(self, fit):
        if fit.steps == self.step:
            os.kill(os.getpid(), self.number)


@pytest.fixture(scope="module")
def rows():
    """Pictures with deformed copies, and validation rows: 70 and 20."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 80)
    images = rng.integers(0, 90, (80, 6, 6)) + 50 * labels[:, None, None]
    split = Split(images.astype(np.uint8), labels, ("a", "b", "c"))
    train, validation = split.images[:60], split.images[60:]
    train = with_deformed(
        Split(train, labels[:60], split.classes), 10, rotation=15.0, shift=1.0, seed=0
    )
    return train, Split(validation, labels[60:], split.classes)


def fitted(rows, engine, settings, folder=None, stop=None, extra=(), after=(), **words):
    """Return a model that was fitted, stopped after so many steps where that is asked for."""
    train, validation = rows
    model = MLP(**{"layers": [36, 12, 8, 3], "engine": engine, "seed": 3} | settings)
    callbacks = [*extra, StopAt(stop)]
    if folder is not None:
        callbacks.append(Checkpoints(folder, "1000s", resume=True, **words))
    callbacks += after
    try:
        model.fit(train, validation_data=validation, epochs=EPOCHS, batch_size=BATCH,
                  callbacks=callbacks)  # fmt: skip
    except KeyboardInterrupt:
        assert stop is not None
    return model


def assert_same(one, other):
    for mine, theirs in zip(one.position.state, other.position.state, strict=True):
        assert list(mine) == list(theirs)
        for name in mine:
            assert mine[name].dtype == theirs[name].dtype
            assert mine[name].tobytes() == theirs[name].tobytes(), name
    assert one.position[1:] == other.position[1:]
    assert without_time(one.history) == without_time(other.history)


def without_time(history):
    return {k: v for k, v in history.as_dict().items() if k != "seconds"}


@SETTINGS
@pytest.mark.parametrize("stops", [(1,), (5,), (7,), (10,), (3, 4, 13, 24)])
def test_a_fit_that_was_stopped_resumes_to_the_same_bytes(rows, tmp_path, engine, settings, stops):
    # An epoch has five steps: 5 and 10 lie at an end of one.
    for stop in stops:
        fitted(rows, engine, settings, tmp_path, stop)
    assert_same(fitted(rows, engine, settings, tmp_path), fitted(rows, engine, settings))


def steering():
    return [
        KeepBest("val_loss"),
        ReduceOnPlateau(patience=1, monitor="loss", least_change=0.05),
        EarlyStopping(patience=2, monitor="val_accuracy"),
    ]


@pytest.mark.parametrize("stop", [4, 10, 12, 15])
def test_callbacks_remember_what_they_knew(rows, tmp_path, engine, stop):
    fitted(rows, engine, PLAIN, tmp_path, stop, steering())
    resumed = fitted(rows, engine, PLAIN, tmp_path, None, steering())
    assert_same(resumed, fitted(rows, engine, PLAIN, extra=steering()))


class Counts(Callback):
    """Counts the stretches that were really made."""

    stretches = 0

    def after_stretch(self, fit):
        self.stretches += 1


def test_a_fit_that_came_to_its_end_is_not_made_again(rows, tmp_path):
    first = fitted(rows, "numpy", ALL, tmp_path, extra=[Counts()])
    counting = Counts()
    assert_same(first, fitted(rows, "numpy", ALL, tmp_path, extra=[counting]))
    assert counting.stretches == 0


def test_where_there_is_nothing_to_resume_a_fit_begins(rows, tmp_path):
    saver = Checkpoints(tmp_path / "new", resume=True)
    train, _ = rows
    MLP([36, 3]).fit(train, epochs=1, callbacks=[saver])
    assert saver.resumed_from == 0
    assert saver.path is not None


class Refuses(Callback):
    """Refuses the fit at a moment."""

    def __init__(self, moment):
        setattr(self, moment, self._refuse)

    def _refuse(self, *given):
        raise ValueError("no")


@pytest.mark.parametrize("moment", ["before_fit", "before_epoch", "after_stretch", "memory"])
def test_the_folder_is_free_again_where_another_callback_refuses(rows, tmp_path, moment):
    with pytest.raises(ValueError, match="no"):
        fitted(rows, "numpy", PLAIN, tmp_path, 3, after=[Refuses(moment)])
    fitted(rows, "numpy", PLAIN, tmp_path)


def test_checkpoints_of_another_fit_are_not_mixed_with_new_ones(rows, tmp_path):
    train, _ = rows
    MLP([36, 3]).fit(train, epochs=1, callbacks=[Checkpoints(tmp_path)])
    before = sorted(tmp_path.iterdir())
    with pytest.raises(SettingError, match="resume=True"):
        MLP([36, 3]).fit(train, epochs=1, callbacks=[Checkpoints(tmp_path)])
    assert sorted(tmp_path.iterdir()) == before


def test_damaged_checkpoints_do_not_outlive_new_ones(rows, tmp_path):
    fitted(rows, "numpy", PLAIN, tmp_path)
    for path in tmp_path.glob("*.safetensors"):
        path.write_bytes(b"")
    said = []
    fitted(rows, "numpy", PLAIN, tmp_path, 2, say=said.append)
    assert "starts anew" in said[-1]
    assert {path.stem for path in tmp_path.glob("step-*")} == {"step-0000000000000002"}
    assert len(list((tmp_path / "damaged").iterdir())) == 2


class Steers(Callback):
    """Halves the rate, or stops the fit, at a moment: once, at a step; looks before it begins."""

    every_steps = 1

    def __init__(self, moment, deed, step):
        self.moment, self.deed, self.step = moment, deed, step

    def before_fit(self, fit):
        fit.fetch()

    def before_epoch(self, fit):
        self._act(fit, "before_epoch")

    def after_stretch(self, fit):
        self._act(fit, "after_stretch")

    def _act(self, fit, moment):
        if moment == self.moment and fit.steps == self.step:
            if self.deed == "stop":
                fit.stop("enough")
            else:
                fit.rate_factor *= 0.5


@pytest.mark.parametrize("stop", [4, 6, 8])
@pytest.mark.parametrize("deed", ["stop", "halve"])
@pytest.mark.parametrize(("moment", "step"), [("before_epoch", 5), ("after_stretch", 7)])
def test_what_a_callback_did_before_the_end_is_done_once(rows, tmp_path, moment, step, deed, stop):
    fitted(rows, "numpy", PLAIN, tmp_path, stop, [Steers(moment, deed, step)])
    resumed = fitted(rows, "numpy", PLAIN, tmp_path, None, [Steers(moment, deed, step)])
    assert_same(resumed, fitted(rows, "numpy", PLAIN, extra=[Steers(moment, deed, step)]))


def test_the_best_checkpoint_is_the_one_after_the_best_epoch(rows, tmp_path, monkeypatch):
    # At this pace one that still waits to be written would be replaced by a newer one.
    monkeypatch.setattr(Background, "put", lambda self, piece: self._work(piece))
    settings = {"optimizer": "sgd", "learning_rate": 2.0}
    train, validation = rows
    model = MLP([36, 12, 8, 3], seed=3, **settings)
    saver = Checkpoints(tmp_path, "1epochs", last=1)
    model.fit(train, validation_data=validation, epochs=8, batch_size=BATCH, callbacks=[saver])
    values = model.history.val_accuracy
    best = max(range(8), key=lambda i: (values[i], i))
    assert best < 7
    stands = {int(path.stem[5:]) for path in tmp_path.glob("step-*.json")}
    assert stands == {5 * (best + 1), 40}


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ({"settings": ALL}, "the settings"),
        ({"settings": PLAIN | {"preparation": "standardize"}}, "the rows or their preparation"),
        ({"extra": [KeepBest()]}, "the callbacks"),
    ],
    ids=["settings", "rows", "callbacks"],
)
def test_a_checkpoint_of_another_fit_is_refused(rows, tmp_path, words, what):
    fitted(rows, "numpy", PLAIN, tmp_path, 3)
    with pytest.raises(SettingError, match=f"is of another fit: .*{what}.* differ"):
        fitted(rows, folder=tmp_path, **{"engine": "numpy", "settings": PLAIN, **words})


def test_other_rows_are_refused_also_where_they_only_validate(rows, tmp_path):
    fitted(rows, "numpy", PLAIN, tmp_path, 3)
    train, validation = rows
    other = Split(validation.images[::-1], validation.labels, validation.classes)
    with pytest.raises(SettingError, match="the rows or their preparation differ"):
        fitted((train, other), "numpy", PLAIN, tmp_path)


def test_a_fit_that_goes_on_with_another_engine_says_so(rows, tmp_path):
    fitted(rows, "numpy", PLAIN, tmp_path, 3)
    said = []
    fitted(rows, "jax", PLAIN, tmp_path, say=said.append)
    assert "the last digits may differ" in said[0]


def test_versions_are_reported_in_one_printable_line(rows, tmp_path, monkeypatch):
    fitted(rows, "numpy", PLAIN, tmp_path, 3)
    strange = {"numpy": "2.4\n\x1b[31m"}
    monkeypatch.setattr("clearprop.training.checkpoints.versions", lambda engine: strange)
    said = []
    fitted(rows, "numpy", PLAIN, tmp_path, say=said.append)
    assert r"this is numpy 2.4\n\x1b[31m: the last digits may differ" in said[0]
    assert said[0].isprintable()


def test_figures_of_numpy_are_written_too(rows, tmp_path):
    plateau = ReduceOnPlateau(np.float64(0.5), patience=1, monitor="loss", least_change=9.0)
    fitted(rows, "numpy", PLAIN, tmp_path, 17, [plateau])
    _, found = checkpoint_folder.newest(tmp_path, print)
    assert found.progress.rate_factor == 0.25


class PressesTwice(Callback):
    """Sends two signals in one stretch, then says whether a second could still come through."""

    every_steps = 1

    def __init__(self, first, second):
        self.numbers = first, second

    def after_stretch(self, fit):
        if fit.steps == 3:
            for number in self.numbers:
                os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("numbers", "error"),
    [
        ((signal.SIGTERM, signal.SIGTERM), SystemExit),
        ((signal.SIGINT, signal.SIGTERM), KeyboardInterrupt),
    ],
)
def test_a_second_sigterm_skips_no_saving(rows, tmp_path, numbers, error):
    train, _ = rows
    callbacks = [PressesTwice(*numbers), Checkpoints(tmp_path)]
    with pytest.raises(error):
        MLP([36, 3]).fit(train, epochs=9, batch_size=16, callbacks=callbacks)
    assert checkpoint_folder.newest(tmp_path, print)[1].steps == 3


def test_a_signal_during_the_last_save_waits_for_it(rows, tmp_path, monkeypatch):
    def slow(self, fit, snapshot):
        os.kill(os.getpid(), signal.SIGTERM)
        write(self, fit, snapshot)

    write = Checkpoints._write
    monkeypatch.setattr(Checkpoints, "_write", slow)
    train, _ = rows
    model = MLP([36, 3])
    with pytest.raises(SystemExit):
        model.fit(train, epochs=1, batch_size=16, callbacks=[Checkpoints(tmp_path)])
    assert checkpoint_folder.newest(tmp_path, print)[1].steps == 5
    assert model.epochs == 1


@pytest.mark.parametrize(
    "change",
    [
        {"epoch": 0},
        {"epoch": 3},
        {"step_in_epoch": 2},
        {"memories": ({},) * 3, "keeps": (False,) * 3},
        {"memories": ({"best val_loss": 1.0, "waited": 0.0}, {}, {}), "keeps": (False,) * 3},
    ],
    ids=str,
)
def test_a_checkpoint_that_does_not_fit_together_is_refused(rows, tmp_path, change):
    fitted(rows, "numpy", PLAIN, tmp_path, 8, [KeepBest()])
    _, found = checkpoint_folder.newest(tmp_path, print)
    progress = msgspec.structs.replace(found.progress, **change)
    measured = {name: np.zeros(progress.step_in_epoch, "float32") for name in found.measured}
    kept = found.kept[: sum(progress.keeps)]
    checkpoint_folder.keep(
        tmp_path, found._replace(progress=progress, measured=measured, kept=kept), 0.0
    )
    with pytest.raises(ClearpropError, match=r"fit together|cannot restore"):
        fitted(rows, "numpy", PLAIN, tmp_path, extra=[KeepBest()])


@pytest.mark.parametrize("future", [{"epoch": 9.0}, {"steps": 9.0}, {"epoch": -1.0}], ids=str)
def test_a_state_that_is_kept_of_an_epoch_that_was_never_made_is_refused(rows, tmp_path, future):
    fitted(rows, "numpy", PLAIN, tmp_path, 8, [KeepBest()])
    _, found = checkpoint_folder.newest(tmp_path, print)
    keeps = found.progress.keeps
    assert sum(keeps) == 1
    pairs = zip(found.progress.memories, keeps, strict=True)
    memories = tuple(numbers | future if kept else numbers for numbers, kept in pairs)
    progress = msgspec.structs.replace(found.progress, memories=memories)
    checkpoint_folder.keep(tmp_path, found._replace(progress=progress), 0.0)
    with pytest.raises(ClearpropError, match="do not fit together"):
        fitted(rows, "numpy", PLAIN, tmp_path, extra=[KeepBest()])


def test_divergence_is_reported_against_the_first_loss_of_all(rows, tmp_path):
    class Notes(Callback):
        def after_fit(self, fit):
            self.first = fit.snapshot().first_loss

    whole, resumed = Notes(), Notes()
    fitted(rows, "numpy", PLAIN, extra=[whole])
    fitted(rows, "numpy", PLAIN, tmp_path, 7, extra=[Notes()])
    fitted(rows, "numpy", PLAIN, tmp_path, extra=[resumed])
    assert resumed.first == whole.first > 0.0
