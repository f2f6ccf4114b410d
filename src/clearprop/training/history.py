"""What training showed, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field


@dataclass
class History:
    """Lists with one value an epoch; the validation lists are empty where there was none.

    Attributes:
        loss: mean loss over the epoch's rows, each measured just before the update that used
            it, without penalties; label smoothing, dropout, noise and row weights are in it.
        accuracy: share of the epoch's rows classified rightly, measured likewise (running).
        val_loss: mean loss on the validation rows after the epoch.
        val_accuracy: share of the validation rows classified rightly after the epoch.
        learning_rate: the learning rate of the epoch's last step.
        seconds: wall time of the epoch's steps, without validation and callbacks.
        best_epoch: the epoch, counted from 1, whose weights were restored; None if the last
            ones stand.
        interrupted: whether Ctrl-C or SIGTERM ended the training.
    """

    loss: list[float] = field(default_factory=list)
    accuracy: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    val_accuracy: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    best_epoch: int | None = None
    interrupted: bool = False

    def __len__(self) -> int:
        """Return the number of epochs; the last may have been cut short by `steps`."""
        return len(self.loss)

    @property
    def seconds_per_epoch(self) -> float:
        """All epochs' seconds divided by their number; 0 before the first."""
        return sum(self.seconds) / len(self.seconds) if self.seconds else 0.0

    def series(self) -> dict[str, list[float]]:
        """Return the lists alone, by name."""
        return {name: list(own) for name, own in vars(self).items() if isinstance(own, list)}

    def unfinished(self) -> History:
        """Return a copy of what was measured, as it is while the fit goes on."""
        return History.of(self.series())

    @classmethod
    def of(cls, series: Mapping[str, list[float]]) -> History:
        """Return the history of these lists."""
        made = cls()
        for name, values in series.items():
            setattr(made, name, list(values))
        return made

    def as_dict(self) -> dict:
        """Return the plain values, for JSON."""
        return asdict(self)
