"""Checkpoints of a fit: written in the background, and gone on from to the last bit."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clearprop.engines import Measured, versions
from clearprop.errors import OutputError, SettingError
from clearprop.locking import FolderLock
from clearprop.storage import Checkpoint, checkpoint_folder
from clearprop.storage.checkpoint import Progress
from clearprop.training.background import Background
from clearprop.training.callbacks import Callback, Memory
from clearprop.training.divergence import not_finite
from clearprop.training.fingerprint import fingerprint
from clearprop.training.history import History
from clearprop.training.standing import Standing

if TYPE_CHECKING:
    from clearprop.training.fit import Fit


class Every(NamedTuple):
    """How often: so many steps, epochs or seconds."""

    number: int
    unit: str

    @classmethod
    def of(cls, text: str) -> Every:
        """Return what is meant by "200steps", "2epochs" or "30s".

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


class Checkpoints(Callback):
    """Writes checkpoints of a fit, so that it can go on as if it had never stopped.

    A checkpoint is taken between two steps, as a copy; a thread writes it, and where one is due
    before the one before it is written, the newer takes the place of the older. The last `last`
    are kept, and the one after whose last whole epoch the network was best.

    Args:
        folder: where they are written; one fit at a time may use it.
        every: how often: "200steps", "2epochs" or "30s".
        last: how many are kept.
        resume: go on from the newest whole checkpoint that is there; where there is none, begin.
        say: is told in a sentence what went wrong on the way, and from where the fit goes on.

    Attributes:
        resumed_from: the step from which the fit went on; 0 where it began.
        steps: how many the fit had made in the end.
        path: of the newest checkpoint that this fit wrote; None before.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        every: str = "30s",
        last: int = 3,
        resume: bool = False,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        if isinstance(last, bool) or not isinstance(last, int) or last < 1:
            raise SettingError(f"last is {last!r}; keep one checkpoint or more")
        self.folder, self.every, self.last = Path(folder), Every.of(every), last
        self.wants_resume, self.say = resume, say
        self.every_steps = self.every.number if self.every.unit == "steps" else 0
        self.resumed_from = self.steps = 0
        self.path: Path | None = None

    def before_fit(self, fit: Fit) -> None:
        """Take the folder, and the newest checkpoint in it where it is wanted.

        Raises:
            OutputError: the folder cannot be written to, or another process trains into it.
            SettingError: the checkpoint is of another network, of other settings or rows.
        """
        self.resumed_from, self.path, self._rows = 0, None, ""
        self._fit, self._lock = fit, FolderLock(self.folder)
        self._lock.take()
        try:
            if self.wants_resume:
                self._resume(fit)
        except BaseException:
            self._lock.release()
            raise
        self._last_time, self._newest = time.monotonic(), -1
        self._writer: Background[Standing] = Background(self._write, self._failed)

    def _resume(self, fit: Fit) -> None:
        found = checkpoint_folder.newest(self.folder, self.say)
        if found is None:
            return
        path, checkpoint = found
        self._rows = fingerprint(fit.rows)
        check_same(path, checkpoint, fit, self._rows)
        assert checkpoint.progress is not None
        if checkpoint.progress.engine != versions(fit.engine.name):
            self.say(
                f"{path} was written with {_listed(checkpoint.progress.engine)}, this is "
                f"{_listed(versions(fit.engine.name))}: the last digits may differ"
            )
        fit.resume(standing_of(checkpoint))
        self.resumed_from = checkpoint.steps

    def after_stretch(self, fit: Fit) -> None:
        """Hand a copy over to be written, where one is due."""
        if self._is_due(fit):
            self._hand_over(fit)

    def _is_due(self, fit: Fit) -> bool:
        number, unit = self.every
        if unit == "steps":
            return fit.steps % number == 0
        if unit == "epochs":
            return fit.epoch % number == 0 and fit.epoch_is_done
        return time.monotonic() - self._last_time >= number

    def _hand_over(self, fit: Fit) -> None:
        self._writer.put(fit.standing())
        self._last_time, self._newest = time.monotonic(), fit.steps

    def after_fit(self, fit: Fit) -> None:
        """Write where the fit stands in the end, wait until it is written, free the folder."""
        self.steps = fit.steps
        if fit.sound and fit.steps > max(self._newest, self.resumed_from):
            self._hand_over(fit)
        self._writer.finish()
        self._lock.release()

    def _write(self, standing: Standing) -> None:
        if name := not_finite(standing.state):
            # The fit will say that it diverged; the checkpoints before this one stay.
            raise OutputError(f"{name} is not finite")
        self._rows = self._rows or fingerprint(self._fit.rows)
        made = checkpoint_of(standing, self._fit, self._rows)
        self.path = checkpoint_folder.keep(self.folder, made, goodness(standing.history))
        checkpoint_folder.prune(self.folder, self.last)

    def _failed(self, why: str) -> None:
        self.say(f"no checkpoint could be written ({why}); training goes on")


def goodness(history: History) -> float | None:
    """Return how good the network was after the last whole epoch; None before the first."""
    if history.val_accuracy:
        return history.val_accuracy[-1]
    return -history.loss[-1] if history.loss else None


def checkpoint_of(standing: Standing, fit: Fit, rows: str) -> Checkpoint:
    """Return where a fit stands as a checkpoint.

    Args:
        standing: where.
        fit: the fit.
        rows: the fingerprint of its rows.
    """
    s = standing
    progress = Progress(
        s.first_steps, s.first_epochs, s.planned_steps, s.epoch, s.step_in_epoch, s.rate_factor,
        s.stopped, s.first_loss, s.seconds, tuple(dict(memory.numbers) for memory in s.memories),
        tuple(memory.state is not None for memory in s.memories), rows,
        versions(fit.engine.name),
    )  # fmt: skip
    return Checkpoint(
        fit.network, fit.training, s.state, s.steps, s.first_epochs + len(s.history),
        s.history.series(), progress, s.measured._asdict(),
        tuple(memory.state for memory in s.memories if memory.state is not None),
    )  # fmt: skip


def standing_of(checkpoint: Checkpoint) -> Standing:
    """Return where the fit of a checkpoint stood."""
    progress, kept = checkpoint.progress, iter(checkpoint.kept)
    assert progress is not None
    pairs = zip(progress.memories, progress.keeps, strict=True)
    return Standing(
        checkpoint.state, checkpoint.steps, progress.first_steps, progress.first_epochs,
        progress.planned_steps, progress.epoch, progress.rate_factor, progress.stopped,
        progress.first_loss,
        progress.seconds, Measured(**checkpoint.measured), History.of(checkpoint.series),
        tuple(Memory(numbers, next(kept) if keeps else None) for numbers, keeps in pairs),
    )  # fmt: skip


def check_same(path: Path, checkpoint: Checkpoint, fit: Fit, rows: str) -> None:
    """Check that a fit is the one that a checkpoint was taken from.

    Raises:
        SettingError: says in what they differ.
    """
    progress = checkpoint.progress
    if progress is None:
        raise SettingError(f"{path} is no checkpoint of a fit that can be gone on with")
    pairs = {
        "the network": (checkpoint.network, fit.network),
        "the settings": (checkpoint.training, fit.training),
        "the number of steps": (progress.planned_steps, fit.planned_steps),
        "the steps made before": (progress.first_steps, fit.position.steps),
        "the rows": (progress.rows, rows),
        "the number of callbacks": (len(progress.memories), len(fit.callbacks)),
    }
    differ = [what for what, (theirs, ours) in pairs.items() if theirs != ours]
    if differ:
        raise SettingError(
            f"{path} is of another fit: {', '.join(differ)} differ; resume it with its own "
            "command, or train into another folder"
        )


def _listed(words: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in words.items())
