"""How sure: clusters when codes or statements change, and against structureless tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata.clustering import (
    ClusterMethod,
    Clusters,
    Floats,
    LinkageMethod,
    cluster,
    find_unplaced,
    link,
    louvain,
    nearest_cut,
    tree_cuts,
)
from camdata.labels import (
    Integers,
    adjusted_rand,
    align_labels,
    differences,
)
from camdata.measures import (
    Counts,
    Method,
    Normalization,
    agreement,
    measure_values,
)
from camdata.meeting import Meeting
from camdata.positions import By, Choice, Duplicates, recorded
from camdata.sampling import p_value, random_tables
from camdata.schema import check_choice

UNPLACED = -1


@dataclass(frozen=True)
class _Coded:
    """A meeting's statements as numbers, for counting them again and again.

    Every row is a statement: its actor, code, column of the table and stance, by number, and the
    number of the cell that repeated statements share.
    """

    frame: pd.DataFrame
    actors: tuple[str, ...]
    stances: tuple[int, ...]
    actor: Integers
    code: Integers
    column: Integers
    stance: Integers
    cell: Integers
    n_codes: int
    n_columns: int
    once: bool

    def counts(self, rows: Integers | None = None) -> Counts:
        """Count the statements `rows` (all by default; repeated rows count again)."""
        rows = np.arange(len(self.actor)) if rows is None else rows
        if self.once:
            rows = rows[np.unique(self.cell[rows], return_index=True)[1]]
        shape = (len(self.actors), self.n_columns, len(self.stances))
        flat = np.ravel_multi_index((self.actor[rows], self.column[rows], self.stance[rows]), shape)
        values = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
        return Counts(values.astype(np.float64), tuple(map(float, self.stances)))


def _coded(
    meeting: Meeting,
    by: By,
    kinds: Choice,
    basis: Choice,
    coder: Choice,
    duplicates: Duplicates,
) -> _Coded:
    table = meeting.tally(by, kinds=kinds, basis=basis, coder=coder, duplicates=duplicates)
    _, statements = meeting.select(kinds=kinds, basis=basis, coder=coder)
    columns = table.columns.get_level_values(0).drop_duplicates()
    codes = statements["code"].drop_duplicates()
    if by == "dimension":
        codebook = meeting.codebook
        codes = codebook["code"]
        place = statements["code"].map(codebook.set_index("code")["dimension"])
        statements, place = statements[place.notna()], place[place.notna()]
    else:
        codes = pd.Series(columns)
        place = statements["code"]
    # alphabetical, as in clustering, so that ties fall as they do there
    actors = sorted(table.index)
    cell = ["actor", "_column", "stance", *(["document"] if duplicates == "document" else [])]
    return _Coded(
        frame=statements.reset_index(drop=True),
        actors=tuple(actors),
        stances=meeting.stances,
        actor=_places(actors, statements["actor"]),
        code=_places(codes, statements["code"]),
        column=_places(columns, place),
        stance=_places(meeting.stances, statements["stance"].astype("int64")),
        cell=np.asarray(statements.assign(_column=place).groupby(cell).ngroup(), dtype=np.int64),
        n_codes=len(codes),
        n_columns=len(columns),
        once=duplicates != "all",
    )


def _places(known: Any, values: pd.Series[Any]) -> Integers:
    place = pd.Index(known).get_indexer(pd.Index(values))
    return np.asarray(place, dtype=np.int64)


def _partition(
    values: Floats, method: ClusterMethod, n_clusters: int, seed: int
) -> tuple[Integers, Floats]:
    """Return a label for each actor (UNPLACED for some) and the tree of the placed ones."""
    labels = np.full(len(values), UNPLACED, dtype=np.int64)
    if method == "louvain":
        return louvain(values, seed)[0], np.empty((0, 4))
    np.fill_diagonal(values, np.nan)
    placed, _ = find_unplaced(values)
    if not placed.any():
        return labels, np.empty((0, 4))
    linkage, _, _ = link(values[np.ix_(placed, placed)], method)
    labels[placed] = nearest_cut(linkage, n_clusters)
    return labels, linkage


def branches(linkage: Floats, placed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the members of every branch of a tree, branches × actors, in the order of merges."""
    n = len(linkage) + 1
    inside = np.zeros((2 * n - 1, len(placed)), dtype=bool)
    inside[np.arange(n), np.flatnonzero(placed)] = True
    for i, (left, right) in enumerate(linkage[:, :2].astype(np.int64)):
        inside[n + i] = inside[left] | inside[right]
    return inside[n:]


