"""Storage: model files."""

from clearprop.storage.model_file import Card, read, write

__all__ = ["Card", "read", "write"]
