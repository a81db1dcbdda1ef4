"""The one visual language of all charts: sizes, fonts and colours, applied locally.

The colours of clusters and dimensions are told apart under simulated protanopia and deuteranopia
(Machado et al. 2009, doi:10.1109/TVCG.2009.113), and the shades of heatmaps grow steadily darker;
the tests compute both. No colour is the only sign: clusters carry their number, dimensions their
name, what is recorded by reference a hatch, what is missing a dash.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html import escape
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox, Transform
from PIL import Image

from camdata.positions import STATEMENTS

INK = "#222222"
FAINT = "#8a8a8a"
MISSING = "#d9d9d9"

DIMENSIONS = (
    "#0b3c6f",
    "#c77c02",
    "#b85c93",
    "#12916a",
    "#6f6f6f",
    "#4aa3d8",
    "#8c510a",
    "#5e3c99",
)
"""One colour for each dimension, in the order of the codebook."""

CLUSTERS = (
    "#0b3c6f",
    "#e69f00",
    "#12916a",
    "#cc79a7",
    "#56b4e9",
    "#8c3b00",
    "#999999",
    "#d9c500",
    "#5e3c99",
    "#b2182b",
)
"""One colour for each cluster, by its number; the number is always written beside it."""

SHADES = LinearSegmentedColormap.from_list("camdata", ["#f7fbff", "#7fb0d8", "#0b3c6f"])
"""From nothing shared to everything shared; steadily darker, so that it reads in grey."""

RC: Any = {
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "figure.dpi": 100,
    "savefig.dpi": 150,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "axes.facecolor": "white",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "hatch.linewidth": 0.8,
    "svg.hashsalt": "camdata",
    "svg.fonttype": "none",
}


@contextmanager
def style() -> Iterator[None]:
    """Draw in camdata's style; the user's settings are as before afterwards."""
    # only these settings are put back: a backend that sets itself up meanwhile, as Jupyter's does
    # when the first figure is made, keeps what it has set
    before = {name: mpl.rcParams[name] for name in RC}
    mpl.rcParams.update(RC)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


class DescribedFigure(Figure):
    """A figure with an alternative text, which Jupyter and its HTML pages hand to the reader.

    Jupyter is given half again as many pixels as it shows, so that small print stays legible.
    """

    alt = ""
    sharpness = 1.5

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        buffer = io.BytesIO()
        with style():
            self.savefig(buffer, format="png", bbox_inches="tight", dpi=self.sharpness * self.dpi)
        # charts have few colours: a palette makes the notebooks that hold them much lighter
        image = Image.open(buffer).convert("RGB")
        image = image.quantize(255, dither=Image.Dither.NONE)
        shown = {
            "width": round(image.width / self.sharpness),
            "height": round(image.height / self.sharpness),
        }
        packed = io.BytesIO()
        image.save(packed, format="png", optimize=True)
        encoded = base64.b64encode(packed.getvalue()).decode()
        # pages made of notebooks read an alternative text from HTML only; others take the image
        page = (
            f'<img src="data:image/png;base64,{encoded}" alt="{escape(self.alt)}" '
            f'width="{shown["width"]}" style="max-width:100%;height:auto;background:white">'
        )
        data = {"text/html": page, "image/png": encoded, "text/plain": self.alt}
        return data, {"image/png": {"alt": self.alt, **shown}}


def axes(ax: Axes | None, size: tuple[float, float]) -> Axes:
    """Return `ax`, or the axes of a new figure.

    `size` is that of the axes themselves, width and height in inches: `describe`, which every chart
    ends with, makes the figure just large enough for what stands around them. Nothing is cut, and
    nothing depends on how often the figure is drawn.
    """
    if ax is not None:
        return ax
    figure = plt.figure(FigureClass=DescribedFigure, figsize=size)
    return figure.add_axes((0, 0, 1, 1))


def figure_of(ax: Axes) -> Figure:
    """Return the figure that `ax` is in."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure


