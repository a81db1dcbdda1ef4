"""Coded positions of a meeting, from the report's words to clusters with evidence.

`load_meeting` gives the bundled meeting of the Committee on Migration Issues, or one of your own;
its tally goes into `agreement`, that into `cluster`. Charts are in `camdata.plots`, other tools'
formats in `camdata.io`; both are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from camdata.analysis.chance import (
    ClusterChoice,
    NullModel,
    Structure,
    cluster_choice,
    null_model,
    structure,
)
from camdata.analysis.clustering import Clusters, cluster
from camdata.analysis.coders import Reliability, reliability
from camdata.analysis.codings import Resolution, resolve
from camdata.analysis.cohesion import Cohesion, cohesion
from camdata.analysis.comparison import Comparison, compare
from camdata.analysis.counting import tally
from camdata.analysis.groups import Association, association
from camdata.analysis.labels import LabelComparison, compare_clusters
from camdata.analysis.measures import Agreement, agreement, dyads
from camdata.analysis.networks import to_networkx, write_graph
from camdata.analysis.profiles import Profile, profile
from camdata.analysis.robustness import Sensitivity, Stability, sensitivity, stability
from camdata.analysis.scaling import Coordinates, coordinates
from camdata.analysis.shares import Multiverse
from camdata.analysis.specifications import multiverse
from camdata.analysis.standins import (
    AgainstReference,
    AlternativeTest,
    CodingComparison,
    against_reference,
    alternative_test,
    compare_codings,
)
from camdata.analysis.streaming import PairTables, pair_tables
from camdata.analysis.time import Windows, windows
from camdata.io.dna import read_dna
from camdata.io.jsonl import read_jsonl
from camdata.io.loading import load_meeting
from camdata.io.refi import read_refi
from camdata.io.table import read_table
from camdata.io.taguette import read_taguette
from camdata.io.wide import read_wide
from camdata.model.combine import combine
from camdata.model.errors import MeetingError
from camdata.model.evidence import Evidence, Quotation
from camdata.model.meeting import Meeting
from camdata.model.source import Source
from camdata.model.tally import Tally
from camdata.report.evidence_tables import EvidenceTable, evidence_table
from camdata.report.page import Page, page, write_page
from camdata.report.tables import to_table

if TYPE_CHECKING:
    from camdata import io, plots

__all__ = [
    "AgainstReference",
    "Agreement",
    "AlternativeTest",
    "Association",
    "ClusterChoice",
    "Clusters",
    "CodingComparison",
    "Cohesion",
    "Comparison",
    "Coordinates",
    "Evidence",
    "EvidenceTable",
    "LabelComparison",
    "Meeting",
    "MeetingError",
    "Multiverse",
    "NullModel",
    "Page",
    "PairTables",
    "Profile",
    "Quotation",
    "Reliability",
    "Resolution",
    "Sensitivity",
    "Source",
    "Stability",
    "Structure",
    "Tally",
    "Windows",
    "__version__",
    "against_reference",
    "agreement",
    "alternative_test",
    "association",
    "cluster",
    "cluster_choice",
    "cohesion",
    "combine",
    "compare",
    "compare_clusters",
    "compare_codings",
    "coordinates",
    "dyads",
    "evidence_table",
    "io",
    "load_meeting",
    "multiverse",
    "null_model",
    "page",
    "pair_tables",
    "plots",
    "profile",
    "read_dna",
    "read_jsonl",
    "read_refi",
    "read_table",
    "read_taguette",
    "read_wide",
    "reliability",
    "resolve",
    "sensitivity",
    "stability",
    "structure",
    "tally",
    "to_networkx",
    "to_table",
    "windows",
    "write_graph",
    "write_page",
]


def __getattr__(name: str) -> Any:
    if name in ("io", "plots"):
        return importlib.import_module(f"camdata.{name}")
    if name == "__version__":
        from importlib.metadata import version

        return version("camdata")
    raise AttributeError(f"module 'camdata' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