def _best_jaccard(groups: NDArray[np.bool_], others: NDArray[np.bool_]) -> Floats:
    """Return for each group its largest Jaccard coefficient with any of the others."""
    shared = groups.astype(np.float64) @ others.astype(np.float64).T
    union = groups.sum(axis=1)[:, None] + others.sum(axis=1)[None, :] - shared
    return np.asarray((shared / np.maximum(union, 1)).max(axis=1, initial=0.0))


@dataclass(frozen=True, repr=False)
class Stability:
    """What becomes of clusters when codes or statements are drawn again.

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
        members placed there and a cluster found there (Hennig 2007).
    branches : pandas.DataFrame
        One row per merge of the tree, in its order: `members` (list of str), `height` and
        `recovery`, the same mean for the branches of the trees. No rows for ``louvain``.
    exact : float
        The share of the resamples whose tree could be cut into exactly the number of clusters;
        in the others the nearest attainable number was taken.
    over : str
        What was drawn: ``codes`` or ``statements``.
    n : int
        How many resamples.
    """

    clusters: Clusters
    together: pd.DataFrame
    placed: pd.Series[float]
    recovery: pd.DataFrame
    branches: pd.DataFrame
    exact: float
    over: str
    n: int

    @property
    def summary(self) -> str:
        """How well each cluster comes back, in words."""
        lines = [
            f"{self.n} resamples of {self.over}, {self.clusters.n_clusters} clusters held "
            f"(exactly in {self.exact:.0%})"
        ]
        for label, actors in self.clusters.members.items():
            recovery = float(self.recovery["recovery"].loc[label])
            lines.append(f"{label}: {recovery:.2f}  {', '.join(actors)}")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return self.summary


def stability(
    meeting: Meeting,
    over: Literal["codes", "statements"] = "codes",
    n: int = 1000,
    *,
    seed: int = 0,
    by: By = "dimension",
    kinds: Choice = None,
    basis: Choice = None,
    coder: Choice = None,
    duplicates: Duplicates = "once",
    measure: Method = "jaccard",
    normalization: Normalization = None,
    method: ClusterMethod = "average",
    n_clusters: int | None = None,
) -> Stability:
    """Cluster again and again on codes or statements drawn with replacement.

    Parameters
    ----------
    meeting : Meeting
        The meeting.
    over : {"codes", "statements"}
        What is drawn: the codes of the codebook, each with all its statements, or the statements.
    n : int
        How many resamples.
    seed : int
        Seed of the draws.
    by, kinds, basis, coder, duplicates
        As for `Meeting.tally`. With ``by="code"`` a code that is drawn twice is two columns.
    measure, normalization
        As the method and normalization of `camdata.agreement`.
    method, n_clusters
        As for `camdata.cluster`; the number of clusters, given or chosen, is held in every
        resample. Louvain finds its own number each time.

    Returns
    -------
    Stability

    Raises
    ------
    ValueError
        For an unknown choice, or as for the functions above.

    Notes
    -----
    This is a perturbation of the coding scheme or of the statements, not a confidence interval: the
    codes are no sample of codes, and the report's statements no sample of statements. Hennig's
    rules of thumb for the recovery (2007, doi:10.1016/j.csda.2006.11.025) were found by resampling
    the clustered objects, which here are the actors, and do not carry over.

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.stability(cam.load_meeting())
    >>> result.recovery.loc[1].round(2).to_list()
    [4.0, 0.58]
    """
    check_choice("over", over, ("codes", "statements"))
    table = meeting.tally(by, kinds=kinds, basis=basis, coder=coder, duplicates=duplicates)
    shared = agreement(table, measure, normalization=normalization)
    reference = cluster(shared, n_clusters, method, seed=seed)
    coded = _coded(meeting, by, kinds, basis, coder, duplicates)
    number = len(coded.actors)
    wanted = reference.n_clusters
    own = reference.labels.reindex(list(coded.actors))
    held = own.notna().to_numpy()
    groups = np.array(
        [(own == label).fillna(False).to_numpy(dtype=bool) for label in reference.members]
    )
    tree = (
        branches(reference.linkage, held) if len(reference.linkage) else np.zeros((0, number), bool)
    )

    together, both = np.zeros((number, number)), np.zeros((number, number))
    placed_times = np.zeros(number)
    found, times = np.zeros(len(groups)), np.zeros(len(groups))
    tree_found, tree_times = np.zeros(len(tree)), np.zeros(len(tree))
    exact = 0
    for counts in _resampled(coded, over, by, n, seed):
        values = measure_values(counts, measure, normalization)
        labels, linkage = _partition(values, method, wanted, seed)
        placed = labels != UNPLACED
        if not placed.any():
            continue
        clusters = labels[None, :] == np.unique(labels[placed])[:, None]
        exact += len(clusters) == wanted
        together += (labels[:, None] == labels[None, :]) & placed[:, None]
        both += placed[:, None] & placed[None, :]
        placed_times += placed
        _tally_recovery(groups, clusters, placed, found, times)
        if len(tree) and len(linkage):
            _tally_recovery(tree, branches(linkage, placed), placed, tree_found, tree_times)

    names = pd.Index(coded.actors, name="actor")
    with np.errstate(invalid="ignore", divide="ignore"):
        share = pd.DataFrame(np.where(both > 0, together / both, np.nan), names, names)
        recovery = found / times
        tree_recovery = tree_found / tree_times
    order = reference.labels.index
    return Stability(
        clusters=reference,
        together=share.loc[order, order],
        placed=pd.Series(placed_times / n, names, name="placed").loc[order],
        recovery=pd.DataFrame(
            {"members": groups.sum(axis=1), "recovery": recovery},
            index=pd.Index(list(reference.members), name="cluster"),
        ),
        branches=pd.DataFrame(
            {
                "members": [names[row].tolist() for row in tree],
                "height": reference.linkage[:, 2],
                "recovery": tree_recovery,
            }
        ),
        exact=exact / n,
        over=over,
        n=n,
    )


