"""Every chart: data first, everything else by keyword, the Axes returned.

One picture, one sentence, one source line. Position shows grouping, hue shows stance, weight shows
certainty. A missing cell looks missing, never like zero. The title is the finding, or a question
where there is none. The subtitle says how to read the chart; the last line gives the number of
actors and statements, the source and the chance level.

Every chart takes these keywords:

title
    A text in place of the chart's own; ``""`` for no title and no explanation below it.
labels
    Names to write: a mapping from the names of actors and codes (others stay as they are), or a
    column of the actors' table, such as ``"iso3"``.
palette
    Colors: a mapping with ``"supports"`` and ``"opposes"`` or the numbers of clusters as keys
    (others keep the default), or a list in that order.
figsize
    Width and height of the whole figure in inches, or its width alone; the height then follows from
    the content. By default 7 inches wide (10 for a grid of more than 30 actors) and at most 9.5
    high.
ax
    Where to draw; by default on a new figure. On axes of your own a chart only draws its data,
    names, title and key; the layout is yours, and subtitle and note are left out.

Names are as large as there is room for, but not below 5.5 points; where not all of them fit, the
note says how many do. Settings of matplotlib (``rc_context``, style sheets) that differ from its
defaults win over camdata's style, and dark backgrounds have colors of their own. A script shows its
charts with ``matplotlib.pyplot.show()`` or writes them with `save`; notebooks show them directly.
"""

from camdata.plots._agreement import agreement
from camdata.plots._chance import cluster_choice, null_model
from camdata.plots._clusters import profile, sensitivity
from camdata.plots._coding import coders, coverage
from camdata.plots._figures import save
from camdata.plots._map import map
from camdata.plots._multiverse import multiverse, shares
from camdata.plots._network import network
from camdata.plots._positions import positions
from camdata.plots._references import references
from camdata.plots._sides import bars, two_mode
from camdata.plots._windows import memberships, over_time

__all__ = [
    "agreement",
    "bars",
    "cluster_choice",
    "coders",
    "coverage",
    "map",
    "memberships",
    "multiverse",
    "network",
    "null_model",
    "over_time",
    "positions",
    "profile",
    "references",
    "save",
    "sensitivity",
    "shares",
    "two_mode",
]
