"""Coded positions of a meeting, from the report's words to clusters with evidence.

`load_meeting` gives the bundled meeting of the Committee on Migration Issues, or one of your own;
its tally goes into `agreement`, that into `cluster`. Charts are in `camdata.plots`, other tools'
formats in `camdata.exchange`; both are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from camdata.chance import ClusterChoice, NullModel, cluster_choice, null_model
from camdata.clustering import Clusters, cluster
from camdata.coders import Reliability, reliability
from camdata.counting import tally
from camdata.counts import Tally
from camdata.evidence import Comparison, Evidence, Quotation
from camdata.evidence_tables import EvidenceTable, evidence_table
from camdata.faults import MeetingError
from camdata.groupings import Association, association
from camdata.labels import LabelComparison, compare_clusters
from camdata.loading import load_meeting
from camdata.measures import Agreement, agreement, dyads
from camdata.meeting import Meeting
from camdata.networks import to_networkx, write_graph
from camdata.page import write_page
from camdata.pairing import PairTables, pair_tables
from camdata.profiles import Profile, profile
from camdata.resolving import Resolution, decision_sheet, resolve
from camdata.robustness import Sensitivity, Stability, sensitivity, stability
from camdata.scaling import Coordinates, coordinates
from camdata.scoring import AgainstReference, against_reference
from camdata.source import Source
from camdata.specifications import Multiverse, multiverse
from camdata.tables import to_table

if TYPE_CHECKING:
    from camdata import exchange, plots

__all__ = [
    "AgainstReference",
    "Agreement",
    "Association",
    "ClusterChoice",
    "Clusters",
    "Comparison",
    "Coordinates",
    "Evidence",
    "EvidenceTable",
    "LabelComparison",
    "Meeting",
    "MeetingError",
    "Multiverse",
    "NullModel",
    "PairTables",
    "Profile",
    "Quotation",
    "Reliability",
    "Resolution",
    "Sensitivity",
    "Source",
    "Stability",
    "Tally",
    "__version__",
    "against_reference",
    "agreement",
    "association",
    "cluster",
    "cluster_choice",
    "compare_clusters",
    "coordinates",
    "decision_sheet",
    "dyads",
    "evidence_table",
    "exchange",
    "load_meeting",
    "multiverse",
    "null_model",
    "pair_tables",
    "plots",
    "profile",
    "reliability",
    "resolve",
    "sensitivity",
    "stability",
    "tally",
    "to_networkx",
    "to_table",
    "write_graph",
    "write_page",
]


def __getattr__(name: str) -> Any:
    if name in ("exchange", "plots"):
        return importlib.import_module(f"camdata.{name}")
    if name == "__version__":
        from importlib.metadata import version

        return version("camdata")
    raise AttributeError(f"module 'camdata' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
