"""Run the notebooks as a person would, and keep what is committed free of anything that changes.

``python tests/notebooks.py`` runs all of them and writes their outputs back.
"""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def run(path: Path) -> NotebookNode:
    """Run a notebook from its own folder in a fresh kernel and return it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(FOLDER)}})
    client.execute()
    return cleaned(notebook)


def cleaned(notebook: NotebookNode) -> NotebookNode:
    """Drop what differs from run to run or machine to machine: times, versions, counters."""
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    count = 0
    for number, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.from_dict({})
        cell["id"] = f"cell-{number:02d}"
        if cell.cell_type != "code":
            continue
        count += 1
        cell.execution_count = count
        for output in cell.outputs:
            if output.output_type == "execute_result":
                output.execution_count = count
    return notebook


def texts(notebook: NotebookNode) -> list[str]:
    """Return every text that the cells put out: printed, shown, and the charts' own words."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                found.append(output.text)
            elif output.output_type == "error":
                found.append(f"{output.ename}: {output.evalue}")
            else:
                kinds = ("text/plain", "text/html", "text/markdown")
                found.extend(
                    # pixels differ from machine to machine
                    re.sub('(width|height|src)="[^"]*"', "", output.data[kind])
                    for kind in kinds
                    if kind in output.data
                )
    return found


if __name__ == "__main__":
    for path in NOTEBOOKS:
        nbformat.write(run(path), path)
        print(path.name)
