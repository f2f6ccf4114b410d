"""No module imports one that imports it, not even for type checkers only."""

from graphlib import CycleError, TopologicalSorter

import grimp
import pytest


def test_no_modules_import_each_other_in_a_circle():
    graph = grimp.build_graph("clearprop", cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    TopologicalSorter(imports).prepare()
    # This import stands behind TYPE_CHECKING, and the graph has it all the same.
    assert "clearprop.maths.types" in imports["clearprop.maths.affine"]
    imports["clearprop.maths.types"] = {"clearprop.maths.affine"}
    with pytest.raises(CycleError):
        TopologicalSorter(imports).prepare()
