"""A layer as people write it: plain data that expands into operations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, ClassVar

import msgspec

from clearprop.errors import SettingError, in_one_line, known
from clearprop.layers.operation import Operation, Place
from clearprop.maths.activations import ACTIVATIONS
from clearprop.plain import in_words

# Far more than anyone can train; a file from elsewhere may ask for a million.
MOST_LAYERS = 1000
MOST_NOISE = 1000.0
REGISTER = "; one of your own must be registered first: see clearprop.register_layer"


class Layer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="name"):
    """A layer of a network.

    A kind of layer is a frozen subclass with a `tag`, its name in files and recipes.

    Attributes:
        fed: the names of its fields that are fed to a step as numbers, each 0 where it is off: a
            program depends on whether they are there, and not on their values.
    """

    fed: ClassVar[tuple[str, ...]] = ()

    @property
    def kind(self) -> str:
        """Its name in files and recipes."""
        return str(type(self).__struct_config__.tag)

    def operations(self, at: Place) -> Iterator[Operation]:
        """Yield the operations that it expands into, from a place on.

        Raises:
            SettingError: it does not fit there.
        """
        raise NotImplementedError

    @property
    def streams(self) -> int:
        """How many streams of random draws it has, each for dropout and for noise."""
        return 1

    def outline(self) -> Layer:
        """Return it without the values that are fed to a step."""
        blank = {name: 0.5 if getattr(self, name) else 0.0 for name in self.fed}
        return msgspec.structs.replace(self, **blank)

    def quiet(self) -> Layer:
        """Return it without dropout and noise."""
        return msgspec.structs.replace(self, **dict.fromkeys(self.fed, 0.0))

    def uses(self) -> list[str]:
        """Return which registrable parts it uses, such as "layer scale"."""
        return [f"layer {self.kind}"]

    def words(self) -> str:
        """Return a short description."""
        return self.kind.replace("_", " ")

    @property
    def label(self) -> str:
        """The text below it in a drawing."""
        return self.words()

    @classmethod
    def examples(cls) -> tuple[Layer, ...]:
        """Return examples of this layer, for rows of four numbers, for gradient checks."""
        return (cls(),)


# By the name in files and recipes.
KINDS: dict[str, type[Layer]] = {}


# msgspec accepts any entry: each is read by the table of kinds, to which users may add.
if TYPE_CHECKING:
    Layers = tuple[Layer, ...]
else:
    Layers = tuple


def layers_of(written: Sequence[Any]) -> tuple[Layer, ...]:
    """Return layers as they are written in Python or in files as layers.

    Raises:
        SettingError: not a list, no layers, far too many, or something that is not a layer.
    """
    if isinstance(written, str) or not isinstance(written, Sequence):
        raise SettingError(f"layers is {in_one_line(repr(written), 100)}; give a list of layers")
    within("number of layers", len(written), 1, MOST_LAYERS)
    return tuple(map(layer_of, written))


def layer_of(written: Layer | Mapping[str, Any]) -> Layer:
    """Return the layer that a table with a name stands for, or the layer itself.

    Raises:
        SettingError: there is no such kind of layer, or it has no such setting.
    """
    if isinstance(written, Layer):
        return written
    if not isinstance(written, Mapping) or "name" not in written:
        raise SettingError(
            f"{in_one_line(repr(written), 100)} is not a layer; give a number of units, a name, as "
            '"scale", or a table with a name, as {"name": "scale"}'
        )
    name = written["name"]
    if isinstance(name, str) and name in ACTIVATIONS:
        raise SettingError(
            f"{name!r} is an activation, not a layer: give it as activation={name!r}"
        )
    known("layer", name, KINDS, REGISTER)
    for setting in written:
        known(f"setting of {name}", setting, ["name", *KINDS[name].__struct_fields__])
    try:
        return msgspec.convert(written, KINDS[name])
    except msgspec.ValidationError as error:
        raise SettingError(f"{name}: {in_words(error)}") from error


def expanded_by(layer: Layer, at: Place) -> Iterator[Operation]:
    """Yield the operations that a layer expands into.

    Raises:
        SettingError: it does not fit there, or expands into none.
    """
    found = tuple(layer.operations(at))
    if not found:
        raise SettingError(f"{layer.kind!r} expands into no operation")
    yield from found


def chain(at: Place, kinds: Iterable[Callable[[Place], Operation]]) -> Iterator[Operation]:
    """Yield one operation of each kind, one after the other."""
    for kind in kinds:
        operation = kind(at)
        yield operation
        at = at.after(operation)


def within(name: str, value: float, low: float, high: float) -> None:
    """Raise SettingError if a value is not a number within bounds."""
    if not isinstance(value, Real) or isinstance(value, bool):
        raise SettingError(f"{name} is {in_one_line(repr(value), 100)}; it must be a number")
    # Written so that NaN is refused too.
    if not low <= value <= high:
        # A number of thousands of digits cannot even be printed.
        shown = "far beyond" if isinstance(value, int) and abs(value) > 2**100 else value
        raise SettingError(f"{name} is {shown}; it must lie between {low:g} and {high:g}")
