"""The small model that ships with Clearprop; its card, mnist-small.md, stands beside it."""

from importlib.resources import files
from pathlib import Path

SHIPPED = Path(str(files("clearprop.models") / "mnist-small.safetensors"))
"""A network for MNIST's digits, trained by the recipe `mnist-small`."""