def describe(ax: Axes, sentence: str) -> None:
    """Give the figure of `ax` an alternative text and room, if the chart made the figure."""
    figure = figure_of(ax)
    if isinstance(figure, DescribedFigure):
        figure.alt = f"{figure.alt} {sentence}".strip()
        _make_room(figure)


def _make_room(figure: Figure, around: float = 0.1) -> None:
    """Resize a figure so that all it holds fits, its axes keeping their size."""
    figure.draw_without_rendering()
    inches = figure.dpi_scale_trans.inverted()
    children = [child for ax in figure.axes for child in ax.child_axes]
    # the label of a narrow axis may be wider than the axis, which not every tight box counts
    labels = [child.xaxis.label for child in children if child.get_xlabel()]
    boxes = [label.get_window_extent().transformed(inches) for label in labels]
    box = Bbox.union([figure.get_tightbbox(), *boxes])
    width, height = figure.get_size_inches()
    new_width, new_height = box.width + 2 * around, box.height + 2 * around
    for ax in figure.axes:
        place = ax.get_position(original=True)
        ax.set_position(
            (
                (place.x0 * width - box.x0 + around) / new_width,
                (place.y0 * height - box.y0 + around) / new_height,
                place.width * width / new_width,
                place.height * height / new_height,
            )
        )
    figure.set_size_inches(new_width, new_height)


def cluster_color(label: int) -> str:
    """Return the colour of a cluster, the same in every chart."""
    return CLUSTERS[(int(label) - 1) % len(CLUSTERS)]


def dimension_colors(dimensions: Sequence[str]) -> dict[str, str]:
    """Return the colour of each dimension, the same in every chart."""
    return {name: DIMENSIONS[i % len(DIMENSIONS)] for i, name in enumerate(dimensions)}


def ink_on(color: object) -> str:
    """Return black or white, whichever is read more easily on `color`."""
    red, green, blue = to_rgb(color)  # type: ignore[arg-type]
    return "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else INK


def badge(
    ax: Axes, at: tuple[float, float], label: int, transform: Transform | None = None
) -> None:
    """Write a cluster's number on its colour, at a point of `transform` (default: the data)."""
    color = cluster_color(label)
    ax.text(
        *at,
        str(label),
        transform=ax.transData if transform is None else transform,
        ha="center",
        va="center",
        fontsize=7,
        fontweight="bold",
        color=ink_on(color),
        bbox={"boxstyle": "round,pad=0.25", "fc": color, "ec": "none"},
        gid=f"cluster {label}",
        clip_on=False,
    )


def spread(values: Sequence[float], least: float) -> list[float]:
    """Return `values` pushed apart, in their order, so that labels at them do not overlap."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    result = list(values)
    for before, after in pairwise(order):
        result[after] = max(result[after], result[before] + least)
    return result


def clipped(text: str, most: int) -> str:
    """Return a list in `text`, cut after a semicolon and with an ellipsis where it is too long."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(";", 1)[0] + "; …"


def behind(attrs: Mapping[Any, Any]) -> str:
    """Return ", 38 statements" where a table carries how many stand behind it, else nothing."""
    statements = attrs.get(STATEMENTS)
    return f", {count(sum(statements.values()), 'statement')}" if statements else ""


def count(number: int, noun: str) -> str:
    """Return a number with its noun: 1 statement, 2 statements."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def save(ax: Axes, path: str | Path) -> None:
    """Write the figure of a chart, cropped to what is drawn, the same bytes each time.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        A chart.
    path : str or pathlib.Path
        The file; its suffix says the format: png, svg or pdf.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import camdata as cam
    >>> ax = cam.plots.positions(cam.load_meeting())
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "positions.svg"
    ...     cam.plots.save(ax, path)
    ...     "Recorded positions" in path.read_text(encoding="utf-8")
    True
    """
    path = Path(path)
    undated = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {"Software": None}}
    figure = figure_of(ax)
    with style():
        metadata = undated.get(path.suffix.lower())
        figure.savefig(path, bbox_inches="tight", metadata=metadata)
