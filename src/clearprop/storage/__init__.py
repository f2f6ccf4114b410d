"""Storage: model files, committees and checkpoints."""

from clearprop.storage.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from clearprop.storage.committee_file import CommitteeCard, read_any, write_committee
from clearprop.storage.model_file import Card, read, write

__all__ = [
    "Card",
    "Checkpoint",
    "CommitteeCard",
    "read",
    "read_any",
    "read_checkpoint",
    "write",
    "write_checkpoint",
    "write_committee",
]
