"""How sure clusters are: what becomes of them when codes, statements or coders change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Literal

import numpy as np
import pandas as pd

from camdata._display.checks import Seed, check_choice, check_count, check_seed, wrong_type
from camdata._display.progress import progress
from camdata._display.results import Result
from camdata._display.words import count, percent
from camdata.analysis import trees as _trees
from camdata.analysis.clustering import Clusters, louvain
from camdata.analysis.labels import align_labels, differences, number_clusters, shared_rand
from camdata.analysis.measures import remeasure
from camdata.analysis.null import CHUNK
from camdata.analysis.pairs import pairs_of_counts
from camdata.analysis.standins import recoded
from camdata.analysis.trees import TIE, UNPLACED, Flags, Floats, Integers
from camdata.model.tally import Coded, Tally

Over = Literal["codes", "statements", "coding"]


def statements_of(clusters: Clusters) -> tuple[Tally, Coded]:
    """Return the tally behind clusters and its statements one by one.

    Raises
    ------
    TypeError, ValueError
        If they are no clusters, or their statements are not known.
    """
    if not isinstance(clusters, Clusters):
        raise wrong_type("clusters", "Clusters (from camdata.cluster)", clusters)
    tally = clusters.agreement.tally
    if tally is not None and tally.coded is not None:
        return tally, tally.coded
    if tally is None or tally.statements is None or tally.duplicates not in ("once", "all"):
        raise ValueError(
            "The statements behind these clusters are not known one by one: make the agreement of "
            "a tally from Meeting.tally, or from camdata.tally with duplicates 'once' or 'all'."
        )
    cells = tally.cells
    parts = (cells.key, cells.actor, cells.stance)
    key, actor, stance = (np.repeat(part, cells.statements).astype(np.int64) for part in parts)
    return tally, Coded(actor, key, stance, code=key, codes=tally.keys, labels=tally.labels)


def cluster_again(clusters: Clusters, counts: Iterator[Floats], n: int) -> Integers:
    """Cluster other counts of the same actors in the same way, the number of clusters held.

    Parameters
    ----------
    clusters : Clusters
        How: by which measure, linkage and number.
    counts : iterator of numpy.ndarray
        Counts, actors × keys × stances, one table after the other.
    n : int
        How many there are.

    Returns
    -------
    numpy.ndarray of int
        Shape (tables, actors): clusters from 0, UNPLACED for actors that a table cannot place. The
        nearest number is taken where a tree has no such cut; Louvain finds its own.
    """
    agreement, tally = clusters.agreement, clusters.agreement.tally
    assert tally is not None
    n_actors, n_stances = len(tally.actors), len(tally.stances)
    step = max(1, CHUNK // max(n_actors * max(len(tally.keys), n_actors) * n_stances, 1))
    result: list[Integers] = []
    tables = iter(progress(counts, "tables", n))
    while batch := list(islice(tables, step)):
        values = remeasure(agreement, pairs_of_counts(np.stack(batch), tally.stances))
        if clusters.method == "louvain":
            result += [louvain(table, clusters.seed)[0] for table in values]
        else:
            result += list(_trees.partitions(values, clusters.n_clusters, clusters.method))
    return np.array(result, dtype=np.int64).reshape(len(result), n_actors)


@dataclass(frozen=True, eq=False, repr=False)
class Stability(Result):
    """What becomes of clusters when codes, statements or another coding are drawn.

    Attributes
    ----------
    clusters : Clusters
        The clusters of all statements.
    together : pandas.DataFrame
        Actors × actors, float: among the resamples that place both, the share in which they fall
        together. ``NaN`` where no resample places both; 1 on the diagonal.
    placed : pandas.Series
        By actor, the share of the resamples that place it.
    recovery : pandas.DataFrame
        Index `cluster`: `members` (int) and `recovery` (float, 0 to 1): the mean, over the
        resamples that place any of its members, of the largest Jaccard coefficient between its
        members placed there and a cluster found there (Hennig 2007). Also as `frame`.
    exact : float
        The share of the resamples that gave exactly the number of clusters; in the others the
        nearest number was taken.
    over : {"codes", "statements", "coding"}
        What was drawn.
    n_resamples : int
        How many resamples.
    """

    clusters: Clusters
    together: pd.DataFrame
    placed: pd.Series[float]
    recovery: pd.DataFrame
    exact: float
    over: Over
    n_resamples: int

    @property
    def frame(self) -> pd.DataFrame:
        return self.recovery.copy()

    @property
    def summary(self) -> str:
        """How well each cluster comes back, in words."""
        recovery, members = self.recovery["recovery"], self.clusters.members
        lines = [
            f"{count(self.n_resamples, 'resample')} of {self.over}: how much of each cluster comes "
            f"back, from 0 to 1. {count(self.clusters.n_clusters, 'cluster')} in "
            f"{percent(self.exact)} of them, else the nearest number that ties allow"
        ]
        lines += [f"{k}: {recovery[k]:.2f}  {', '.join(actors)}" for k, actors in members.items()]
        return "\n".join(lines)


def stability(
    clusters: Clusters, over: Over | None = None, n_resamples: int = 1000, *, seed: Seed = 0
) -> Stability:
    """Cluster again and again on other codes, statements or codings that are drawn.

    Parameters
    ----------
    clusters : Clusters
        From `camdata.cluster`, of an agreement that was made from a tally. Measure, linkage and the
        number of clusters are held in every resample; Louvain finds its own number each time.
    over : {"codes", "statements", "coding"}, optional
        What is drawn: with replacement the codes, each with all its statements, or the statements
        (in a tally of codes a code that is drawn twice is two columns); or the coding: each
        position becomes what another coder recorded where this one recorded the same, at the rates
        at which the coders of the meeting differ (in a tally that counts each position once). By
        default the coding where the meeting has recodings, else the codes.
    n_resamples : int
        How many resamples.
    seed : int or numpy.random.Generator
        Seed of the draws.

    Returns
    -------
    Stability

    Raises
    ------
    ValueError, TypeError
        For an unknown choice, or clusters whose statements are not known.

    Notes
    -----
    Drawing codes or statements changes the coding scheme or the report; it is no confidence
    interval, because the codes are no sample of codes, and the report's statements no sample of
    statements. Drawing the coding carries coding error into the clusters. Hennig's
    rules of thumb for the recovery (2007, doi:10.1016/j.csda.2006.11.025) were found by resampling
    the clustered objects, which here are the actors, and do not carry over.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> result = cam.analysis.stability(clusters, "codes", n_resamples=200)
    >>> result.frame["members"].tolist(), result.placed["Bolivia"]
    ([7, 4, 2], np.float64(0.0))
    """
    tally, coded = statements_of(clusters)
    if over is None:
        second = coded.meeting is not None and len(coded.meeting.recodings)
        over = "coding" if second and tally.duplicates == "once" else "codes"
    check_choice("over", over, ("codes", "statements", "coding"))
    n = check_count("n_resamples", n_resamples)
    generator = check_seed(seed)
    draws = recoded if over == "coding" else partial(_draws, over=over)
    labels = cluster_again(clusters, draws(tally, coded, n=n, generator=generator), n)
    placed = labels != UNPLACED
    both = placed.T.astype(np.float64) @ placed
    same = np.zeros_like(both)
    for label in range(labels.max(initial=-1) + 1):
        inside = (labels == label).astype(np.float64)
        same += inside.T @ inside
    together = np.divide(same, both, out=np.full_like(both, np.nan), where=both > 0)
    names = pd.Index(tally.actors, name="actor", dtype="str")
    groups = {k: names.isin(actors) for k, actors in clusters.members.items()}
    rows = [(int(group.sum()), _recovery(group, labels)) for group in groups.values()]
    recovery = pd.DataFrame(
        rows, pd.Index(list(groups), name="cluster"), ["members", "recovery"]
    ).astype({"members": "int64", "recovery": "float64"})
    exact = float((labels.max(axis=1, initial=-1) + 1 == clusters.n_clusters).mean())
    shares = pd.Series(placed.mean(axis=0), names, name="placed")
    table = pd.DataFrame(together, names, names)
    return Stability(clusters, table, shares, recovery, exact, over, n)


def _recovery(group: Flags, labels: Integers) -> float:
    """Return the mean largest Jaccard coefficient of a group with the clusters of many tables."""
    size = (group & (labels != UNPLACED)).sum(axis=1)
    best = np.zeros(len(labels))
    for label in range(labels.max(initial=-1) + 1):
        other = labels == label
        shared = (group & other).sum(axis=1)
        best = np.maximum(best, shared / np.maximum(size + other.sum(axis=1) - shared, 1))
    return float(best[size > 0].mean()) if size.any() else float("nan")


def _draws(
    tally: Tally, coded: Coded, n: int, generator: np.random.Generator, over: Over
) -> Iterator[Floats]:
    n_codes, n_statements = len(coded.codes), len(coded.actor)
    complete, every = tally.dense(), [np.flatnonzero(coded.code == code) for code in range(n_codes)]
    for _ in range(n):
        if over == "statements":
            yield coded.counts(tally, generator.integers(n_statements, size=n_statements))
            continue
        drawn = generator.integers(n_codes, size=n_codes)
        if tally.by == "code":
            yield complete[:, drawn]
        else:
            yield coded.counts(tally, np.concatenate([every[code] for code in drawn]))


@dataclass(frozen=True, eq=False, repr=False)
class Sensitivity(Result):
    """What leaving out each coded statement in turn does to the clusters.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per statement, those with the largest effect first: `statement`, `actor`, `code`,
        `label` (what charts call the code), `quote` (where the meeting has them), `adjusted_rand`
        (float, against the clusters of all statements, over actors placed in both; ``NaN`` where
        fewer than two are), `n_moved` (int, actors in another cluster), `n_lost` (int, actors no
        longer placed) and `n_clusters` (int, how many there then were). Also as `frame`.
    moves : pandas.DataFrame
        One row per statement and actor that moves without it: `statement`, `actor`, `before` and
        `after` (Int64, matched clusters, missing where unplaced).
    clusters : Clusters
        The clusters of all statements.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> result = cam.analysis.sensitivity(clusters)
    >>> result.moves.query("statement == 's016'")["actor"].tolist()
    ['Colombia']
    """

    table: pd.DataFrame
    moves: pd.DataFrame
    clusters: Clusters

    @property
    def effect(self) -> Flags:
        """Which statements change anything, in the order of the table."""
        rand, lost = self.table["adjusted_rand"].to_numpy(), self.table["n_lost"].to_numpy()
        return np.asarray(~((rand >= 1 - TIE) & (lost == 0)))

    @property
    def summary(self) -> str:
        """How many statements matter, and which most, in words."""
        changing, total = int(self.effect.sum()), count(len(self.table), "statement")
        if not changing:
            return f"No single one of {total} changes who is with whom."
        first = self.table.iloc[0]
        own = self.moves[self.moves["statement"] == first["statement"]]
        moves = own[["actor", "before", "after"]].astype(object).fillna("unplaced").to_numpy()
        steps = "; ".join(f"{actor}: {before} → {after}" for actor, before, after in moves)
        return (
            f"{changing} of {total} change who is with whom when left out.\n"
            f"{first['statement']} of {first['actor']} ({first['label']}) changes most: {steps}"
        )


def sensitivity(clusters: Clusters) -> Sensitivity:
    """Leave out each coded statement in turn: which of them carry the clusters?

    Parameters
    ----------
    clusters : Clusters
        From `camdata.cluster`, of an agreement that was made from a tally. Measure, linkage and
        number of clusters are held (the nearest number where ties forbid it), so that what changes
        is who is with whom.

    Returns
    -------
    Sensitivity

    Raises
    ------
    ValueError, TypeError
        If the statements are not known.

    Examples
    --------
    >>> import camdata as cam
    >>> clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()), n_clusters=3)
    >>> table = cam.analysis.sensitivity(clusters).frame
    >>> table.loc[table["adjusted_rand"] < 1, ["statement", "actor", "n_moved"]].head(2)
      statement          actor  n_moved
    0      s015  United States        3
    1      s024      Guatemala        3
    """
    tally, coded = statements_of(clusters)
    n = len(coded.actor)
    without = (coded.counts(tally, np.delete(np.arange(n), row)) for row in range(n))
    labels = cluster_again(clusters, without, n)
    names, own = pd.Index(tally.actors, name="actor", dtype="str"), clusters.labels
    table = described(tally, coded)
    moves, effects = [differences(own, own).assign(statement="")], []  # none so far
    for statement, found in zip(table["statement"], labels, strict=True):
        place = np.flatnonzero(found != UNPLACED)
        after = pd.Series(pd.NA, names, dtype="Int64")
        after.iloc[place] = number_clusters(found[place], place)
        after = align_labels(after, own)
        changed = differences(own, after)
        moves.append(changed.assign(statement=statement))
        lost = int(changed["after"].isna().sum())
        effects.append((shared_rand(own, after), len(changed) - lost, lost, int(after.nunique())))
    columns = ["adjusted_rand", "n_moved", "n_lost", "n_clusters"]
    table = table.join(pd.DataFrame(effects, columns=columns).astype({"adjusted_rand": "float64"}))
    order = np.lexsort((-(table["n_moved"] + table["n_lost"]), table["adjusted_rand"].fillna(-2)))
    joined = pd.concat(moves, ignore_index=True)[["statement", "actor", "before", "after"]]
    return Sensitivity(table.iloc[order].reset_index(drop=True), joined, clusters)


def described(tally: Tally, coded: Coded) -> pd.DataFrame:
    """Return what the statements of a tally are: statement, actor, code, label, quote."""
    if coded.frame is None or coded.rows is None:
        who, what = np.array(tally.actors)[coded.actor], np.array(coded.codes)[coded.code]
        table = pd.DataFrame({"actor": who, "code": what}, dtype="str")
        table.insert(0, "statement", [str(i + 1) for i in range(len(table))])
    else:
        table = coded.frame.iloc[coded.rows].filter(["statement", "actor", "code", "quote"])
        table = table.reset_index(drop=True)
    labels = pd.Series(np.array(coded.labels)[coded.code], dtype="str")
    table.insert(table.columns.tolist().index("code") + 1, "label", labels)
    return table
