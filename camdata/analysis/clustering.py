"""Agreement becomes clusters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from camdata._display.checks import Seed, check_choice, check_count, seed_number
from camdata._display.results import Result
from camdata._display.words import count, listed
from camdata.analysis import trees as _trees
from camdata.analysis.chance import SETS, ClusterChoice, cluster_choice
from camdata.analysis.communities import communities
from camdata.analysis.labels import members, number_clusters
from camdata.analysis.measures import Agreement, as_agreement
from camdata.analysis.trees import TIE, Flags, Floats, Integers, LinkageMethod

ClusterMethod = Literal["average", "complete", "louvain"]
METHODS = ("average", "complete", "louvain")
UNPLACED = -1
MOST_ACTORS, MOST_POSITIONS = 60, 5_000
"""Tables larger than this take the largest silhouette, since their random tables take too long."""


@dataclass(frozen=True, eq=False, repr=False)
class Clusters(Result):
    """Actors in clusters, with everything that led there.

    Attributes
    ----------
    agreement : Agreement
        What was clustered.
    labels : pandas.Series
        Index `actor`, all actors in the order of the agreement; ``Int64``, clusters numbered from
        1 by size and then by who spoke first; ``<NA>`` for an unplaced actor.
    method : str
        How they were made: ``average`` or ``complete`` linkage, or ``louvain``.
    cuts : pandas.DataFrame
        Index `n_clusters`: the cuts that the tree can make (for ``louvain`` the one partition that
        it found). `silhouette` (float, mean over the placed actors, ``NaN`` where it is not
        defined), `singletons` (clusters of one actor, int) and `chosen` (bool).
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
    rule : str
        How the number was chosen: ``given``, ``gap`` (against random tables, see
        `camdata.cluster_choice`), ``silhouette`` (the largest) or ``louvain``.
    choice : ClusterChoice, optional
        The comparison with random tables, where the rule is ``gap``.
    seed : int
        The seed of the random tables, and of ``louvain``.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()))
    >>> clusters
    2 clusters of 13 actors (average, silhouette 0.50)
    1: Colombia, United States, Chile, Brazil, Costa Rica, Guatemala, El Salvador, Dominican
       Republic
    2: Canada, Mexico, Paraguay, Peru, Uruguay
    unplaced: Bolivia (nothing to compare with any actor)
    number judged against 99 random tables: no structure beyond chance (p = 0.090), so the number
    is a convention
    >>> clusters.labels["Mexico"]
    np.int64(2)
    """

    agreement: Agreement
    labels: pd.Series[int]
    method: str
    cuts: pd.DataFrame
    linkage: Floats
    placed: tuple[str, ...]
    unplaced: pd.Series[str]
    filled: pd.DataFrame
    rule: str = "given"
    choice: ClusterChoice | None = None
    seed: int = 0

    @property
    def frame(self) -> pd.DataFrame:
        """One row per actor: `cluster` (Int64), `statements` (Int64), `unplaced` (str, the reason).

        `statements` is missing where the tally does not know it.
        """
        labels = self.labels
        tally = self.agreement.tally
        known = None if tally is None else tally.statements
        statements = pd.Series(pd.NA, labels.index) if known is None else known
        return pd.DataFrame(
            {
                "cluster": labels,
                "statements": statements.astype("Int64"),
                "unplaced": self.unplaced.reindex(labels.index).fillna("").astype("str"),
            }
        )

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
        if len(self.linkage) == 0:
            placed = [actor for group in self.members.values() for actor in group]
        else:
            placed = [self.placed[leaf] for leaf in _trees.leaves(self.tree)]
        return placed + self.unplaced.index.tolist()

    @property
    def singletons(self) -> list[str]:
        """The placed actors that are alone in their cluster."""
        return [actors[0] for actors in self.members.values() if len(actors) == 1]

    @property
    def silhouette(self) -> float:
        """The mean silhouette of the chosen cut; ``NaN`` where it is not defined."""
        cuts = self.cuts
        return float(cuts.loc[cuts["chosen"], "silhouette"].iloc[0])

    @property
    def summary(self) -> str:
        """Who is with whom, and who is unplaced, in words."""
        score = "" if np.isnan(self.silhouette) else f", silhouette {self.silhouette:.2f}"
        lines = [
            f"{count(self.n_clusters, 'cluster')} of {count(len(self.placed), 'actor')} "
            f"({self.method}{score})"
        ]
        lines += [
            f"{label}: {', '.join(actors)}{' (a singleton)' if len(actors) == 1 else ''}"
            for label, actors in self.members.items()
        ]
        lines += [f"unplaced: {actor} ({reason})" for actor, reason in self.unplaced.items()]
        if len(self.filled):
            lines.append(f"filled with the mean distance: {count(len(self.filled), 'pair')}")
        if self.choice is not None:
            tables = count(len(self.choice.random), "random table")
            lines.append(f"number judged against {tables}: {self.choice.verdict}")
        elif self.rule == "silhouette":
            lines.append("number of the largest silhouette, not judged against chance")
        return "\n".join(lines)


def check_bounded(agreement: Agreement) -> None:
    """Raise a ValueError unless agreement lies between 0 and 1, so that 1 - it is a distance."""
    defined = agreement.pairs[~np.isnan(agreement.pairs)]
    low, high = (defined.min(), defined.max()) if len(defined) else (0, 0)
    if agreement.is_signed and len(defined):
        low = min(low, -1)  # what it may take, whatever these values are
    if low < -TIE or high > 1 + TIE:
        raise ValueError(
            f"Agreement must lie between 0 and 1 to be a distance, but goes from {low:g} to "
            f"{high:g}. Use a bounded measure (jaccard, dice, cosine, overlap, matching), counts "
            "with normalization='average', or a measure from -1 to 1 as agreement.rescaled()."
        )


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
    group : numpy.ndarray
        A cluster number for each actor that has an edge, -1 for the others.
    placed : numpy.ndarray of bool
        Which actors have one.
    """
    weights = np.where(values > TIE, values, 0.0)
    np.fill_diagonal(weights, 0.0)
    placed = np.asarray(weights.any(axis=1), dtype=np.bool_)
    group = np.full(len(values), -1, dtype=np.int64)
    group[placed] = communities(weights[np.ix_(placed, placed)], seed)
    return group, placed


