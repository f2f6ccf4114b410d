"""Layers as people write them: numbers, names and tables become complete tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from clearprop.errors import SettingError

Table = dict[str, Any]


def tables(layers: Sequence[Any]) -> list[Any]:
    """Return layers as tables: 64 is a dense layer, "scale" a layer without settings.

    >>> tables([64, "scale", {"name": "residual", "layers": [64]}])[2]
    {'name': 'residual', 'layers': [{'name': 'dense', 'units': 64}]}
    """
    return [_table(one) for one in layers]


def _table(one: Any) -> Any:
    if isinstance(one, int | float):
        return {"name": "dense", "units": one}
    if isinstance(one, str):
        return {"name": one}
    inside = one.get("layers") if isinstance(one, Mapping) else None
    if isinstance(inside, Sequence) and not isinstance(inside, str):
        return {**one, "layers": tables(one["layers"])}
    return dict(one) if isinstance(one, Mapping) else one


def dense_among(found: Sequence[Any]) -> Iterator[Table]:
    """Yield the tables of dense layers, also of those inside other layers."""
    for one in found:
        if isinstance(one, dict) and one.get("name") == "dense":
            yield one
        elif isinstance(one, dict) and isinstance(one.get("layers"), list):
            yield from dense_among(one["layers"])


def fill(dense: Sequence[Table], **settings: Any) -> None:
    """Fill in what the tables of dense layers leave out; the tables are changed.

    Args:
        dense: the tables.
        **settings: by name; one value for all, or a list with one for each.

    Raises:
        SettingError: a list of another length.
    """
    for name, value in settings.items():
        for table, own in zip(dense, _one_each(name, value, len(dense)), strict=True):
            table.setdefault(name, own)


def _one_each(name: str, value: Any, count: int) -> list:
    if isinstance(value, str) or not isinstance(value, Sequence):
        return [value] * count
    if len(value) != count:
        entries = "1 entry" if len(value) == 1 else f"{len(value)} entries"
        layers = "1 hidden dense layer" if count == 1 else f"{count} hidden dense layers"
        raise SettingError(f"{name} has {entries} for {layers}")
    return list(value)
