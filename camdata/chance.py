"""Against chance and against a known grouping: what structureless data would give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata.clustering import (
    Floats,
    LinkageMethod,
    check_agreement,
    cluster,
    link,
    speaking_rank,
    tree_cuts,
)
from camdata.labels import Integers, Labeling, adjusted_rand, as_labels
from camdata.measures import Counts, Method, measure_values
from camdata.positions import recorded
from camdata.sampling import p_value, random_tables
from camdata.schema import check_choice

ENUMERATED = 20_000
"""Up to this many relabelings are enumerated; beyond, they are sampled."""


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
    frame.attrs = dict(held.attrs)
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


@dataclass(frozen=True, repr=False)
class NullModel:
    """What pairs of actors share, against random tables with the same margins.

    Attributes
    ----------
    pairs : pandas.DataFrame
        One row per pair of actors of whom anything is recorded, in speaking order: `actor`,
        `other`, `shared` (int, positions held with the same stance), `expected` (float, the mean
        of the random tables), `p_value` (one-sided, (r + 1) / (n + 1)), `p_adjusted` (Benjamini-
        Hochberg over all pairs) and `significant` (bool).
    alpha : float
        The false discovery rate.
    n : int
        How many random tables.
    """

    pairs: pd.DataFrame
    alpha: float
    n: int

    @property
    def backbone(self) -> pd.DataFrame:
        """The pairs that share significantly more than chance would give; often none."""
        return self.pairs[self.pairs["significant"]].reset_index(drop=True)

    @property
    def summary(self) -> str:
        """The answer in words."""
        number, kept = len(self.pairs), len(self.backbone)
        if number == 0:
            return "There are no two actors to compare."
        smallest = f"the smallest adjusted p is {self.pairs['p_adjusted'].min():.2f}"
        if kept == 0:
            return (
                f"None of {number} pairs shares more than chance would give ({smallest}): the "
                "backbone is empty. How much each actor is recorded as saying and how popular each "
                "position is are enough to account for what any two of them share."
            )
        return (
            f"{kept} of {number} pairs share more than chance would give at a false discovery "
            f"rate of {self.alpha:g} ({smallest}); they are the backbone."
        )

    def __repr__(self) -> str:
        return self.summary


def null_model(
    positions: pd.DataFrame, n: int = 9999, *, seed: int = 0, alpha: float = 0.05
) -> NullModel:
    """Ask whether two actors share more than their activity and the positions' popularity give.

    Parameters
    ----------
    positions : pandas.DataFrame
        Positions or a tally, as for `camdata.agreement`; actors of whom nothing is recorded are
        left out.
    n : int
        How many random tables.
    seed : int
        Seed of the random tables. The result does not depend on the order of rows or columns.
    alpha : float
        The false discovery rate at which pairs are kept in the backbone.

    Returns
    -------
    NullModel

    Notes
    -----
    The table of actors × (position, stance) is compared with random tables in which each actor
    holds as many positions and each position is held by as many actors: the fixed degree sequence
    model, sampled by curveball (Strona et al. 2014, doi:10.1038/ncomms5114; Godard & Neal 2022,
    doi:10.1093/comnet/cnac049, for its use on backbones). The statistic of a pair is the number of
    positions that both hold; p = (r + 1) / (n + 1) with r the random tables in which the pair
    shares as many or more; Benjamini & Hochberg (1995, doi:10.1111/j.2517-6161.1995.tb02031.x)
    adjust it over all pairs.

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.null_model(cam.load_meeting().positions("code"), n=999)
    >>> len(result.pairs), len(result.backbone)
    (78, 0)
    """
    held = recorded(positions)
    held = held.iloc[np.argsort(speaking_rank(held), kind="stable")]
    order = held.index[held.any(axis="columns")]
    table = held.loc[order].sort_index().sort_index(axis="columns")
    values = table.to_numpy(dtype=bool)
    observed = _shared(values)
    reached, total = np.zeros(observed.shape), np.zeros(observed.shape)
    for drawn in random_tables(values, n, seed):
        shared = _shared(drawn)
        reached += shared >= observed
        total += shared
    place = table.index.get_indexer(order)
    a, b = np.triu_indices(len(order), 1)
    a, b = place[a], place[b]
    p = (reached[a, b] + 1) / (n + 1)
    adjusted = p
    if len(p):
        from scipy.stats import false_discovery_control

        adjusted = false_discovery_control(p)
    pairs = pd.DataFrame(
        {
            "actor": pd.Series(table.index[a], dtype="str"),
            "other": pd.Series(table.index[b], dtype="str"),
            "shared": observed[a, b].astype(np.int64),
            "expected": total[a, b] / n,
            "p_value": p,
            "p_adjusted": adjusted,
            "significant": adjusted <= alpha,
        }
    )
    pairs.attrs = dict(held.attrs)
    return NullModel(pairs, alpha, n)


def _shared(table: NDArray[np.bool_]) -> Floats:
    numbers = table.astype(np.float64)
    return np.asarray(numbers @ numbers.T)


@dataclass(frozen=True, repr=False)
class Association:
    """Whether agreement and clusters follow a grouping known from outside.

    Attributes
    ----------
    within, between : float
        Mean agreement of the pairs of the same group, and of different groups.
    difference : float
        within - between.
    p_value : float
        One-sided: the share of relabelings with a difference as large or larger.
    rand : float
        Adjusted Rand index of the clusters against the groups.
    rand_p_value : float
        The same for the adjusted Rand index.
    exact : bool
        Whether all relabelings were enumerated; else they were sampled.
    random : numpy.ndarray
        The difference under each relabeling, the own one among them where `exact`.
    sizes : pandas.Series
        Index `group`: how many actors of each could be compared.
    left_out : tuple of str
        The actors without a group, or with nothing to compare.
    """

    within: float
    between: float
    difference: float
    p_value: float
    rand: float
    rand_p_value: float
    exact: bool
    random: Floats
    sizes: pd.Series[int]
    left_out: tuple[str, ...]

    @property
    def summary(self) -> str:
        """The answer in words."""
        groups = ", ".join(f"{name} {size}" for name, size in self.sizes.items())
        how = "all" if self.exact else "a sample of"
        left = f" Left out: {', '.join(self.left_out)}." if self.left_out else ""
        return (
            f"Agreement averages {self.within:.2f} within groups ({groups}) and "
            f"{self.between:.2f} between them, a difference of {self.difference:+.2f} "
            f"(p = {self.p_value:.2f}, {how} {len(self.random)} relabelings). The clusters match "
            f"the groups with an adjusted Rand index of {self.rand:.2f} "
            f"(p = {self.rand_p_value:.2f}).{left}"
        )

    def __repr__(self) -> str:
        return self.summary


def association(
    agreement: pd.DataFrame,
    groups: pd.Series[str] | Mapping[str, object],
    clusters: Labeling | None = None,
    *,
    n: int = 9999,
    seed: int = 0,
) -> Association:
    """Ask whether agreement and clusters follow a grouping known from outside.

    Parameters
    ----------
    agreement : pandas.DataFrame
        Actors × actors, from `camdata.agreement`.
    groups : Series or mapping
        The group of each actor; actors without one are left out.
    clusters : Clusters, Series or mapping, optional
        What to compare with the groups; by default ``cluster(agreement)``.
    n : int
        How many relabelings to sample where there are too many to enumerate (over 20,000).
    seed : int
        Seed of the sample.

    Returns
    -------
    Association

    Raises
    ------
    ValueError
        Unless at least two groups are left, and a pair within and a pair between them.

    Notes
    -----
    Groups are shuffled over the actors that can be compared, their sizes kept (Mantel 1967 and
    Hubert & Schultz 1976, doi:10.1111/j.2044-8317.1976.tb00714.x, for a proximity matrix against a
    grouping). Enumerated, p counts the own labeling among the relabelings; sampled, it is
    (r + 1) / (n + 1). Pairs without a value are left out of the means.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> groups = meeting.actors.set_index("actor")["process"]
    >>> result = cam.association(cam.agreement(meeting.positions()), groups)
    >>> len(result.random), result.exact
    (1716, True)
    """
    values = check_agreement(agreement, bounded=False)
    names = agreement.index.astype("str")
    group = pd.Series(groups).reindex(names)
    labels = as_labels(cluster(agreement) if clusters is None else clusters).reindex(names)
    usable = group.notna().to_numpy(dtype=bool)
    while True:  # whoever can be compared only with those left out is left out too
        comparable = usable & (~np.isnan(values[:, usable])).any(axis=1)
        if (comparable == usable).all():
            break
        usable = comparable
    chosen = sorted(np.flatnonzero(usable).tolist(), key=lambda i: str(names[i]))
    alphabetical = np.array(chosen, dtype=np.int64)
    kept = values[np.ix_(alphabetical, alphabetical)]
    found, codes = np.unique(group.iloc[alphabetical].astype("str"), return_inverse=True)
    codes = codes.astype(np.int64)
    statistic = _Contrast(kept)
    within, between = statistic.means(codes)
    if np.isnan(within) or np.isnan(between):
        sizes = dict(zip(found, np.bincount(codes, minlength=len(found)), strict=True))
        raise ValueError(
            "At least two groups are needed, with a pair to compare inside one of them and one "
            f"between them; the actors that can be compared have the groups {sizes}."
        )
    label = labels.iloc[alphabetical]
    placed = label.notna().to_numpy()
    cluster_codes = np.asarray(label[placed], dtype=np.int64)
    rand = adjusted_rand(cluster_codes, codes[placed])
    number = _relabelings(codes)
    exact = number <= ENUMERATED
    draws = _enumerated(codes) if exact else _shuffled(codes, n, seed)
    differences, rands = [], []
    for drawn in draws:
        inside, outside = statistic.means(drawn)
        differences.append(inside - outside)
        rands.append(adjusted_rand(cluster_codes, drawn[placed]))
    random, random_rand = np.array(differences), np.array(rands)
    return Association(
        within=within,
        between=between,
        difference=within - between,
        p_value=_permutation_p(within - between, random, exact),
        rand=rand,
        rand_p_value=_permutation_p(rand, random_rand, exact),
        exact=exact,
        random=random,
        sizes=pd.Series(np.bincount(codes), pd.Index(found, name="group"), name="actors"),
        left_out=tuple(names[~usable]),
    )


def _permutation_p(observed: float, random: Floats, exact: bool) -> float:
    if np.isnan(observed):
        return float("nan")
    return float((random >= observed - 1e-9).mean()) if exact else p_value(observed, random)


class _Contrast:
    """Means of the defined pairs within and between groups, for many groupings of one table."""

    def __init__(self, values: Floats) -> None:
        self._a, self._b = np.triu_indices(len(values), 1)
        pairs = values[self._a, self._b]
        defined = ~np.isnan(pairs)
        self._a, self._b, self._pairs = self._a[defined], self._b[defined], pairs[defined]

    def means(self, codes: Integers) -> tuple[float, float]:
        same = codes[self._a] == codes[self._b]
        if same.all() or not same.any():
            mean = float(self._pairs.mean()) if len(self._pairs) else float("nan")
            return (mean, float("nan")) if same.any() else (float("nan"), mean)
        return float(self._pairs[same].mean()), float(self._pairs[~same].mean())


def _relabelings(codes: Integers) -> int:
    number, left = 1, len(codes)
    for size in np.bincount(codes):
        number *= comb(left, int(size))
        left -= int(size)
    return number


def _enumerated(codes: Integers) -> Iterator[Integers]:
    """Yield every way to give the actors the groups with their sizes."""
    sizes = np.bincount(codes).tolist()

    def fill(group: int, free: tuple[int, ...], drawn: Integers) -> Iterator[Integers]:
        if group == len(sizes) - 1:
            last = drawn.copy()
            last[list(free)] = group
            yield last
            return
        for chosen in combinations(free, sizes[group]):
            part = drawn.copy()
            part[list(chosen)] = group
            yield from fill(group + 1, tuple(i for i in free if i not in chosen), part)

    yield from fill(0, tuple(range(len(codes))), np.zeros(len(codes), dtype=np.int64))


def _shuffled(codes: Integers, n: int, seed: int) -> Iterator[Integers]:
    generator = np.random.default_rng(seed)
    for _ in range(n):
        yield generator.permutation(codes)
