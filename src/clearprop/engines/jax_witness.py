"""JAX as a witness: any function over an array namespace, compiled, in float64.

The engine compiles training steps; this compiles one rule at a time, so that the gradient
check can compare it. Nothing else imports this module, and that only when it is called.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from clearprop.engines.jax_setup import jax, jnp


def compiled(function: Callable, *arguments: Any) -> Any:
    """Return function(jax.numpy, *arguments) under `jit` in float64, as NumPy arrays.

    All arguments, trees of arrays and numbers, are traced.
    """
    with jax.enable_x64(True):
        return jax.tree.map(np.asarray, jax.jit(partial(function, jnp))(*arguments))


def differentiated(function: Callable, inputs: Any, *rest: Any) -> Any:
    """Return ∂/∂inputs of function(jax.numpy, inputs, *rest) by automatic differentiation.

    The function returns a number; `inputs` is a tree of arrays, as are its gradients, of NumPy's.
    """

    def gradient(xp: Any, inputs: Any, *rest: Any) -> Any:
        return jax.grad(partial(function, xp))(inputs, *rest)

    return compiled(gradient, inputs, *rest)
