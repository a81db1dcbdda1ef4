"""Coded positions of a meeting, from the report's words to groups with evidence.

`load_meeting` gives the bundled meeting of the Committee on Migration Issues, or one of your own;
its tally goes into `agreement`, that into `cluster`. Result classes and rarer functions are in
`camdata.analysis`, files in and out in `camdata.io`, charts in `camdata.plots`, which is loaded
when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from camdata import analysis, io
from camdata.analysis.chance import cluster_choice, structure
from camdata.analysis.clustering import cluster
from camdata.analysis.coders import reliability
from camdata.analysis.cohesion import cohesion
from camdata.analysis.comparison import compare
from camdata.analysis.counting import tally
from camdata.analysis.measures import agreement, dyads
from camdata.analysis.profiles import profile
from camdata.analysis.scaling import coordinates
from camdata.analysis.specifications import multiverse
from camdata.analysis.standins import alternative_test, compare_codings
from camdata.analysis.time import windows
from camdata.io.dna import read_dna
from camdata.io.folder import load_meeting
from camdata.io.jsonl import read_jsonl
from camdata.io.refi import read_refi
from camdata.io.table import read_table
from camdata.io.taguette import read_taguette
from camdata.io.wide import read_wide
from camdata.model.combine import combine
from camdata.model.errors import MeetingError
from camdata.model.meeting import Meeting
from camdata.model.tally import Tally
from camdata.report.page import page, write_page
from camdata.report.tables import to_table

if TYPE_CHECKING:
    from camdata import plots

__all__ = [
    "Meeting",
    "MeetingError",
    "Tally",
    "__version__",
    "agreement",
    "alternative_test",
    "analysis",
    "cluster",
    "cluster_choice",
    "cohesion",
    "combine",
    "compare",
    "compare_codings",
    "coordinates",
    "dyads",
    "io",
    "load_meeting",
    "multiverse",
    "page",
    "plots",
    "profile",
    "read_dna",
    "read_jsonl",
    "read_refi",
    "read_table",
    "read_taguette",
    "read_wide",
    "reliability",
    "structure",
    "tally",
    "to_table",
    "windows",
    "write_page",
]


def __getattr__(name: str) -> Any:
    if name == "plots":
        return importlib.import_module("camdata.plots")
    if name == "__version__":
        from importlib.metadata import version

        return version("camdata")
    raise AttributeError(f"module 'camdata' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
