"""The callbacks of a fit: checked, ordered, and all called at the end, even after an error."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from numbers import Integral
from typing import Any

from clearprop.errors import SettingError
from clearprop.training.callbacks import Callback
from clearprop.training.memory import Memory
from clearprop.training.running_fit import RunningFit

MOMENTS = (
    "memory",
    "recall",
    "before_fit",
    "before_epoch",
    "after_stretch",
    "after_epoch",
    "after_fit",
)


def checked(callbacks: Any) -> tuple[Callback, ...]:
    """Return callbacks in the order in which they are called; None stands for none at all.

    Raises:
        SettingError: not a list, or something in it that is not a callback.
    """
    if isinstance(callbacks, Callback) or not isinstance(callbacks, Iterable | None):
        raise SettingError(f"callbacks is {callbacks!r}; give a list: [EarlyStopping(patience=3)]")
    made = tuple(callbacks or ())
    for one in made:
        if isinstance(one, type) or not all(callable(getattr(one, m, None)) for m in MOMENTS):
            raise SettingError(
                f"{one!r} is not a callback; give an object of a class that inherits from "
                "clearprop.Callback: [KeepBest()]"
            )
        every = getattr(one, "every_steps", 0)
        if isinstance(every, bool) or not isinstance(every, Integral) or every < 0:
            raise SettingError(f"every_steps of {one!r} is {every!r}; give a whole number from 0")
    return tuple(sorted(made, key=lambda one: bool(getattr(one, "comes_last", False))))


class CallbackList:
    """The callbacks of one fit, checked and in order; see `checked`."""

    def __init__(self, callbacks: Any) -> None:
        self._all = checked(callbacks)

    def __iter__(self) -> Iterator[Callback]:
        return iter(self._all)

    def call(self, moment: str, fit: RunningFit) -> None:
        """Call a method of each, such as "after_epoch", in their order."""
        for callback in self._all:
            getattr(callback, moment)(fit)

    def begin(self, fit: RunningFit) -> None:
        """Call `before_fit`."""
        with contextlib.ExitStack() as stack:
            for callback in self._all:
                callback.before_fit(fit)
                # If a later one fails, those that have begun release what they hold.
                stack.callback(callback.after_fit, fit)
            stack.pop_all()

    def end(self, fit: RunningFit) -> None:
        """Call `after_fit` of all of them, even if one fails."""
        with contextlib.ExitStack() as stack:
            for callback in reversed(self._all):
                stack.callback(callback.after_fit, fit)

    @property
    def marks(self) -> list[int]:
        """The numbers of steps after which some of them want to be called."""
        return [one.every_steps for one in self._all if getattr(one, "every_steps", 0)]

    @property
    def names(self) -> tuple[str, ...]:
        """The class of each of them."""
        return tuple(type(callback).__name__ for callback in self._all)

    def memories(self) -> tuple[Memory, ...]:
        """Return what each of them remembers."""
        return tuple(callback.memory() for callback in self._all)

    def recall(self, memories: Sequence[Memory]) -> None:
        """Give each of them back what it remembered.

        Raises:
            SettingError: one of them does not accept it.
        """
        for callback, memory in zip(self._all, memories, strict=True):
            try:
                callback.recall(memory)
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise SettingError(
                    f"{type(callback).__name__} cannot restore its state from the checkpoint "
                    f"({error!r}); give the callbacks of the fit that was stopped"
                ) from error
