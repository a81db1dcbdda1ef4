"""The one visual language of all charts: their colors and settings.

Colors of clusters and of dimensions are two palettes without a color in common. Those in use first
are told apart under simulated protanopia and deuteranopia (Machado et al. 2009,
doi:10.1109/TVCG.2009.113) and differ in lightness, and the shades of heat maps grow steadily
darker; the tests compute all of it. No color is the only sign: clusters carry their number,
dimensions their name, what is recorded by reference a hatch, what is missing a dash.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.colors import LinearSegmentedColormap, to_rgb

INK = "#222222"
FAINT = "#767676"
MISSING = "#d9d9d9"
ACCENT = "#0b3c6f"
"""For what is neither a cluster nor a dimension."""
PALE = "#dfe6ec"
SIGNAL = "#c2271b"
"""For opposition, and for where a tree is cut."""

DIMENSIONS = (
    "#091d79",
    "#791a07",
    "#6a5cb1",
    "#105f3f",
    "#b44407",
    "#21243f",
    "#006261",
    "#334876",
)
"""One color for each dimension, in the order of the codebook; dark enough for words in them."""

CLUSTERS = (
    "#d59b49",
    "#56d0e4",
    "#a05c8c",
    "#4e9b61",
    "#eadf67",
    "#0083fc",
    "#97ecc5",
    "#cae497",
    "#69bbab",
    "#4fadf4",
)
"""One color for each cluster, by its number; the number is always written beside it."""

SHADES = LinearSegmentedColormap.from_list("camdata", ["#f7fbff", "#7fb0d8", "#0b3c6f"])
"""From nothing shared to everything shared; steadily darker, so that it reads in grey."""

RC: Any = {
    "savefig.dpi": 150,
    "font.size": 9.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    "text.parse_math": False,
    "text.hinting": "no_hinting",  # so that words are as wide at every resolution
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "hatch.linewidth": 0.8,
    "svg.hashsalt": "camdata",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
}

LINE = 1.2
"""The height of a line of text, in its font size."""


@contextmanager
def style() -> Iterator[None]:
    """Draw in camdata's style; the user's settings win, and are as before afterwards.

    A setting that differs from matplotlib's default was set by the user (in a style sheet, an
    ``rc_context`` or a ``matplotlibrc``) and stays.
    """
    # only these settings are put back: a backend that sets itself up meanwhile, as Jupyter's does
    # when the first figure is made, keeps what it has set
    ours = {name: v for name, v in RC.items() if mpl.rcParams[name] == mpl.rcParamsDefault[name]}
    before = {name: mpl.rcParams[name] for name in ours}
    mpl.rcParams.update(ours)
    try:
        yield
    finally:
        mpl.rcParams.update(before)


def ink_on(color: object) -> str:
    """Return black or white, whichever is read more easily on `color`."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(color)  # type: ignore[arg-type]
    )
    # at a relative luminance of 0.213 both have the same contrast by WCAG 2
    return "white" if 0.2126 * red + 0.7152 * green + 0.0722 * blue < 0.213 else INK
