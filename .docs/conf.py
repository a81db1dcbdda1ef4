"""The site: ``python -m sphinx -W --keep-going .docs .docs/_build`` with ``camdata[docs]``."""

import doctest
import importlib.metadata
import os
import shutil
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")

import camdata as cam

HERE = Path(__file__).parent
ROOT = HERE.parent

project = "camdata"
author = "The camdata maintainers"
project_copyright = author
release = version = importlib.metadata.version("camdata")
extensions = ["sphinx.ext.autodoc", "sphinx.ext.autosummary", "numpydoc", "myst_nb"]
html_theme = "furo"
html_title = f"camdata {release}"
exclude_patterns = ["_build", "jupyter_execute"]
nb_execution_mode = "off"  # the stored outputs are tested
numpydoc_show_class_members = False
autosummary_generate = True
autodoc_typehints = "none"  # types stand in the docstrings
suppress_warnings = ["mystnb.unknown_mime_type", "myst.header", "myst.xref_missing"]
myst_heading_anchors = 2


def write_gallery() -> None:
    """Draw the example of every chart's docstring, one picture each."""
    from matplotlib import pyplot as plt

    folder = HERE / "gallery"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    lines = ["# Gallery", "", "One picture per chart, made by the example of its docstring.", ""]
    for name in sorted(set(cam.plots.__all__) - {"save"}):
        chart = getattr(cam.plots, name)
        examples = doctest.DocTestParser().get_examples(chart.__doc__)
        names: dict[str, object] = {}
        for example in examples:
            exec(example.source, names)
        plt.gcf().savefig(folder / f"{name}.png", dpi=110)
        plt.close("all")
        code = "".join(example.source for example in examples)
        first = chart.__doc__.strip().splitlines()[0]
        lines += [f"## {name}", "", first, "", f"![{name}]({name}.png)", ""]
        lines += ["```python", code.rstrip(), "```", ""]
    (folder / "index.md").write_text("\n".join(lines), encoding="utf-8")


def copy_pages() -> None:
    """Put the notebooks and the pages of the repository where Sphinx finds them."""
    shutil.copytree(ROOT / "notebooks", HERE / "notebooks", dirs_exist_ok=True)
    shutil.copy(ROOT / "camdata" / "data" / "README.md", HERE / "data.md")
    for name in ("CHANGES.md", "CONTRIBUTING.md"):
        shutil.copy(ROOT / ".github" / name, HERE / name.lower())


def write_api() -> None:
    """List everything that is public, room by room."""
    rooms = {
        "camdata": (cam, set()),
        "camdata.analysis": (cam.analysis, set(cam.__all__)),
        "camdata.io": (cam.io, set(cam.__all__)),
        "camdata.plots": (cam.plots, set()),
    }
    lines = ["# API", ""]
    for room, (module, elsewhere) in rooms.items():
        names = [
            name
            for name in sorted(set(module.__all__) - elsewhere)
            if callable(getattr(module, name))
        ]
        lines += [f"## {room}", "", "```{eval-rst}", f".. currentmodule:: {room}", ""]
        lines += [".. autosummary::", "   :toctree: api", "", *(f"   {name}" for name in names)]
        lines += ["```", ""]
    (HERE / "api.md").write_text("\n".join(lines), encoding="utf-8")


copy_pages()
write_gallery()
write_api()
