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
from camdata.analysis.codings import Resolution, resolve
from camdata.analysis.cohesion import Cohesion, EIIndex, cohesion, ei_index
from camdata.analysis.comparison import Comparison, compare
from camdata.analysis.counting import tally
from camdata.analysis.divisions import Divisions, divisions
from camdata.analysis.groups import Association, association
from camdata.analysis.labels import LabelComparison, compare_clusters
from camdata.analysis.measures import Agreement, agreement, dyads
from camdata.analysis.mrqap import MRQAP, mrqap
from camdata.analysis.networks import Brokers, brokers, to_networkx, write_graph
from camdata.analysis.polarization import Polarization, polarization
from camdata.analysis.profiles import Profile, profile
from camdata.analysis.robustness import Sensitivity, Stability, sensitivity, stability
from camdata.analysis.scaling import Coordinates, coordinates
from camdata.analysis.shares import Multiverse
from camdata.analysis.shifts import Shifts
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

__all__ = [
    "MRQAP",
    "AgainstReference",
    "Agreement",
    "AlternativeTest",
    "Association",
    "Brokers",
    "ClusterChoice",
    "Clusters",
    "CodingComparison",
    "Cohesion",
    "Comparison",
    "Coordinates",
    "Divisions",
    "EIIndex",
    "LabelComparison",
    "Multiverse",
    "NullModel",
    "PairTables",
    "Polarization",
    "Profile",
    "Reliability",
    "Resolution",
    "Sensitivity",
    "Shifts",
    "Stability",
    "Structure",
    "Windows",
    "against_reference",
    "agreement",
    "alternative_test",
    "association",
    "brokers",
    "cluster",
    "cluster_choice",
    "cohesion",
    "compare",
    "compare_clusters",
    "compare_codings",
    "coordinates",
    "divisions",
    "dyads",
    "ei_index",
    "mrqap",
    "multiverse",
    "null_model",
    "pair_tables",
    "polarization",
    "profile",
    "reliability",
    "resolve",
    "sensitivity",
    "stability",
    "structure",
    "tally",
    "to_networkx",
    "windows",
    "write_graph",
]
