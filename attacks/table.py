"""All attacks by their names, in the order of the files that they are on."""

import importlib

from attacks.attack import Attack

FAMILIES = (
    "safetensors_files",
    "cards",
    "inputs_and_targets",
    "committee_files",
    "checkpoint_files",
    "idx_files",
    "npz_files",
    "pickles",
    "csv_files",
    "pictures",
    "folders",
    "toml_files",
)

ATTACKS: dict[str, Attack] = {}
for family in FAMILIES:
    for attack in importlib.import_module(f"attacks.{family}").ATTACKS:
        name = f"{family.replace('_', ' ')}: {attack.name}"
        assert name not in ATTACKS, f"two attacks are called {name!r}"
        ATTACKS[name] = attack
