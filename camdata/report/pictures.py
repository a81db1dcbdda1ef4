"""Charts as pictures inside a page: the library's own SVG, for light and for dark screens."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Picture(NamedTuple):
    """A chart to embed: its finding and explanation in words, and its images as data URIs.

    `others` are images for other screens, each with its media query.
    """

    title: str
    caption: str
    alt: str
    image: str
    others: list[tuple[str, str]]
    width: int
    height: int


def picture(draw: Callable[[float], Axes], *, narrow: bool = True) -> Picture:
    """Draw a chart without its title for screens: light and dark, wide and narrow.

    Parameters
    ----------
    draw : callable
        Draws the chart on a figure of its own, of the width in inches that it is given.
    narrow : bool
        Whether phones get a narrow chart of their own.
    """
    # matplotlib is loaded where it is used: importing the package stays light
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    from camdata.plots._figures import DescribedFigure

    images: dict[str, tuple[DescribedFigure, str]] = {}
    for media, width, ground in (
        ("(max-width: 40rem) and (prefers-color-scheme: dark)", 3.5, "dark_background"),
        ("(max-width: 40rem)", 3.5, "default"),
        ("(prefers-color-scheme: dark)", 7.0, "dark_background"),
        ("", 7.0, "default"),
    ):
        if width < 7 and not narrow:
            continue
        with mpl.rc_context(), plt.style.context(ground, after_reset=True):
            figure = draw(width).get_figure(root=True)
            assert isinstance(figure, DescribedFigure)
            images[media] = (figure, _svg(figure))
            plt.close(figure)
    figure, image = images.pop("")
    across, up = (round(96 * side) for side in figure.get_size_inches())
    others = [(media, other) for media, (_, other) in images.items()]
    return Picture(*figure.words, figure.alt, image, others, across, up)


def _svg(figure: Figure) -> str:
    """Return a figure as a data URI of SVG, its coordinates as fine as a screen needs."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    whole = re.sub(rb"<metadata>.*?</metadata>|<!--.*?-->", b"", buffer.getvalue(), flags=re.DOTALL)
    short = re.sub(rb"<[^>]*>", lambda tag: re.sub(rb"(\d\.\d)\d+", rb"\1", tag[0]), whole)
    code = base64.b64encode(re.sub(rb"\n\s*", b"\n", short)).decode("ascii")
    return f"data:image/svg+xml;base64,{code}"
