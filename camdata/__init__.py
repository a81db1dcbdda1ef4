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
from camdata.counts import Tally, tally
from camdata.evidence import Comparison, Evidence, Quotation
from camdata.faults import MeetingError
from camdata.groupings import Association, association
from camdata.labels import LabelComparison, compare_clusters
from camdata.measures import Agreement, agreement, dyads
from camdata.meeting import Meeting, load_meeting
from camdata.networks import to_networkx, write_graph
from camdata.profiles import Profile, profile
from camdata.robustness import Sensitivity, Stability, sensitivity, stability
from camdata.source import Source

if TYPE_CHECKING:
    from camdata import exchange, plots

__all__ = [
    "Agreement",
    "Association",
    "ClusterChoice",
    "Clusters",
    "Comparison",
    "Evidence",
    "LabelComparison",
    "Meeting",
    "MeetingError",
    "NullModel",
    "Profile",
    "Quotation",
    "Reliability",
    "Sensitivity",
    "Source",
    "Stability",
    "Tally",
    "__version__",
    "agreement",
    "association",
    "cluster",
    "cluster_choice",
    "compare_clusters",
    "dyads",
    "exchange",
    "load_meeting",
    "null_model",
    "plots",
    "profile",
    "reliability",
    "sensitivity",
    "stability",
    "tally",
    "to_networkx",
    "write_graph",
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
