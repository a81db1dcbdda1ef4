"""Agreement becomes clusters."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd

from camdata._display.checks import Seed, check_choice, check_count, seed_number
from camdata._display.results import Result
from camdata._display.words import count, decimals, join_names
from camdata.analysis import trees as _trees
from camdata.analysis.chance import ClusterChoice, cluster_choice
from camdata.analysis.communities import communities
from camdata.analysis.labels import members, number_clusters
from camdata.analysis.measures import Agreement, as_agreement
from camdata.analysis.null import NoNullError
from camdata.analysis.trees import TIE, UNPLACED, Flags, Floats, Integers, LinkageMethod

ClusterMethod = Literal["average", "complete", "louvain"]
METHODS = ("average", "complete", "louvain")
MOST_ACTORS = 200
"""Above this many actors random trees take minutes, and the number of clusters has to be given."""
FEWEST_PASSED = 3
"""A step of ties is worth a sentence if it passes over so many numbers of clusters."""
MOST_SCORED = 60
"""Silhouettes are computed of cuts into at most this many clusters."""


@dataclass(frozen=True, eq=False, repr=False)
class Clusters(Result):
    """Actors in clusters, with everything that led there.

    Attributes
    ----------
    agreement : Agreement
        What was clustered.
    labels : pandas.Series
        Index `actor`, all actors in the order of the agreement; ``Int64``, clusters numbered from
        1 by size and then by their first actor; ``<NA>`` for an unplaced actor.
    method : str
        How they were made: ``average`` or ``complete`` linkage, or ``louvain``.
    cuts : pandas.DataFrame
        Index `n_clusters`: the cuts that the tree can make (for ``louvain`` the one partition that
        it found). `silhouette` (float, mean over the placed actors, ``NaN`` where it is not
        defined or above 60 clusters), `singletons` (clusters of one actor, int) and `chosen`.
    linkage : numpy.ndarray
        The tree as scipy writes it, shape (placed - 1, 4), its leaves being `placed`; no rows for
        ``louvain``, which makes no tree.
    placed : tuple of str
        The placed actors, in the order of the leaves' numbers.
    unplaced : pandas.Series
        Index `actor`, for each unplaced actor the reason, in words.
    filled : pandas.DataFrame
        One row per pair of placed actors without a value: `actor`, `other`, and the `distance`
        that stood in for it, the mean of the defined ones.
    choice : ClusterChoice, optional
        The comparison with random tables that chose the number; None where it was given.
    seed : int
        The seed of ``louvain``.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()))
    >>> clusters.n_clusters, clusters.unplaced.index.tolist()
    (2, ['Bolivia'])
    >>> clusters.members[2]
    ['Canada', 'El Salvador', 'Mexico', 'Paraguay', 'Peru', 'Uruguay']
    """

    agreement: Agreement
    labels: pd.Series[int]
    method: ClusterMethod
    cuts: pd.DataFrame
    linkage: Floats
    placed: tuple[str, ...]
    unplaced: pd.Series[str]
    filled: pd.DataFrame
    choice: ClusterChoice | None = None
    seed: int = 0

    @property
    def rule(self) -> str:
        """How the number was chosen: ``chance``, ``given`` or ``louvain``."""
        tree = "given" if self.choice is None else "chance"
        return "louvain" if self.method == "louvain" else tree

    @property
    def frame(self) -> pd.DataFrame:
        """One row per actor: `cluster` (Int64), `statements` (Int64), `unplaced` (str, the reason).

        `statements` is missing where the tally does not know it.
        """
        labels, tally = self.labels, self.agreement.tally
        known = None if tally is None else tally.statements
        statements = pd.Series(pd.NA, labels.index) if known is None else known
        reason = self.unplaced.reindex(labels.index).fillna("").astype("str")
        columns = {"cluster": labels, "statements": statements.astype("Int64"), "unplaced": reason}
        return pd.DataFrame(columns)

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.labels.nunique())

    @property
    def members(self) -> dict[int, list[str]]:
        """The actors of each cluster, in the order of the labels."""
        return members(self.labels)

    @property
    def tree(self) -> Floats:
        """The linkage, its branches turned so that clusters ascend as far as the tree lets them."""
        labels = np.asarray(self.labels[list(self.placed)], dtype=np.int64)
        return _trees.turned(self.linkage, labels)

    @property
    def order(self) -> list[str]:
        """All actors as charts order them: cluster by cluster down the tree, the unplaced last."""
        from scipy.cluster.hierarchy import leaves_list

        labels = self.labels[list(self.placed)].to_numpy(dtype=np.int64)
        order = leaves_list(self.tree) if len(self.linkage) else labels.argsort(kind="stable")
        return [self.placed[i] for i in order] + self.unplaced.index.tolist()

    @property
    def singletons(self) -> list[str]:
        """The placed actors that are alone in their cluster."""
        return [actors[0] for actors in self.members.values() if len(actors) == 1]

    @property
    def silhouette(self) -> float:
        """The mean silhouette of the chosen cut; ``NaN`` where it is not defined."""
        return float(self.cuts.loc[self.cuts["chosen"], "silhouette"].iloc[0])

    @property
    def summary(self) -> str:
        """Who is with whom, how clear that is, and who is unplaced, in words."""
        score = "" if np.isnan(self.silhouette) else f", silhouette {decimals(self.silhouette)}"
        how = self.method if self.method == "louvain" else f"{self.method} linkage"
        lines = [
            f"{count(self.n_clusters, 'cluster')} of {count(len(self.placed), 'actor')} "
            f"({how}{score})",
            f"of agreement by {self.agreement.label}: {self.agreement.why}",
        ]
        if self.choice is not None:
            lines.append(self.choice.verdict)
        if len(self.singletons) > len(self.placed) / 2:
            groups = [join_names(group) for group in self.members.values() if len(group) > 1]
            together = f"only {'; '.join(groups)} are" if groups else "no two actors are"
            lines.append(f"mostly clusters of one actor: {together} together")
        lines += [
            f"{label}: {', '.join(actors)}{' (a singleton)' if len(actors) == 1 else ''}"
            for label, actors in self.members.items()
        ]
        values = self.agreement.frame.loc[list(self.placed), list(self.placed)].to_numpy()
        if len(values) > 1 and not np.nan_to_num(values[~np.eye(len(values), dtype=bool)]).any():
            lines.append("no two actors agree on anything: all agreement is 0")
        if ties := say_ties(self.linkage, self.cuts.index.tolist(), values):
            lines.append(ties)
        return "\n".join(lines + say_gaps(self.unplaced, len(self.filled)))


def say_gaps(unplaced: pd.Series[str], n_filled: int) -> list[str]:
    """Return lines on who is unplaced, and how many pairs took the mean distance."""
    lines = [f"unplaced: {actor} ({reason})" for actor, reason in unplaced.items()]
    if n_filled:
        lines.append(f"filled with the mean distance: {count(n_filled, 'pair')}")
    return lines


def say_ties(linkage: Floats, numbers: list[int], values: Floats) -> str:
    """Return a sentence on the step of a tree that joins most actors, if ties decide about it.

    Parameters
    ----------
    linkage : numpy.ndarray
        The tree, as scipy writes it.
    numbers : list of int
        The numbers of clusters that it can be cut into, ascending.
    values : numpy.ndarray
        The agreement of its leaves.
    """
    n = len(linkage) + 1
    leaves = [[leaf] for leaf in range(n)]
    for a, b in linkage[:, :2].astype(int):
        leaves.append(leaves[a] + leaves[b])
    joined, low, high = 0, 0, 0
    for fewer, more in pairwise(numbers):
        inside = max((leaves[n + row] for row in range(n - more, n - fewer)), key=len)
        if more - fewer <= FEWEST_PASSED or len(inside) <= joined:
            continue
        if np.nanmin(values[np.ix_(inside, inside)]) < 1 - TIE:  # else all are alike
            joined, low, high = len(inside), fewer, more
    if joined <= n / 2:
        return ""
    return (
        f"Ties decide: {joined} of {n} actors join in one step, so that the tree has no cut into "
        f"{low + 1} to {high - 1} clusters (nearest: {low} and {high}). Another measure, level or "
        "linkage may have fewer ties; method='louvain' makes no tree."
    )


def cluster(
    agreement: Agreement | pd.DataFrame,
    n_clusters: int | ClusterChoice | None = None,
    method: ClusterMethod = "average",
    *,
    seed: Seed = 0,
) -> Clusters:
    """Cluster actors by their agreement.

    Parameters
    ----------
    agreement : Agreement or pandas.DataFrame
        From `camdata.agreement`, or a table of your own: actors × actors, symmetric, 0 to 1,
        ``NaN`` where there is nothing to compare; the diagonal is not used. ``louvain`` also takes
        counts and other measures, whose positive values are its weights.
    n_clusters : int or ClusterChoice, optional
        How many clusters; or the answer of `camdata.cluster_choice`, whose number is taken. By
        default that answer is found here, with its default random tables. ``louvain`` finds its own
        number.
    method : {"average", "complete", "louvain"}
        Hierarchical on 1 - agreement, the distance of two clusters being the mean (UPGMA, Sokal &
        Michener 1958) or the largest of the distances of their members; or Louvain's communities
        (Blondel et al. 2008, doi:10.1088/1742-5468/2008/10/P10008).
    seed : int or numpy.random.Generator
        Of the random tables, and of ``louvain``, which visits actors in random order.

    Returns
    -------
    Clusters
        Labels over all actors, the tree, the table of cuts, who is unplaced and which pairs were
        filled.

    Raises
    ------
    ValueError
        If a table is not square or symmetric; if values lie outside 0 to 1 (counts do); if the tree
        cannot be cut into `n_clusters` (the error lists what it can be cut into); and if no number
        is given for more than 200 actors, or where no random tables can be drawn to choose one.

    Notes
    -----
    An actor that has nothing to compare with anyone is unplaced, and so is one with more than half
    of its pairs undefined. A pair of placed actors without a value takes the mean of the defined
    distances among the placed, and is listed in `Clusters.filled`. For ``louvain`` an actor without
    any positive agreement is unplaced, and nothing is filled.

    Trees depend on distances alone (`camdata.analysis.trees.link`): neither names nor the order of
    rows change who is with whom. Merges that tie are made together, so that some numbers of
    clusters are no cut of the tree.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> clusters.members[3]
    ['El Salvador', 'Mexico']
    """
    check_choice("method", method, METHODS)
    agreement = as_agreement(agreement)
    seed = seed_number(seed)
    if method == "louvain":
        if n_clusters is not None:
            raise ValueError("`n_clusters` is not for louvain, which finds its own number.")
        return _clusters(agreement, method, 0, seed=seed)
    agreement.check_distance()
    choice = n_clusters if isinstance(n_clusters, ClusterChoice) else None
    if choice is not None and (choice.agreement is not agreement or choice.method != method):
        raise ValueError("This choice of a number is of another agreement, or another linkage.")
    if n_clusters is None:
        choice = _choose(agreement, method, seed)
    number = n_clusters if choice is None else choice.n_clusters
    return _clusters(agreement, method, check_count("n_clusters", number), choice)


def _choose(agreement: Agreement, method: LinkageMethod, seed: int) -> ClusterChoice:
    """Choose a number against chance, or say which number has to be given."""
    try:
        if len(agreement.actors) > MOST_ACTORS:
            raise NoNullError(
                f"With {len(agreement.actors)} actors random trees take minutes; "
                "camdata.cluster_choice(agreement) draws them all the same."
            )
        return cluster_choice(agreement, method=method, seed=seed)
    except NoNullError as error:
        other = "cluster_choice(agreement, null='positions'), " if error.advice else ""
        raise NoNullError(
            f"The number of clusters cannot be chosen against chance. {error.reason} Give "
            f"n_clusters=, {other}or take method='louvain'."
        ) from None


def default_tree(agreement: Agreement, method: LinkageMethod = "average") -> Clusters:
    """Return one cluster of all placed actors with their tree: what orders a chart.

    No number is chosen, so that no random table is drawn.
    """
    agreement.check_distance()
    return _clusters(agreement, method, 1)


def louvain(values: Floats, seed: int) -> tuple[Integers, Flags]:
    """Find communities by Louvain's method on positive weights.

    Parameters
    ----------
    values : numpy.ndarray
        Agreement, actors × actors; pairs that are missing, zero or negative have no edge.
    seed : int
        Seed of the order in which actors are visited.

    Returns
    -------
    labels : numpy.ndarray of int
        A cluster number for each actor that has an edge, UNPLACED for the others.
    placed : numpy.ndarray of bool
        Which actors have one.
    """
    weights = np.where(values > TIE, values, 0.0)
    np.fill_diagonal(weights, 0.0)
    placed = np.asarray(weights.any(axis=1), dtype=np.bool_)
    labels = np.full(len(values), UNPLACED, dtype=np.int64)
    labels[placed] = communities(weights[np.ix_(placed, placed)], seed)
    return labels, placed


def _clusters(
    agreement: Agreement,
    method: ClusterMethod,
    number: int,
    choice: ClusterChoice | None = None,
    seed: int = 0,
) -> Clusters:
    """Cut the tree of an agreement into a number of clusters; louvain finds its own number."""
    values = agreement.values
    group = np.zeros(len(values), dtype=np.int64)
    if method == "louvain":
        group, placed = louvain(values, seed)
        defined = ~np.isnan(values) & ~np.eye(len(values), dtype=bool)
        why = np.where(defined.any(axis=1), "shares nothing with any actor", _trees.NOTHING)
        reasons = {int(i): str(why[i]) for i in np.flatnonzero(~placed)}
    else:
        placed, reasons = _trees.find_placed(values)
    place = np.flatnonzero(placed)
    inside = values[np.ix_(placed, placed)].copy()
    np.fill_diagonal(inside, np.nan)
    distance, gaps = _trees.distances(inside)
    linkage = np.empty((0, 4))
    if method == "louvain" or not len(place):
        labels = group[place][None]
        number = len(np.unique(labels))
        numbers = [number]
        gaps[:] = False
    else:
        tree = _trees.link(distance[None], method)
        numbers, linkage = tree.attainable(), tree.linkage()
        if number not in numbers:
            near = _trees.nearest([k for k in numbers if k > 1] or numbers, number)
            raise ValueError(
                f"The tree of these {len(place)} placed actors cannot be cut into {number} "
                "clusters, because merges that tie are made together. It can be cut into "
                f"{join_names(numbers, 30)}; the nearest above 1 is {near}. "
                f"{say_ties(linkage, numbers, inside)}".rstrip()
            )
        labels = tree.cut(numbers)[0]
    scores = np.full(len(numbers), np.nan)
    if len(place) and np.nanmax(inside) <= 1 + TIE and np.nanmin(inside) >= -TIE:
        scored = [i for i, k in enumerate(numbers) if k <= MOST_SCORED or k == number]
        scores[scored] = _trees.silhouettes(distance[None], labels[None, scored])[0]
    names = pd.Index(agreement.actors, name="actor", dtype="str")
    own = np.full(len(names), UNPLACED)
    own[place] = number_clusters(labels[numbers.index(number)], place)
    unplaced = pd.Series({names[i]: reason for i, reason in reasons.items()}, dtype="str")
    unplaced = unplaced.reindex(names[own < 0]).rename("reason")
    alone = [int((np.bincount(g) == 1).sum()) for g in labels]
    found = {"silhouette": scores, "singletons": alone, "chosen": [k == number for k in numbers]}
    cuts = pd.DataFrame(found, pd.Index(numbers, name="n_clusters"))
    a, b = np.nonzero(np.triu(gaps, 1))
    pairs = {"actor": names[place[a]], "other": names[place[b]], "distance": distance[a, b]}
    series = pd.Series(pd.arrays.IntegerArray(own, own < 0), names, name="cluster")
    leaves, filled = tuple(names[place]), pd.DataFrame(pairs)
    return Clusters(
        agreement, series, method, cuts, linkage, leaves, unplaced, filled, choice, seed
    )
