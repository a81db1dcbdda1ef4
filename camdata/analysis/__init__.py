"""From counts to groups, and how sure they are."""

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
from camdata.analysis.comparison import Comparison, compare
from camdata.analysis.counting import tally
from camdata.analysis.groups import Association, association
from camdata.analysis.labels import LabelComparison, compare_clusters
from camdata.analysis.measures import Agreement, agreement, dyads
from camdata.analysis.networks import to_networkx, write_graph
from camdata.analysis.profiles import Profile, profile
from camdata.analysis.resolving import Resolution, decision_sheet, resolve
from camdata.analysis.robustness import Sensitivity, Stability, sensitivity, stability
from camdata.analysis.scaling import Coordinates, coordinates
from camdata.analysis.scoring import AgainstReference, against_reference
from camdata.analysis.specifications import Multiverse, multiverse
from camdata.analysis.streaming import PairTables, pair_tables

__all__ = [
    "AgainstReference",
    "Agreement",
    "Association",
    "ClusterChoice",
    "Clusters",
    "Comparison",
    "Coordinates",
    "LabelComparison",
    "Multiverse",
    "NullModel",
    "PairTables",
    "Profile",
    "Reliability",
    "Resolution",
    "Sensitivity",
    "Stability",
    "Structure",
    "against_reference",
    "agreement",
    "association",
    "cluster",
    "cluster_choice",
    "compare",
    "compare_clusters",
    "coordinates",
    "decision_sheet",
    "dyads",
    "multiverse",
    "null_model",
    "pair_tables",
    "profile",
    "reliability",
    "resolve",
    "sensitivity",
    "stability",
    "structure",
    "tally",
    "to_networkx",
    "write_graph",
]
