"""The figure of a chart: what Jupyter shows of it, and its file."""

from __future__ import annotations

import base64
import io
import sys
from html import escape
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from camdata._display.checks import check_path, wrong_type
from camdata._display.files import write_file
from camdata.plots._style import style


class DescribedFigure(Figure):
    """A figure that notebooks show as an ``<img>`` with an alternative text.

    The image has twice as many pixels as it is shown with, so that small print stays legible.
    """

    alt = ""
    words: tuple[str, str] = ("", "")
    """The chart's own title, and how to read it."""
    sharpness = 2.0

    def draw(self, renderer: Any) -> None:
        with style():
            super().draw(renderer)

    def savefig(self, fname: Any, **kwargs: Any) -> None:
        with style():  # it holds how formats write fonts
            super().savefig(fname, **kwargs)

    def _repr_html_(self) -> str:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", bbox_inches="tight", dpi=self.sharpness * self.dpi)
        # charts have few colors: a palette makes the notebooks that hold them much lighter
        image = Image.open(buffer).convert("RGB").quantize(40, dither=Image.Dither.NONE)
        packed = io.BytesIO()
        image.save(packed, format="png", optimize=True)
        code = base64.b64encode(packed.getvalue()).decode("ascii")
        width, height = (round(length / self.sharpness) for length in image.size)
        size = f'width="{width}" height="{height}"'
        return f'<img alt="{escape(self.alt)}" {size} src="data:image/png;base64,{code}">'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
        if shell is not None:
            # matplotlib registers an image for all figures, which has no alternative text
            for kind in ("image/png", "image/svg+xml", "image/jpeg", "application/pdf"):
                shell.display_formatter.formatters[kind].for_type(DescribedFigure, lambda _: None)
        return {"text/html": self._repr_html_(), "text/plain": self.alt}


def figure_of(ax: Axes) -> Figure:
    """Return the figure that `ax` is in."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def save(ax: Axes, path: str | Path) -> None:
    """Write the figure of a chart, the same bytes each time, with words as text.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A chart.
    path : str or pathlib.Path
        The file; its suffix says the format: png, svg or pdf. A figure that the chart made has the
        size that it was given; one of your own is cropped to what is drawn.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import camdata as cam
    >>> ax = cam.plots.positions(cam.load_meeting())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "positions.svg"
    ...     cam.plots.save(ax, path)
    ...     "Dominican Republic" in path.read_text(encoding="utf-8")
    True
    """
    if not isinstance(ax, Axes):
        raise wrong_type("ax", "the Axes of a chart", ax)
    path, figure = check_path("path", path), figure_of(ax)
    kind, known = path.suffix.lower(), sorted(figure.canvas.get_supported_filetypes())
    if kind[1:] not in known:
        raise ValueError(
            f"`path` must end in one of {', '.join(known)}, but {path.name!r} does not."
        )
    undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {"Software": None}}
    box = None if isinstance(figure, DescribedFigure) else "tight"
    buffer = io.BytesIO()
    with style():
        figure.savefig(buffer, format=kind[1:], bbox_inches=box, metadata=undated.get(kind))
    write_file(path, buffer.getvalue())
