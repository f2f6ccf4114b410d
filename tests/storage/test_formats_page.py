"""The page about the files names every field that the files have, and no other."""

from pathlib import Path

import pytest

from clearprop.data.views import Views
from clearprop.inputs import Inputs, Preparation, Range
from clearprop.layers import BUILT_IN, Dense
from clearprop.network import Network, Training
from clearprop.network.choices import Choice
from clearprop.network.deformation import Deformation
from clearprop.search.journal import Header
from clearprop.search.outcomes import Outcome
from clearprop.storage.checkpoint import Progress
from clearprop.storage.checkpoint import _Card as CheckpointCard
from clearprop.storage.checkpoint_folder import Manifest
from clearprop.storage.committee_file import CommitteeCard
from clearprop.storage.model_file import Card
from clearprop.tasks import Targets

PAGE = Path(__file__).parents[2] / "docs" / "formats.md"
# Each heading with the fields that stand in the first column of the table under it.
TABLES = {
    "## The card of a model file": Card,
    "### `inputs`": Inputs,
    "### `preparation`": Preparation,
    "### `range`": Range,
    "### `targets`": Targets,
    "### `network`": Network,
    "### A dense layer": Dense,
    "### `training`": Training,
    "### A choice": Choice,
    "### `deformation`": Deformation,
    "## The card of a committee file": CommitteeCard,
    "### `views`": Views,
    "## The card of a checkpoint": CheckpointCard,
    "### `progress`": Progress,
    "## The manifest of a checkpoint": Manifest,
    "### The first line of a sweep's file": Header,
    "### Every other line of a sweep's file": Outcome,
}


def named(page: str, heading: str) -> list[str]:
    """Return the names in the first column of the tables under a heading, as far as the next."""
    assert f"\n{heading}\n" in page, f"the page has no {heading!r}"
    below = page.split(f"\n{heading}\n")[1].split("\n#")[0]
    first = [line.split("|")[1] for line in below.splitlines() if line.startswith("| `")]
    return [name for cell in first for name in cell.split("`")[1::2]]


@pytest.mark.parametrize("heading", TABLES)
def test_the_page_names_the_fields_and_no_other(heading):
    assert sorted(named(PAGE.read_text("utf-8"), heading)) == sorted(
        TABLES[heading].__struct_fields__
    )


def test_the_page_names_every_kind_of_layer():
    assert set(named(PAGE.read_text("utf-8"), "### A layer")) == {
        kind.__struct_config__.tag for kind in BUILT_IN
    }


def test_a_field_that_is_left_out_is_missed():
    page = PAGE.read_text("utf-8").replace("| `input_noise` |", "| input noise |")
    assert set(Network.__struct_fields__) - set(named(page, "### `network`")) == {"input_noise"}
