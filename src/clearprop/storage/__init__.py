"""Storage: model files and checkpoints."""

from clearprop.storage.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from clearprop.storage.model_file import Card, read, write

__all__ = ["Card", "Checkpoint", "read", "read_checkpoint", "write", "write_checkpoint"]
