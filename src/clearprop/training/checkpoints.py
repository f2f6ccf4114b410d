"""Checkpoints of a fit: written in the background, and resumed to the last bit."""

from __future__ import annotations

import contextlib
import os
import re
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from clearprop.engines import versions
from clearprop.errors import OutputError, SettingError, in_one_line
from clearprop.locking import FolderLock
from clearprop.storage import Checkpoint, checkpoint_folder
from clearprop.training.background import Background
from clearprop.training.callbacks import Callback
from clearprop.training.checkpoint_contents import (
    check_same,
    checkpoint_of,
    snapshot_of,
    validation_score,
)
from clearprop.training.divergence import not_finite
from clearprop.training.fingerprint import fingerprint
from clearprop.training.running_fit import RunningFit
from clearprop.training.snapshot import Snapshot


class Every(NamedTuple):
    """How often: a number of steps, epochs or seconds."""

    number: int
    unit: str

    @classmethod
    def of(cls, text: str) -> Every:
        """Return what "200steps", "2epochs" or "30s" means.

        Raises:
            SettingError: it is none of these.
        """
        found = re.fullmatch(r"([1-9][0-9]{0,8})(steps?|epochs?|s)", str(text))
        if found is None:
            raise SettingError(
                f"checkpoints every {text!r}: write a number and what it counts, as 200steps, "
                "2epochs or 30s"
            )
        unit = found[2] if found[2] == "s" else found[2].rstrip("s") + "s"
        return cls(int(found[1]), unit)


# Of the training's time.
LARGEST_SHARE = 0.01


def _warn(text: str) -> None:
    warnings.warn(text, RuntimeWarning, stacklevel=2)


