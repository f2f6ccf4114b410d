"""Which engine runs: by the job alone, and never on a jaxlib that computes wrong numbers."""

from importlib.metadata import PackageNotFoundError

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from clearprop import MLP
from clearprop.engines import choice, choose, make
from clearprop.engines.table import ENGINES
from clearprop.errors import EngineError, MissingExtraError, SettingError

SMALL = {"visits": 14_370, "steps": 100, "work": 5_000}
LARGE = {"visits": 1_200_000, "steps": 9_380, "work": 1_000_000}


@pytest.fixture
def installed(monkeypatch):
    """Return a function that sets which version of jaxlib there seems to be; None is none."""

    def pretend(found: str | None) -> None:
        def version(name: str) -> str:
            if found is None:
                raise PackageNotFoundError(name)
            return found

        monkeypatch.setattr("importlib.metadata.version", version)

    return pretend


@pytest.mark.parametrize("wrong", ["0.10.2", "0.11.0"])
def test_a_jaxlib_that_computes_wrong_numbers_is_refused(installed, wrong):
    installed(wrong)
    with pytest.raises(EngineError, match=rf"jaxlib {wrong} silently computes wrong numbers"):
        make("jax")


def test_without_jax_the_message_says_what_to_install(installed):
    installed(None)
    with pytest.raises(MissingExtraError, match=r"pip install 'clearprop\[jax\]'"):
        make("jax")


@pytest.mark.parametrize("name", ["numpy", "jax"])
def test_an_engine_knows_its_name(name):
    assert make(name).name == name


@pytest.mark.parametrize(
    ("found", "job", "name", "why"),
    [
        ("0.10.1", SMALL, "numpy", "as much as 2.0e+09 operations, and under 2.0e+11"),
        ("0.10.1", LARGE, "jax", "as much as 7.4e+12 operations, and from 2.0e+11"),
        (None, LARGE, "numpy", "jax is not installed"),
        ("0.10.2", LARGE, "numpy", "jaxlib 0.10.2 computes wrong numbers"),
    ],
)
def test_auto_chooses_by_the_job_and_says_why(installed, found, job, name, why):
    installed(found)
    chosen = choose("auto", **job)
    assert chosen.name == name
    assert why in chosen.why


def test_the_break_even_is_where_the_rule_says(installed):
    installed("0.10.1")
    visits = int(choice.BREAK_EVEN / 6)
    assert choose("auto", visits=visits - 1, steps=0, work=1).name == "numpy"
    assert choose("auto", visits=visits + 1, steps=0, work=1).name == "jax"


def test_many_small_steps_are_a_large_job(installed):
    installed("0.10.1")
    steps = int(choice.BREAK_EVEN / choice.STEP)
    assert choose("auto", visits=0, steps=steps - 1, work=1).name == "numpy"
    assert choose("auto", visits=0, steps=steps + 1, work=1).name == "jax"


@pytest.mark.parametrize("name", ["numpy", "jax"])
def test_an_engine_that_was_asked_for_is_taken(installed, name):
    installed(None)
    assert choose(name, **SMALL) == (name, "it was asked for")


def test_an_unknown_engine_is_refused_with_a_hint():
    with pytest.raises(SettingError, match="did you mean 'numpy'"):
        choose("nunpy", **SMALL)


@pytest.mark.parametrize(("dtype", "rows"), [("float32", 32_769), ("float64", 16_385)])
def test_this_jaxlib_does_not_have_the_miscompilation(dtype, rows):
    # https://github.com/jax-ml/jax/issues/39103: jaxlib 0.10.2 gives 1065369600 under jit.
    with jax.enable_x64(dtype == "float64"):
        matrix = jnp.eye(3, dtype=dtype)
        i = jnp.arange(rows, dtype=dtype)
        x = jnp.stack([i, jnp.zeros_like(i), jnp.zeros_like(i)], axis=1)
        lengths = jax.vmap(lambda row: jnp.sum((matrix @ row) ** 2))
        eager, compiled = float(lengths(x)[-1]), float(jax.jit(lengths)(x)[-1])
    assert eager == compiled == np.square(float(rows - 1))


def test_jaxlib_alone_is_not_jax(monkeypatch):
    def version(name: str) -> str:
        if name == "jax":
            raise PackageNotFoundError(name)
        return "0.10.1"

    monkeypatch.setattr("importlib.metadata.version", version)
    with pytest.raises(MissingExtraError):
        make("jax")
    assert choose("auto", **LARGE).name == "numpy"


def test_an_engine_refuses_a_layer_that_it_does_not_run_by_its_name(monkeypatch):
    x, y = np.eye(4, dtype=np.float32), [0, 1, 0, 1]
    model = MLP([4, "scale", 2])
    monkeypatch.setitem(ENGINES, "numpy", ENGINES["numpy"]._replace(cannot=frozenset({"scale"})))
    inside = MLP([4, {"name": "residual", "layers": ["scale"]}, 2])
    for ask in (lambda: model.fit(x, y), lambda: inside.predict(x)):
        with pytest.raises(
            SettingError,
            match=r"numpy does not run 'scale', which is in layers\.0; use engine='jax'",
        ):
            ask()
    MLP([4, 3, 2]).fit(x, y, epochs=1)


def test_an_engine_of_another_name_is_refused():
    with pytest.raises(SettingError, match="unknown engine 'torch'"):
        make("torch")
