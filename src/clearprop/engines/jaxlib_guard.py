"""Refuse a jaxlib that is known to compute wrong numbers, before it has computed any."""

from clearprop.errors import EngineError, MissingExtraError

# Silent miscompilation on CPU: https://github.com/jax-ml/jax/issues/39103.
WRONG = ("0.10.2", "0.11.0")


def jaxlib_version() -> str | None:
    """Return the installed jaxlib's version without importing it, or None."""
    # Slow to load, and the NumPy engine never asks.
    from importlib.metadata import PackageNotFoundError, version

    try:
        version("jax")
        return version("jaxlib")
    except PackageNotFoundError:
        return None


def refuse_wrong_jaxlib() -> None:
    """Raise if there is no jaxlib, or one that is known to miscompile.

    Raises:
        MissingExtraError: jax is not installed.
        EngineError: the installed version computes wrong numbers.
    """
    installed = jaxlib_version()
    if installed is None:
        raise MissingExtraError("the JAX engine needs jax", "jax", "take the engine numpy")
    if installed in WRONG:
        raise EngineError(
            f"jaxlib {installed} silently computes wrong numbers on CPU (jax-ml/jax#39103), so "
            f"the JAX engine refuses it: pip install 'jax!={WRONG[0]},!={WRONG[1]}' "
            f"'jaxlib!={WRONG[0]},!={WRONG[1]}', or use engine='numpy'"
        )
