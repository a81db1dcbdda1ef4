"""Every chart: data first, everything else by keyword, the Axes returned.

A missing cell looks missing, never like zero; titles say what is shown and on how many statements.
Practically no opposition is recorded in the bundled meeting, so its clusters are clusters of
emphasis, not camps, and its charts speak of shared recorded positions.
"""

from camdata.plots._agreement import agreement
from camdata.plots._chance import coders, null_model
from camdata.plots._dendrogram import dendrogram
from camdata.plots._networks import network, references
from camdata.plots._positions import positions
from camdata.plots._robustness import choice, profile, sensitivity, stability
from camdata.plots._speaking import buildup, coverage
from camdata.plots._style import save

__all__ = [
    "agreement",
    "buildup",
    "choice",
    "coders",
    "coverage",
    "dendrogram",
    "network",
    "null_model",
    "positions",
    "profile",
    "references",
    "save",
    "sensitivity",
    "stability",
]
