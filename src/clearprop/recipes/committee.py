"""A committee as its recipe holds it: whose networks answer together."""

from typing import Any

import msgspec

from clearprop.data.views import Views
from clearprop.errors import SettingError


class Members(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Networks of one recipe, a seed each, under the same settings.

    `recipe` is a name or a TOML file; `settings` are changes as `--set` takes them.
    """

    recipe: str
    seeds: tuple[int, ...]
    settings: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if not self.seeds:
            raise SettingError(f"the committee names no seeds of {self.recipe}: seeds = [0, 1]")
        if any(key.rpartition(".")[2] == "seed" for key in self.settings):
            raise SettingError("a member's seed is one of its seeds, and no setting")


class Committee(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Networks whose probabilities are averaged.

    Attributes:
        members: which.
        temperature: whether the probabilities' temperature is fitted on the validation rows.
        views: the views of each picture; None for the picture itself alone.
    """

    members: tuple[Members, ...]
    temperature: bool = False
    views: Views | None = None

    def __post_init__(self) -> None:
        named = [
            (one.recipe, str(one.settings), seed) for one in self.members for seed in one.seeds
        ]
        if len(named) < 2 or len(set(named)) < len(named):
            raise SettingError("a committee has two members or more, and none of them twice")
