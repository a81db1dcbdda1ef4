"""Coded positions of a meeting, from the report's words to clusters with evidence.

`load_meeting` gives the bundled meeting of the Committee on Migration Issues, or one of your own;
its positions go into `agreement` and `cluster`. Charts are in `camdata.plots`, other tools' formats
in `camdata.exchange`; both are loaded when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from camdata.chance import association, cluster_choice, null_model
from camdata.clustering import Clusters, cluster, profile
from camdata.labels import compare_clusters
from camdata.measures import agreement
from camdata.meeting import Meeting, load_meeting
from camdata.networks import to_networkx, write_graph
from camdata.reliability import reliability
from camdata.robustness import sensitivity, stability
from camdata.schema import MeetingError

if TYPE_CHECKING:
    from camdata import exchange, plots

__all__ = [
    "Clusters",
    "Meeting",
    "MeetingError",
    "__version__",
    "agreement",
    "association",
    "cluster",
    "cluster_choice",
    "compare_clusters",
    "exchange",
    "load_meeting",
    "null_model",
    "plots",
    "profile",
    "reliability",
    "sensitivity",
    "stability",
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
