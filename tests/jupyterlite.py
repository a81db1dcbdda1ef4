"""Build the notebooks as a site that runs them in a browser, without an install.

``python tests/jupyterlite.py FOLDER`` writes the site; any server of files shows it, for example
``python -m http.server --directory FOLDER``. It needs ``jupyterlite-core`` and
``jupyterlite-pyodide-kernel`` beside the notebooks' extra. The site has the notebooks, this code as
a wheel, and every other wheel that holds Python only. Python itself and what is compiled for it
(numpy, pandas, scipy, matplotlib, pillow, …) the reader's browser fetches from Pyodide's own
server, or from a full Pyodide distribution that ``--pyodide`` puts into the site.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import nbformat
from packaging.requirements import Requirement

from notebooks import NOTEBOOKS

ROOT = Path(__file__).parent.parent
EXTRAS = ("networks", "excel", "qda")
"""The extras that the notebooks may use."""

COMPILED = {
    "jinja2": "3.1.6",
    "matplotlib": "3.10.8",
    "narwhals": "2.18.1",
    "networkx": "3.6.1",
    "numpy": "2.4.6",
    "pandas": "3.0.2",
    "pillow": "12.2.0",
    "python-calamine": "0.6.2",
    "scipy": "1.18.0",
}
"""What Pyodide 314.0.6, for which the kernel is made, comes with: no other version runs there."""
KERNEL = ("comm", "ipython-pygments-lexers")
"""What the kernel itself needs, and Pyodide does not come with."""


def requirements() -> list[Requirement]:
    """Return what the package and its extras for the notebooks need."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for name in EXTRAS for line in extras[name])]
    return [Requirement(line) for line in lines]


def unmet() -> list[str]:
    """Return the requirements that Pyodide's versions do not meet; the rest may be any version."""
    return [
        f"{need}: Pyodide has {COMPILED[need.name]}"
        for need in requirements()
        if need.name in COMPILED and COMPILED[need.name] not in need.specifier
    ]


def build(folder: Path, pyodide: str | None = None) -> None:
    """Write the site into a folder.

    Raises
    ------
    SystemExit
        If Pyodide does not meet a requirement.
    subprocess.CalledProcessError
        If a wheel cannot be had, or the site cannot be built.
    """
    if faults := unmet():
        raise SystemExit("\n".join(faults))
    pure = [str(need) for need in requirements() if need.name not in COMPILED]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q"]
    with tempfile.TemporaryDirectory() as name:
        work, wheels, content = Path(name), Path(name, "wheels"), Path(name, "content")
        content.mkdir()
        for path in NOTEBOOKS:
            notebook = nbformat.read(path, as_version=4)
            install = f"%pip install -q camdata[{','.join(EXTRAS)}]"
            notebook.cells.insert(0, nbformat.v4.new_code_cell(install, id="install"))
            notebook.metadata["kernelspec"] = {"name": "python", "display_name": "Python (Pyodide)"}
            nbformat.write(notebook, content / path.name)
        subprocess.run([*pip, "wheel", "--no-deps", "-w", str(wheels), str(ROOT)], check=True)
        download = ["download", "--no-deps", "--only-binary=:all:", "--platform=any"]
        subprocess.run([*pip, *download, "-d", str(wheels), *pure, *KERNEL], check=True)
        command = [sys.executable, "-m", "jupyterlite_core", "build", "--apps=lab"]
        command += ["--no-sourcemaps", "--no-unused-shared-packages", "--force"]
        command += [f"--lite-dir={work}", f"--contents={content}"]
        command += [f"--output-dir={folder.resolve()}"]
        command += [f"--piplite-wheels={wheel}" for wheel in sorted(wheels.glob("*.whl"))]
        if pyodide is not None:
            command.append(f"--pyodide={pyodide}")
        subprocess.run(command, cwd=work, check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="where the site is written")
    parser.add_argument("--pyodide", help="a full Pyodide distribution: a .tar.bz2 or its address")
    chosen = parser.parse_args()
    build(chosen.folder, chosen.pyodide)
