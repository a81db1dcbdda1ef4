"""Every chart: data first, everything else by keyword, the Axes returned.

One picture, one sentence, one source line. Position shows grouping, hue shows stance, weight shows
certainty. A missing cell looks missing, never like zero. The title is the finding, or the question
where there is none; below it stands how to read the chart, and in the last line on how much it
stands and what chance gives.

Every chart takes these keywords:

title
    A text in place of the chart's own; ``""`` for no title and no explanation below it.
labels
    What actors and codes are called: a mapping from their names (those that are not in it keep
    theirs), or a column of the actors' table or the codebook, such as ``"iso3"``.
palette
    Colors: a mapping with ``"supports"`` and ``"opposes"`` or the numbers of clusters as keys
    (those that are not in it keep theirs), or a list in that order.
figsize
    Width and height of the whole figure in inches, or its width alone, the height being what the
    chart needs. By default 7 inches wide (10 for a grid of more than 30 actors) and at most 9.5
    high.
ax
    Where to draw; by default on a new figure. On axes of your own a chart only draws its data,
    names, title and key: the layout, the explanation and the note are yours.

Names are written as large as they have room, but not below 5.5 points: where not all of them have
room, the note says how many do. Settings of matplotlib (``rc_context``, style sheets) are
respected: whatever differs from its defaults wins over camdata's style, and dark grounds have
colors of their own. A script shows its charts with ``matplotlib.pyplot.show()`` or writes them with
`save`; notebooks show them by themselves.
"""

from camdata.plots._agreement import agreement
from camdata.plots._bars import bars
from camdata.plots._cluster_choice import cluster_choice
from camdata.plots._coders import coders
from camdata.plots._coverage import coverage
from camdata.plots._figures import save
from camdata.plots._map import map
from camdata.plots._memberships import memberships
from camdata.plots._multiverse import multiverse, shares
from camdata.plots._network import network
from camdata.plots._null_model import null_model
from camdata.plots._over_time import over_time
from camdata.plots._positions import positions
from camdata.plots._profile import profile
from camdata.plots._references import references
from camdata.plots._sensitivity import sensitivity
from camdata.plots._two_mode import two_mode

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