def cluster(
    agreement: Agreement | pd.DataFrame,
    n_clusters: int | ClusterChoice | None = None,
    method: ClusterMethod = "average",
    *,
    n_resamples: int = 99,
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
        default that number, found here; for other measures than those of sets, tables of
        your own, and more than 60 actors or 5,000 recorded positions, the attainable cut with the
        largest mean silhouette, ties going to fewer clusters. `Clusters.rule` says which.
        ``louvain`` finds its own number.
    method : {"average", "complete", "louvain"}
        Hierarchical on 1 - agreement, the distance of two clusters being the mean (UPGMA, Sokal &
        Michener 1958) or the largest of the distances of their members; or Louvain's communities
        (Blondel et al. 2008, doi:10.1088/1742-5468/2008/10/P10008).
    n_resamples : int
        How many random tables the number is judged against.
    seed : int or numpy.random.Generator
        Of the random tables, and of ``louvain``, which visits actors in random order.

    Returns
    -------
    Clusters
        Labels over all actors, the tree, the table of attainable cuts, who is unplaced and which
        pairs were filled.

    Raises
    ------
    ValueError
        If a table is not square or symmetric, if values lie outside 0 to 1 (counts do), or if the
        tree cannot be cut into `n_clusters`; the error lists what it can be cut into.

    Notes
    -----
    An actor that has nothing to compare with anyone is unplaced, and so is one with more than half
    of its pairs undefined. A pair of placed actors without a value takes the mean of the defined
    distances among the placed, and is listed in `Clusters.filled`. For ``louvain`` an actor without
    any positive agreement is unplaced, and nothing is filled.

    Where merges tie, the tree cannot be cut between them: only attainable numbers of clusters are
    offered. Which of several tied merges comes first is decided by the alphabetical order of the
    actors, so that the order of rows changes nothing. Clusters of the same size are numbered by
    the speaking order, which is that of the rows.

    The silhouette (Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7) of actors who are recorded on
    the same few positions is high for want of detail; it does not say that there is structure
    beyond chance. `camdata.cluster_choice` compares it with structureless tables.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()))
    >>> clusters.members[2]
    ['Canada', 'Mexico', 'Paraguay', 'Peru', 'Uruguay']
    >>> clusters.unplaced.index.tolist()
    ['Bolivia']
    """
    check_choice("method", method, METHODS)
    seed = seed_number(seed)
    check_count("n_resamples", n_resamples)
    if n_clusters is not None and method == "louvain":
        raise ValueError("`n_clusters` is not for louvain, which finds its own number.")
    agreement = as_agreement(agreement)
    choice = n_clusters if isinstance(n_clusters, ClusterChoice) else None
    if choice is not None and (choice.agreement is not agreement or choice.method != method):
        raise ValueError("This choice of a number is of another agreement, or another linkage.")
    number = n_clusters.n_clusters if isinstance(n_clusters, ClusterChoice) else n_clusters
    if number is not None:
        check_count("n_clusters", number)
    if method != "louvain":
        check_bounded(agreement)
    names = agreement.actors
    # alphabetical order makes the result independent of the order of rows where merges tie
    alphabetical = np.array(sorted(range(len(names)), key=lambda i: names[i]), dtype=np.int64)
    values = agreement.values[np.ix_(alphabetical, alphabetical)]
    if method == "louvain":
        found = _communities(values, seed)
    else:
        found = _hierarchical(values, number, method)
    rule = "louvain" if method == "louvain" else "silhouette"
    if choice is not None:
        rule = choice.rule
    elif number is not None:
        rule = "given"
    elif method != "louvain" and _has_null(agreement) and found.placed.sum() > 2:
        choice = cluster_choice(agreement, n_resamples, seed=seed, method=method)
        rule = choice.rule
        found = replace(found, chosen=choice.n_clusters)
    placed = alphabetical[found.placed]
    group = np.full(len(names), UNPLACED)
    chosen = found.labels[found.numbers.index(found.chosen)]
    if len(placed):
        group[placed] = number_clusters(chosen, placed)
    index = pd.Index(names, name="actor", dtype="str")
    labels = pd.Series(pd.arrays.IntegerArray(group, group < 0), index, name="cluster")
    reasons = pd.Series(
        {names[alphabetical[i]]: reason for i, reason in found.reasons.items()}, dtype="str"
    )
    unplaced = reasons.reindex(index[group < 0]).rename("reason")
    leaves = tuple(names[i] for i in placed)
    return Clusters(
        agreement=agreement,
        labels=labels,
        method=method,
        cuts=pd.DataFrame(
            {
                "silhouette": found.scores,
                "singletons": [int((np.bincount(g) == 1).sum()) for g in found.labels],
                "chosen": [k == found.chosen for k in found.numbers],
            },
            index=pd.Index(found.numbers, name="n_clusters"),
        ),
        linkage=found.linkage,
        placed=leaves,
        unplaced=unplaced,
        filled=_filled(found.filled, leaves),
        rule=rule,
        choice=choice,
        seed=seed,
    )


def _has_null(agreement: Agreement) -> bool:
    """Say whether random tables can be drawn for an agreement, in a time that nobody notices."""
    if agreement.measure not in SETS or agreement.tally is None:
        return False
    small = len(agreement.actors) <= MOST_ACTORS
    return small and len(agreement.tally.cells.actor) <= MOST_POSITIONS


@dataclass(frozen=True)
class _Found:
    """What a method found, all of it over actors in alphabetical order."""

    placed: Flags
    reasons: dict[int, str]
    numbers: list[int]
    labels: Integers
    scores: Floats
    chosen: int
    linkage: Floats
    filled: Floats  # distance of the filled pairs of placed actors, NaN elsewhere


def _hierarchical(values: Floats, n_clusters: int | None, method: LinkageMethod) -> _Found:
    placed, reasons = _trees.find_placed(values)
    linkage, filled = np.empty((0, 4)), np.empty((0, 0))
    numbers, labels, scores, chosen = [0], np.empty((1, 0), dtype=np.int64), np.array([np.nan]), 0
    if placed.any():
        distance, gaps = _trees.distances(values[np.ix_(placed, placed)])
        linkage = _trees.link(distance, method)
        numbers, labels, scores, chosen = _trees.best_cut(distance, linkage)
        filled = np.where(gaps, distance, np.nan)
    if n_clusters is not None:
        if n_clusters not in numbers:
            offered = [k for k in numbers if k > 1] or numbers
            near = min(offered, key=lambda k: (abs(k - n_clusters), k))
            raise ValueError(
                f"The tree of these {placed.sum()} placed actors cannot be cut into {n_clusters} "
                f"clusters: merges that tie are made together. It can be cut into "
                f"{listed(numbers, 30)}; the nearest is {near}."
            )
        chosen = int(n_clusters)
    return _Found(placed, reasons, numbers, labels, scores, chosen, linkage, filled)


def _communities(values: Floats, seed: int) -> _Found:
    group, placed = louvain(values, seed)
    defined = ~np.isnan(values) & ~np.eye(len(values), dtype=bool)
    reasons = {
        int(i): "shares nothing with any actor" if defined[i].any() else _trees.NOTHING
        for i in np.flatnonzero(~placed)
    }
    inside = values[np.ix_(placed, placed)].copy()
    labels = group[placed][None, :]
    score = np.array([np.nan])
    np.fill_diagonal(inside, np.nan)
    if placed.any() and np.nanmax(inside) <= 1 + TIE and np.nanmin(inside) >= -TIE:
        score = _trees.silhouettes(_trees.distances(inside)[0], labels)
    number = len(np.unique(labels))
    filled = np.full(inside.shape, np.nan)
    return _Found(placed, reasons, [number], labels, score, number, np.empty((0, 4)), filled)


def _filled(distance: Floats, actors: tuple[str, ...]) -> pd.DataFrame:
    """List the pairs whose distance was filled."""
    a, b = np.nonzero(np.triu(~np.isnan(distance)))
    names = pd.Series(actors, dtype="str").array
    return pd.DataFrame(
        {"actor": names.take(a), "other": names.take(b), "distance": distance[a, b]}
    )


def partition(values: Floats, clusters: Clusters, n_clusters: int) -> tuple[Integers, Floats]:
    """Cluster other values of the same actors in the same way, the number of clusters held.

    Returns a label for each actor (UNPLACED for some), the nearest attainable number being taken
    where ties forbid `n_clusters`, and the tree of the placed ones.
    """
    labels = np.full(len(values), UNPLACED, dtype=np.int64)
    if clusters.method == "louvain":
        return louvain(values, clusters.seed)[0], np.empty((0, 4))
    placed, _ = _trees.find_placed(values)
    if not placed.any():
        return labels, np.empty((0, 4))
    method: LinkageMethod = "complete" if clusters.method == "complete" else "average"
    linkage = _trees.link(_trees.distances(values[np.ix_(placed, placed)])[0], method)
    labels[placed] = _trees.cut(linkage, _trees.nearest_attainable(linkage, n_clusters))
    return labels, linkage
