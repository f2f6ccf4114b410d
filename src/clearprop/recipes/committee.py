"""The committee of a recipe: networks whose probabilities are averaged."""

from __future__ import annotations

from typing import Any

import msgspec

from clearprop.data.views import Views
from clearprop.errors import SettingError


class Members(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Networks of one recipe, one per seed, with the same settings.

    `recipe` is a name or a TOML file; `settings` are changes to it.
    """

    recipe: str
    seeds: tuple[int, ...]
    settings: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if not self.seeds:
            raise SettingError(f"the committee names no seeds of {self.recipe}: seeds = [0, 1]")
        if any(key.rpartition(".")[2] == "seed" for key in self.settings):
            raise SettingError("a member's seed belongs in its seeds, not in settings")


class Committee(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Networks whose probabilities are averaged.

    Attributes:
        members: the networks.
        temperature: whether to fit a temperature on the validation rows.
        views: transformed copies of each picture to average over, or None.
    """

    members: tuple[Members, ...]
    temperature: bool = False
    views: Views | None = None

    def __post_init__(self) -> None:
        named = [
            (one.recipe, str(one.settings), seed) for one in self.members for seed in one.seeds
        ]
        if len(named) < 2 or len(set(named)) < len(named):
            raise SettingError("a committee needs at least two members, none of them twice")