class Checkpoints(Callback):
    """Writes checkpoints of a fit, so that it can be resumed as if it had never stopped.

    A checkpoint is a copy taken between two steps; a thread writes it. If the next one is due
    before it is written, the newer replaces the older. An interval in seconds is stretched where
    checkpoints would otherwise cost more than 1 % of the time.

    The last `last` are kept, and the one after whose last whole epoch the network was best. What
    other callbacks remember is in it, so this one is called after them, wherever it is in the list.

    Args:
        folder: where they are written; one fit at a time may use it.
        every: how often: "200steps", "2epochs" or "30s".
        last: how many are kept.
        resume: resume from the newest intact checkpoint there, if there is one.
        say: called with a sentence when something goes wrong; by default it is a warning.

    Attributes:
        resumed_from: the step from which the fit was resumed, else 0.
        steps: the network's steps in the end.
        path: of the newest checkpoint that this fit wrote; None before.
        cut: whether a second Ctrl-C skipped the last save.
    """

    comes_last = True

    def __init__(
        self,
        folder: str | os.PathLike[str],
        every: str = "30s",
        last: int = 3,
        resume: bool = False,
        say: Callable[[str], None] = _warn,
    ) -> None:
        if isinstance(last, bool) or not isinstance(last, int) or last < 1:
            raise SettingError(f"last is {last!r}; keep one checkpoint or more")
        self.folder, self.every, self.last = Path(folder), Every.of(every), last
        self.wants_resume, self.say = resume, say
        self.every_steps = self.every.number if self.every.unit == "steps" else 0
        self.resumed_from = self.steps = 0
        self.path: Path | None = None
        self.cut = self._told = False

    def before_fit(self, fit: RunningFit) -> None:
        """Lock the folder, and resume from the newest checkpoint in it if that is wanted.

        Raises:
            OutputError: the folder cannot be written to, or another process trains into it.
            SettingError: the checkpoint is of another network, other settings or rows; or there are
                checkpoints, and `resume` is off.
            ModelFileError: the checkpoint contradicts itself.
        """
        lock = FolderLock(self.folder)
        lock.take()
        self.resumed_from, self.path, self._rows = 0, None, ""
        self.cut = self._told = False
        try:
            self._take_up(fit)
        except BaseException:
            lock.release()
            raise
        self._last_time, self._written = time.monotonic(), self.resumed_from
        self._waited = self._worked = 0.0
        # The thread unlocks the folder when it ends: a second Ctrl-C does not wait for it.
        self._writer: Background[Snapshot] = Background(
            partial(self._write, fit), self._failed, lock.release
        )

    def _take_up(self, fit: RunningFit) -> None:
        if not checkpoint_folder.names(self.folder):
            return
        if not self.wants_resume:
            raise SettingError(
                f"{self.folder} holds checkpoints of another fit: resume it (resume=True), "
                "or choose another folder"
            )
        found = checkpoint_folder.newest(self.folder, self.say)
        if found is None:
            self.say(f"no checkpoint in {self.folder} is intact: the fit starts anew")
            checkpoint_folder.set_aside(self.folder, None)
        else:
            self._resume(fit, *found)

    def _resume(self, fit: RunningFit, path: Path, checkpoint: Checkpoint) -> None:
        self._rows = fingerprint(fit.rows, fit.validation, fit.inputs.preparation)
        check_same(path, checkpoint, fit, self._rows)
        assert checkpoint.progress is not None
        theirs, ours = checkpoint.progress.engine, versions(fit.engine.name)
        if theirs != ours:
            self.say(
                f"{path} was written with {_listed(theirs)}, this is {_listed(ours)}: the last "
                "digits may differ"
            )
        checkpoint_folder.set_aside(self.folder, path)
        fit.resume(snapshot_of(checkpoint))
        self.resumed_from = checkpoint.steps

    def after_stretch(self, fit: RunningFit) -> None:
        """Hand over a copy if one is due and the epoch goes on."""
        if not fit.epoch_is_done and self._is_due(fit):
            self._hand_over(fit)

    def after_epoch(self, fit: RunningFit) -> None:
        """Hand over a copy if one is due; it includes the epoch's history."""
        if self._is_due(fit):
            self._hand_over(fit)

    def _is_due(self, fit: RunningFit) -> bool:
        number, unit = self.every
        if unit == "steps":
            return fit.steps % number == 0
        if unit == "epochs":
            return fit.epoch % number == 0 and fit.epoch_is_done
        return time.monotonic() - self._last_time >= max(number, self.least_seconds)

    @property
    def least_seconds(self) -> float:
        """The least interval at which checkpoints cost no more than 1 % of the time.

        A checkpoint costs the time that the loop waits for a copy, and what the thread computes.
        """
        return (self._waited + self._worked) / LARGEST_SHARE

    def _hand_over(self, fit: RunningFit) -> None:
        began = time.monotonic()
        self._writer.put(fit.snapshot())
        self._last_time = time.monotonic()
        self._waited = max(self._waited, self._last_time - began)

    def after_fit(self, fit: RunningFit) -> None:
        """Write the final state, wait until it is written, and unlock the folder."""
        self.steps = fit.steps
        try:
            self._write_the_end(fit)
        except KeyboardInterrupt:
            self.cut = True
            self._writer.end()
            raise

    def _write_the_end(self, fit: RunningFit) -> None:
        try:
            self._writer.drain()
            if fit.sound and fit.steps > self._written:
                self._hand_over(fit)
        except Exception:
            self._writer.finish()
            raise
        self._writer.finish()

    def _write(self, fit: RunningFit, snapshot: Snapshot) -> None:
        # Once in a fit, so not a part of what a checkpoint costs.
        self._rows = self._rows or fingerprint(fit.rows, fit.validation, fit.inputs.preparation)
        began = time.thread_time()
        if name := not_finite(snapshot.state):
            # The fit will say that it diverged; the checkpoints before this one stay.
            raise OutputError(f"{name} is not finite")
        made = checkpoint_of(snapshot, fit, self._rows)
        value = validation_score(snapshot.history, fit.network.task_type.judge)
        self.path = checkpoint_folder.keep(self.folder, made, value)
        self._written, self._told = snapshot.steps, False
        checkpoint_folder.prune(self.folder, self.last)
        self._worked = max(self._worked, time.thread_time() - began)

    def _failed(self, error: Exception) -> None:
        why = getattr(error, "strerror", None) or str(error) or type(error).__name__
        # It may fail too, where warnings are errors or the screen is gone.
        with contextlib.suppress(Exception):
            if not self._told:
                self.say(
                    f"no checkpoint could be written into {self.folder} ({why}); training goes "
                    "on, and tries again each time one is due"
                )
        # Reported once, and again if one could be written meanwhile.
        self._told = True


def _listed(words: dict[str, str]) -> str:
    return ", ".join(in_one_line(f"{name} {value}") for name, value in words.items())