def _tally_recovery(
    groups: NDArray[np.bool_],
    others: NDArray[np.bool_],
    placed: NDArray[np.bool_],
    found: Floats,
    times: Floats,
) -> None:
    """Add the recovery of each group that has a placed member to the running sums."""
    inside = groups & placed
    counted = inside.any(axis=1)
    found += np.where(counted, _best_jaccard(inside, others), 0.0)
    times += counted


def _resampled(coded: _Coded, over: str, by: By, n: int, seed: int) -> Iterator[Counts]:
    generator = np.random.default_rng(seed)
    if over == "statements":
        size = len(coded.actor)
        for _ in range(n):
            yield coded.counts(generator.integers(size, size=size))
        return
    complete = coded.counts()
    rows_of = [np.flatnonzero(coded.code == code) for code in range(coded.n_codes)]
    for _ in range(n):
        drawn = generator.integers(coded.n_codes, size=coded.n_codes)
        if by == "code":
            yield Counts(complete.values[:, drawn, :], complete.stances)
        else:
            yield coded.counts(np.concatenate([rows_of[code] for code in drawn]))


def sensitivity(
    meeting: Meeting,
    *,
    by: By = "dimension",
    kinds: Choice = None,
    basis: Choice = None,
    coder: Choice = None,
    duplicates: Duplicates = "once",
    measure: Method = "jaccard",
    normalization: Normalization = None,
    method: ClusterMethod = "average",
    n_clusters: int | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Leave out each coded statement in turn: which of them carry the clusters?

    Parameters
    ----------
    meeting : Meeting
        The meeting.
    by, kinds, basis, coder, duplicates
        As for `Meeting.tally`.
    measure, normalization
        As the method and normalization of `camdata.agreement`.
    method, n_clusters, seed
        As for `camdata.cluster`. The number of clusters, given or chosen, is held (the nearest
        attainable one where ties forbid it), so that what changes is who is with whom.

    Returns
    -------
    pandas.DataFrame
        One row per statement, those with the largest effect first (the smallest `adjusted_rand`,
        then the most actors concerned): `statement`, `actor`, `code`, `quote` (where the meeting
        has quotes), `adjusted_rand` (float, against the clusters of all statements, over actors
        placed in both), `n_moved` (int), `moved` (str, "actor: from → to" with matched labels),
        `unplaced` (str, who is no longer placed), `n_clusters` (int, how many there were) and
        `n_chosen` (int, how many the silhouette would choose).

    Raises
    ------
    ValueError
        As for the functions above.

    Examples
    --------
    >>> import camdata as cam
    >>> table = cam.sensitivity(cam.load_meeting(), n_clusters=3)
    >>> table.loc[table["adjusted_rand"] < 1, ["statement", "actor", "moved"]].head(2)
      statement     actor                                moved
    0      s016  Colombia  Colombia: 1 → 2; El Salvador: 1 → 2
    1      s014  Colombia                   El Salvador: 1 → 2
    """
    table = meeting.tally(by, kinds=kinds, basis=basis, coder=coder, duplicates=duplicates)
    shared = agreement(table, measure, normalization=normalization)
    reference = cluster(shared, n_clusters, method, seed=seed)
    coded = _coded(meeting, by, kinds, basis, coder, duplicates)
    names = pd.Index(coded.actors, name="actor")
    own = reference.labels.reindex(names)
    everything = np.arange(len(coded.actor))
    rows = []
    for left_out in everything:
        counts = coded.counts(np.delete(everything, left_out))
        values = measure_values(counts, measure, normalization)
        labels, linkage = _partition(values, method, reference.n_clusters, seed)
        after = pd.Series(labels, names, dtype="Int64").where(pd.Series(labels != UNPLACED, names))
        after = align_labels(after, own)
        both = own.notna() & after.notna()
        changed = differences(own, after)
        lost = changed[changed["after"].isna()]
        moved = changed[changed["after"].notna()]
        entry = {
            name: coded.frame.at[left_out, name]
            for name in ("statement", "actor", "code", "quote")
            if name in coded.frame
        }
        rows.append(
            {
                **entry,
                "adjusted_rand": adjusted_rand(_numbers(own[both]), _numbers(after[both])),
                "n_moved": len(moved),
                "moved": "; ".join(
                    f"{actor}: {'unplaced' if pd.isna(before) else before} → {to}"
                    for actor, before, to in zip(
                        moved["actor"], moved["before"], moved["after"], strict=True
                    )
                ),
                "unplaced": "; ".join(lost["actor"]),
                "n_clusters": int(after.nunique()),
                "n_chosen": _chosen(values, linkage, labels),
            }
        )
    columns = [c for c in ("statement", "actor", "code", "quote") if c in coded.frame]
    columns += ["adjusted_rand", "n_moved", "moved", "unplaced", "n_clusters", "n_chosen"]
    result = pd.DataFrame(rows, columns=columns)
    lost_number = result["unplaced"].str.count(";") + (result["unplaced"] != "")
    order = result.assign(_concerned=-(result["n_moved"] + lost_number)).sort_values(
        ["adjusted_rand", "_concerned"], kind="stable"
    )
    return result.loc[order.index].reset_index(drop=True)


def _numbers(labels: pd.Series[int]) -> Integers:
    return np.asarray(labels, dtype=np.int64)


def _chosen(values: Floats, linkage: Floats, labels: Integers) -> int:
    """Return how many clusters the silhouette would choose."""
    placed = labels != UNPLACED
    if not len(linkage):
        return len(np.unique(labels[placed]))
    distance = link(values[np.ix_(placed, placed)], "average")[1]
    return tree_cuts(distance, linkage)[2]


@dataclass(frozen=True, repr=False)
class ClusterChoice:
    """The silhouettes of attainable cuts beside those of structureless tables.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `n_clusters`, the attainable cuts that have a silhouette: `silhouette`, and what
        random tables give at this number where they attain it: `expected` (mean), `low` and `high`
        (5th and 95th percentile), `attained` (share of the tables that attain it).
    best : float
        The largest silhouette of the data; ``NaN`` where no cut has one.
    random : numpy.ndarray
        The largest silhouette of each random table (0 where it has none).
    p_value : float
        One-sided: how often a random table does as well, (r + 1) / (n + 1).
    n_clusters : int
        The cut with the largest silhouette.
    alpha : float
        The level that `structured` is judged at.
    """

    table: pd.DataFrame
    best: float
    random: Floats
    p_value: float
    n_clusters: int
    alpha: float

    @property
    def structured(self) -> bool:
        """Whether the best silhouette is beyond what structureless tables give."""
        return bool(self.p_value <= self.alpha)

    @property
    def summary(self) -> str:
        """The answer in words."""
        if np.isnan(self.best):
            return "No cut of these actors has a silhouette, so there is no structure to speak of."
        answer = "structure beyond chance" if self.structured else "no structure beyond chance"
        return (
            f"The best silhouette is {self.best:.2f}, at {self.n_clusters} clusters; "
            f"{len(self.random)} random tables with the same margins reach "
            f"{self.random.mean():.2f} on average, and as much in "
            f"{(self.random >= self.best - 1e-9).mean():.0%} of cases "
            f"(p = {self.p_value:.3f}): {answer}."
        )

    def __repr__(self) -> str:
        return self.summary


def cluster_choice(
    positions: pd.DataFrame,
    n: int = 999,
    *,
    seed: int = 0,
    measure: Method = "jaccard",
    method: LinkageMethod = "average",
    alpha: float = 0.05,
) -> ClusterChoice:
    """Compare the silhouettes of clusters with those of structureless tables.

    Parameters
    ----------
    positions : pandas.DataFrame
        Positions or a tally, as for `camdata.agreement`.
    n : int
        How many random tables.
    seed : int
        Seed of the random tables.
    measure : {"jaccard", "dice", "cosine", "overlap"}
        The measure of agreement, one of sets.
    method : {"average", "complete"}
        The linkage.
    alpha : float
        The level at which `ClusterChoice.structured` is judged.

    Returns
    -------
    ClusterChoice

    Raises
    ------
    ValueError
        For an unknown choice, or if nothing is recorded of at least two actors.

    Notes
    -----
    The random tables hold, for the actors of whom anything is recorded, as many positions as the
    actor has and as many actors as the position has (curveball, Strona et al. 2014,
    doi:10.1038/ncomms5114), and nothing else. The best silhouette over all attainable cuts is
    compared with the best of each random table, so that searching for the number of clusters is
    paid for. "No structure beyond chance" is a possible answer, and the usual one for small tables.

    Examples
    --------
    >>> import camdata as cam
    >>> cam.cluster_choice(cam.load_meeting().positions(), n=199).structured
    False
    """
    check_choice("measure", measure, ("jaccard", "dice", "cosine", "overlap"))
    check_choice("method", method, ("average", "complete"))
    held = recorded(positions).sort_index().sort_index(axis="columns")
    table = held.to_numpy(dtype=bool)
    table = table[table.any(axis=1)]
    if len(table) < 2:
        raise ValueError("At least two actors with a recorded position are needed.")
    observed, chosen = _silhouettes(table, measure, method)
    curves: dict[int, list[float]] = {k: [] for k in observed}
    best_random = np.zeros(n)
    for i, drawn in enumerate(random_tables(table, n, seed)):
        scores, _ = _silhouettes(drawn, measure, method)
        best_random[i] = max(scores.values(), default=0.0)
        for k in observed.keys() & scores.keys():
            curves[k].append(scores[k])
    best = max(observed.values(), default=float("nan"))
    rows = []
    for k, score in observed.items():
        values = np.array(curves[k])
        low, high = np.quantile(values, [0.05, 0.95]) if len(values) else (np.nan, np.nan)
        mean = float(values.mean()) if len(values) else np.nan
        rows.append((score, mean, low, high, len(values) / n))
    columns = ["silhouette", "expected", "low", "high", "attained"]
    frame = pd.DataFrame(
        rows, pd.Index(list(observed), name="n_clusters"), columns, dtype="float64"
    )
    p = 1.0 if np.isnan(best) else p_value(best, best_random)
    return ClusterChoice(frame, best, best_random, p, chosen, alpha)


def _silhouettes(
    table: NDArray[np.bool_], measure: Method, method: LinkageMethod
) -> tuple[dict[int, float], int]:
    """Return the silhouette of each attainable cut that has one, and the number chosen."""
    counts = Counts(table[:, :, None].astype(np.float64), (1.0,))
    linkage, distance, _ = link(measure_values(counts, measure), method)
    _, scores, chosen = tree_cuts(distance, linkage)
    return {k: score for k, score in scores.items() if not np.isnan(score)}, chosen
