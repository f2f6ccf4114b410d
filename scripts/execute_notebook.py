"""Run a notebook from top to bottom in a fresh kernel and keep what its cells show.

Usage:
    .venv/bin/python scripts/execute_notebook.py examples/look_inside.ipynb            # in place
    .venv/bin/python scripts/execute_notebook.py examples/look_inside.ipynb other.ipynb
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def main(source: str, result: str) -> None:
    """Run the notebook in its own folder; write nothing where a cell fails."""
    notebook = nbformat.read(source, as_version=4)
    folder = {"metadata": {"path": str(Path(source).parent)}}
    client = NotebookClient(notebook, resources=folder, record_timing=False, coalesce_streams=True)
    try:
        client.execute()
    except CellExecutionError as error:
        sys.exit(str(error))
    # The kernel adds the version of its Python, which says nothing to a reader.
    notebook.metadata.language_info = {"name": "python"}
    nbformat.validate(notebook)
    nbformat.write(notebook, result)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[-1])
