"""The visual language of all charts: colors, fonts and matplotlib settings.

Position shows grouping, hue shows stance, weight shows certainty; nothing else has a color. The
tests compute that stances differ under simulated protanopia and deuteranopia (Machado et al. 2009,
doi:10.1109/TVCG.2009.113) and that text has contrast. No color is the only sign: opposition has a
bar, clusters carry their number, what is missing is pale.
"""

from __future__ import annotations

import functools
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties, fontManager, get_font


class Colors(NamedTuple):
    """The colors of a chart on a light or on a dark ground."""

    ink: str
    quiet: str
    rule: str
    empty: str
    supports: str
    opposes: str
    groups: tuple[str, ...]
    rest: str


LIGHT = Colors(
    *("#1d2126", "#5d646d", "#d9dce0", "#eef0f2", "#1f5a94", "#d9722e"),
    ("#1f5a94", "#e0a23b", "#3d8b74", "#562056"),
    "#8a9099",
)
DARK = Colors(
    *("#e8eaed", "#a4abb3", "#4a525a", "#2a3036", "#7db3e8", "#f0a36b"),
    ("#7db3e8", "#f0c36b", "#6cc3a8", "#8f4fb8"),
    "#8a9099",
)

FLOOR = 5.5
"""The smallest type in points that can be read in print."""

LINE = 1.25
"""The height of a line of text, in its font size."""

RC: Any = {
    "savefig.dpi": 200,
    "font.size": 9.0,
    "text.color": LIGHT.ink,
    "axes.edgecolor": LIGHT.quiet,
    "axes.labelcolor": LIGHT.ink,
    "xtick.color": LIGHT.quiet,
    "ytick.color": LIGHT.quiet,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.parse_math": False,
    "text.hinting": "no_hinting",  # so that words are as wide at every resolution
    "legend.frameon": False,
    "legend.borderpad": 0,
    "legend.borderaxespad": 0,
    "legend.handlelength": 1.1,
    "legend.handletextpad": 0.5,
    "legend.columnspacing": 1.4,
    "svg.hashsalt": "camdata",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
}

FAMILIES = ("Inter", "Noto Sans", "Segoe UI", "DejaVu Sans")
SCRIPTS = [
    *(f"Noto Sans CJK {region}" for region in ("SC", "JP", "KR")),
    *("Microsoft YaHei", "Yu Gothic", "Malgun Gothic", "PingFang SC", "Hiragino Sans"),
    *(f"Noto Sans {name}" for name in ("Arabic", "Hebrew", "Devanagari", "Bengali", "Tamil")),
    *(f"Noto Sans {name}" for name in ("Thai", "Ethiopic", "Georgian", "Armenian")),
    *("Apple SD Gothic Neo", "Arial Unicode MS", "DejaVu Sans"),
]
"""Fonts that complete the first ones for other scripts, where they are installed."""


@contextmanager
def style() -> Iterator[None]:
    """Draw in camdata's style; settings of the user win, and all are restored afterwards.

    A setting that differs from matplotlib's default was set by the user (in a style sheet, an
    ``rc_context`` or a ``matplotlibrc``) and stays.
    """
    ours = {name: v for name, v in RC.items() if mpl.rcParams[name] == mpl.rcParamsDefault[name]}
    # only these settings are put back: a backend that sets itself up meanwhile, as Jupyter's does
    # when the first figure is made, keeps what it has set
    before = {name: mpl.rcParams[name] for name in (*ours, "font.family")}
    mpl.rcParams.update(ours)
    try:
        with warnings.catch_warnings():
            # `fonts_for` has warned once about what no font holds
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            yield
    finally:
        mpl.rcParams.update(before)


@functools.cache
def _installed() -> frozenset[str]:
    return frozenset(font.name for font in fontManager.ttflist)


@functools.cache
def _characters(family: str) -> frozenset[int]:
    path = fontManager.findfont(FontProperties(family=[family]))
    return frozenset(get_font(path).get_charmap())


_warned: set[str] = set()


def fonts_for(words: Iterable[str]) -> list[str]:
    """Return installed font families that together have all characters of some words.

    The first is the chart's own, or the user's where ``font.family`` is set. One warning names the
    font to install for a script that no installed font holds.
    """
    if mpl.rcParams["font.family"] == mpl.rcParamsDefault["font.family"]:
        families = [next(name for name in FAMILIES if name in _installed())]
    else:
        families = list(mpl.rcParams["font.family"])
    missing = {ord(c) for text in words for c in text if c.isprintable() and ord(c) > 127}
    for name in families:
        missing -= _characters(name)
    for name in SCRIPTS:
        if missing and name in _installed() and missing & _characters(name):
            families.append(name)
            missing -= _characters(name)
    scripts = {unicodedata.name(chr(c), "UNKNOWN").split()[0].title() for c in missing}
    for script in sorted(scripts - _warned):
        _warned.add(script)
        font = "CJK" if script in ("Cjk", "Hiragana", "Katakana", "Hangul") else script
        warnings.warn(
            f"No installed font has the {script} characters of this chart; install a font that "
            f"does, such as Noto Sans {font}.",
            stacklevel=2,
        )
    return families


def luminance(color: Any) -> float:
    """Return the relative luminance of a color by WCAG 2, from 0 to 1."""
    parts = np.array(to_rgb(color), dtype=float)
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def ink_on(color: Any) -> str:
    """Return white or dark ink, whichever has more contrast with `color`."""
    # at a relative luminance of 0.19 both have about the same contrast
    return "#ffffff" if luminance(color) < 0.19 else LIGHT.ink


def blend(color: Any, ground: Any, share: float) -> Any:
    """Return a mix of a color and the background, with this share of the color."""
    first, second = np.array([to_rgb(color), to_rgb(ground)])
    return tuple((share * first + (1 - share) * second).tolist())
