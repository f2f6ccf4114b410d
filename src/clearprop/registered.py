"""Which module each registered layer, activation, loss and optimizer comes from.

A file that uses one names the module, so that whoever opens it knows what to import first. It is
never imported because a file says so.
"""

from collections.abc import Iterable

# By kind and name, such as "layer tilt"; Clearprop's own are not in it.
MODULES: dict[str, str] = {}


def needs(used: Iterable[str]) -> dict[str, str]:
    """Return the module of each of these that does not come with Clearprop."""
    return {what: MODULES[what] for what in sorted(set(used)) if what in MODULES}
