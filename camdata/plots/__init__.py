"""Every chart: data first, everything else by keyword, the Axes returned.

A missing cell looks missing, never like zero; titles say what is shown, at which level and on how
many statements. Practically no opposition is recorded in the bundled meeting, so its clusters are
clusters of emphasis, not camps, and its charts speak of shared recorded positions.

Every chart takes these keywords:

title
    A text, or None for none. By default the chart says itself what it shows.
labels
    What actors and codes are called: a mapping from their names (those that are not in it keep
    theirs), or a column of the actors' table or the codebook, such as ``"iso3"``.
palette
    Colors of clusters or dimensions: a list in their order, or a mapping from cluster number or
    name (those that are not in it keep theirs). Where a chart has neither, its one color: the first
    of a list, or ``accent``.
figsize
    Width and height of the whole figure in inches, or its width alone, the height being what the
    chart needs. By default a figure grows around what it holds.
ax
    Where to draw; by default on a new figure.

Settings of matplotlib (``rc_context``, style sheets) are respected: whatever differs from its
defaults wins over camdata's style. A script shows its charts with ``matplotlib.pyplot.show()`` or
writes them with `save`; notebooks show them by themselves.
"""

from camdata.plots._agreement import agreement
from camdata.plots._buildup import buildup
from camdata.plots._cluster_choice import cluster_choice
from camdata.plots._coders import coders
from camdata.plots._coverage import coverage
from camdata.plots._dendrogram import dendrogram
from camdata.plots._figures import save
from camdata.plots._map import map
from camdata.plots._multiverse import multiverse
from camdata.plots._network import network
from camdata.plots._null_model import null_model
from camdata.plots._positions import positions
from camdata.plots._profile import profile
from camdata.plots._references import references
from camdata.plots._sensitivity import sensitivity
from camdata.plots._stability import stability

__all__ = [
    "agreement",
    "buildup",
    "cluster_choice",
    "coders",
    "coverage",
    "dendrogram",
    "map",
    "multiverse",
    "network",
    "null_model",
    "positions",
    "profile",
    "references",
    "save",
    "sensitivity",
    "stability",
]
