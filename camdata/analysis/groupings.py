"""Agreement and clusters against a grouping known from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd

from camdata._display.checks import Seed, check_count, check_seed, wrong_type
from camdata._display.results import Result
from camdata._display.words import p_words
from camdata.analysis.clustering import Clusters, cluster
from camdata.analysis.labels import Integers, adjusted_rand
from camdata.analysis.measures import Agreement
from camdata.analysis.sampling import p_value
from camdata.analysis.trees import Floats
from camdata.model.tally import names_of

ENUMERATED = 20_000
"""Up to this many relabelings are enumerated; beyond, they are sampled."""


@dataclass(frozen=True, eq=False, repr=False)
class Association(Result):
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
    clusters : pandas.Series
        The labels that were compared, by actor.
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
    clusters: pd.Series[int]

    @property
    def frame(self) -> pd.DataFrame:
        """One row per statistic: `value` and `p_value`."""
        return pd.DataFrame(
            {
                "value": [self.difference, self.rand],
                "p_value": [self.p_value, self.rand_p_value],
            },
            index=pd.Index(["difference", "adjusted Rand"], name="statistic"),
        )

    @property
    def summary(self) -> str:
        """The answer in words."""
        groups = ", ".join(f"{name} {size}" for name, size in self.sizes.items())
        how = "all" if self.exact else "a sample of"
        left = f" Left out: {', '.join(self.left_out)}." if self.left_out else ""
        return (
            f"Agreement averages {self.within:.2f} within groups ({groups}) and "
            f"{self.between:.2f} between them, a difference of {self.difference:+.2f} "
            f"({p_words(self.p_value)}, {how} {len(self.random)} relabelings). The clusters match "
            f"the groups with an adjusted Rand index of {self.rand:.2f} "
            f"({p_words(self.rand_p_value)}).{left}"
        )


def association(
    clusters: Clusters | Agreement | pd.DataFrame,
    groups: pd.Series[str] | Mapping[str, object],
    *,
    n_resamples: int = 9999,
    seed: Seed = 0,
) -> Association:
    """Ask whether agreement and clusters follow a grouping known from outside.

    Parameters
    ----------
    clusters : Clusters, Agreement or pandas.DataFrame
        Clusters with the agreement that they were made of; or agreement, which is then clustered
        by default.
    groups : Series or mapping
        The group of each actor; actors without one are left out.
    n_resamples : int
        How many relabelings to sample where there are too many to enumerate (over 20,000).
    seed : int or numpy.random.Generator
        Seed of the sample.

    Returns
    -------
    Association

    Raises
    ------
    ValueError, TypeError
        Unless at least two groups are left, and a pair within and a pair between them; if an actor
        has two groups, or `groups` is no Series or mapping.

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
    >>> result = cam.association(cam.agreement(meeting.tally()), groups)
    >>> len(result.random), result.exact
    (1716, True)
    """
    n = check_count("n_resamples", n_resamples)
    generator = check_seed(seed)
    if not isinstance(groups, pd.Series | Mapping):
        raise wrong_type("groups", "a Series or mapping of actors to groups", groups)
    if not isinstance(clusters, Clusters):
        if not isinstance(clusters, Agreement | pd.DataFrame):
            raise wrong_type("clusters", "Clusters, Agreement or a DataFrame of it", clusters)
        clusters = cluster(clusters)
    values = clusters.agreement.values.copy()
    np.fill_diagonal(values, np.nan)
    names = pd.Index(clusters.agreement.actors, dtype="str")
    group = pd.Series(groups, dtype=None if len(groups) else "object")
    group = group.set_axis(list(names_of(group.index, "actor"))).convert_dtypes().reindex(names)
    labels = clusters.labels
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
    draws = _enumerated(codes) if exact else (generator.permutation(codes) for _ in range(n))
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
        clusters=labels,
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
