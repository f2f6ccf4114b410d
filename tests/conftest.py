"""What every test has: equations that check their shapes, no network, no deadlines."""

import importlib
import ipaddress
import os
import pkgutil
import signal
import socket
import sys
import typing

# Before jax is imported: the tests compare with the CPU's numbers, and XLA prints false alarms.
os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import array_api_strict
import beartype
import hypothesis
import jax
import jax.numpy
import jaxtyping
import numpy as np
import pytest

# A shell that runs the tests in the background has them ignore Ctrl-C, and so their children;
# the tests that press it would then wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

hypothesis.settings.register_profile("clearprop", deadline=None, derandomize=True)
hypothesis.settings.load_profile("clearprop")


# By name, as the import hook wants it; beartype itself is imported above, in the ordinary way.
CHECKER = f"{beartype.__name__}.{beartype.beartype.__name__}"


def import_equations_with_checked_shapes() -> None:
    """Import `clearprop.maths` so that every call checks the shapes in its annotations.

    The equations import jaxtyping's names under `TYPE_CHECKING` alone, so that running them
    needs no jaxtyping. Here the annotations shall be evaluated, so the switch says that types
    are being checked, which they are, while these modules are imported and no longer. What
    they import themselves is imported above, with the switch as it always is.
    """
    importlib.import_module("clearprop")
    early = [name for name in sys.modules if name.startswith("clearprop.maths")]
    assert not early, f"imported before its shapes could be checked: {early}"
    typing.TYPE_CHECKING = True
    try:
        with jaxtyping.install_import_hook("clearprop.maths", CHECKER):
            package = importlib.import_module("clearprop.maths")
            for module in pkgutil.iter_modules(package.__path__, "clearprop.maths."):
                importlib.import_module(module.name)
    finally:
        typing.TYPE_CHECKING = False


import_equations_with_checked_shapes()


@pytest.fixture
def unchecked_shapes():
    """Leave shapes unchecked in a test that makes many steps: checking makes a step cost seven."""
    jaxtyping.config.update("jaxtyping_disable", True)
    yield
    jaxtyping.config.update("jaxtyping_disable", False)


@pytest.fixture(params=["numpy", "jax"])
def engine(request):
    """The name of each engine in turn."""
    return request.param


NAMESPACES = {"numpy": np, "array_api_strict": array_api_strict, "jax": jax.numpy}


@pytest.fixture(params=NAMESPACES)
def xp(request):
    """Each array namespace that the equations are written for, in turn."""
    return NAMESPACES[request.param]


@pytest.fixture
def float64():
    """JAX in double precision, as the engine has it: for this test alone."""
    with jax.enable_x64(True):
        yield


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Fail a test that reaches for anything but this machine.

    `pytest.fail` raises what `except Exception` lets through, so no retry can hide it.
    """

    def refuse_unless_local(host) -> None:
        if host not in (None, "", b"", "localhost", b"localhost") and not is_loopback(host):
            pytest.fail(f"a test reached for the network: {host!r}")

    def guarded(connect):
        def call(self, address):
            if self.family in (socket.AF_INET, socket.AF_INET6):
                refuse_unless_local(address[0])
            return connect(self, address)

        return call

    def getaddrinfo(host, *arguments, **named):
        refuse_unless_local(host)
        return resolve(host, *arguments, **named)

    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, guarded(getattr(socket.socket, name)))


def is_loopback(host: str | bytes) -> bool:
    """Return whether a host is an address of this machine."""
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session")
def require_dataset():
    """Return a function that loads a named data set from the cache, for tests marked `data`.

    Where it is not in the cache the test is skipped, or fails where CLEARPROP_REQUIRE_DATA is
    set: a skip that nobody looks at is how such tests die.
    """

    def require(name: str):
        from clearprop import data
        from clearprop.errors import DatasetUnavailableError

        try:
            return data.load(name, offline=True)
        except DatasetUnavailableError as error:
            if os.environ.get("CLEARPROP_REQUIRE_DATA"):
                pytest.fail(f"CLEARPROP_REQUIRE_DATA is set, and: {error}")
            return pytest.skip(f"{name} is not in the cache")

    return require
