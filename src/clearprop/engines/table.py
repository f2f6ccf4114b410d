"""The table of engines: how each is made, and what its last bits depend on."""

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from clearprop.engines.blas_threads import blas
from clearprop.engines.contract import Engine
from clearprop.engines.cores import cores
from clearprop.engines.jaxlib_guard import refuse_wrong_jaxlib
from clearprop.errors import SettingError
from clearprop.network import Network


class EngineEntry(NamedTuple):
    """An engine, not imported yet.

    Attributes:
        module: the module with the engine.
        name: of its class there.
        packages: those, besides NumPy, whose versions its last bits depend on.
        threads: () -> a name and on what it runs, for the same reason.
        check: raises where it cannot run here.
        cannot: the names of the layers that it does not run.
    """

    module: str
    name: str
    packages: tuple[str, ...]
    threads: Callable[[], tuple[str, str]]
    check: Callable[[], None] = lambda: None
    cannot: frozenset[str] = frozenset()

    def make(self) -> Engine:
        """Return the engine; its libraries are imported here."""
        self.check()
        return getattr(import_module(self.module), self.name)()


ENGINES = {
    "jax": EngineEntry(
        "clearprop.engines.jax_engine",
        "JaxEngine",
        ("jax", "jaxlib"),
        lambda: ("cores", str(cores())),
        refuse_wrong_jaxlib,
    ),
    "numpy": EngineEntry(
        "clearprop.engines.numpy_engine", "NumpyEngine", (), lambda: ("blas", blas())
    ),
}


def check_layers(engine: str, network: Network) -> None:
    """Raise SettingError where an engine does not run one of a network's layers."""
    for i, layer in enumerate(network.layers):
        for name in sorted(ENGINES[engine].cannot):
            if f"layer {name}" in layer.uses():
                able = [other for other, kind in ENGINES.items() if name not in kind.cannot]
                raise SettingError(
                    f"the engine {engine} does not run {name!r}, which is in layers.{i}; use "
                    f"{' or '.join(map('engine={!r}'.format, able)) or 'another layer'}"
                )
