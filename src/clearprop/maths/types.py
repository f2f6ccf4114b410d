"""The names that annotations use for arrays and their shapes.

Read by type checkers, and by the tests, which check every shape at run time. The equations
import this module under `TYPE_CHECKING` only, so running them needs no jaxtyping.
"""

from typing import Any

from jaxtyping import Bool, Float, Int, Num, UInt8, UInt32

# An array of any namespace that follows the array API standard, and that namespace.
Array = Any
Namespace = Any
# A number, or an array without axes: what a traced setting is.
Scalar = Any

__all__ = ["Array", "Bool", "Float", "Int", "Namespace", "Num", "Scalar", "UInt8", "UInt32"]
