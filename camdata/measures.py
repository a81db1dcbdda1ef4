"""How much two actors agree: every measure of the field, from the tally, by matrix algebra."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata.positions import as_tally
from camdata.schema import check_choice

Matrix = NDArray[np.float64]
Method = Literal[
    "jaccard",
    "dice",
    "cosine",
    "overlap",
    "congruence",
    "conflict",
    "subtract",
    "matching",
    "s",
    "pi",
    "kappa",
]
Normalization = Literal["average"] | None


@dataclass(frozen=True)
class Counts:
    """A tally as an array: what every measure is computed from, and what resampling changes.

    Attributes
    ----------
    values : numpy.ndarray
        Statements, actors × codes × stances.
    stances : tuple of float
        The stances, in the order of the last axis.
    """

    values: Matrix
    stances: tuple[float, ...]

    @property
    def by_stance(self) -> dict[float, Matrix]:
        """The counts of each stance, actors × codes."""
        return {stance: self.values[:, :, k] for k, stance in enumerate(self.stances)}

    @property
    def range(self) -> float:
        """The distance between the two stances furthest apart."""
        return max(self.stances, default=0.0) - min(self.stances, default=0.0)

    def __len__(self) -> int:
        return len(self.values)


def as_counts(tally: pd.DataFrame) -> Counts:
    """Return a tally as an array; pairs of code and stance without a column count 0."""
    keys, stances = tally.columns.get_level_values(0), tally.columns.get_level_values("stance")
    order, levels = keys.drop_duplicates(), stances.drop_duplicates()
    values = np.zeros((len(tally), len(order), len(levels)))
    values[:, order.get_indexer(keys), levels.get_indexer(stances)] = tally.to_numpy(
        dtype="float64"
    )
    return Counts(values, tuple(float(level) for level in levels))


@dataclass(frozen=True)
class Measure:
    """What a measure is made of: its family, its name for charts, and how it is computed."""

    family: Literal["set", "count", "rating"]
    label: str
    compute: Callable[[Counts], Matrix]


def _product(left: Matrix, right: Matrix) -> Matrix:
    """Return ``left @ right.T``, through sparse matrices where they are large and mostly empty."""
    if left.size > 10_000_000 and np.count_nonzero(left) < 0.02 * left.size:
        from scipy import sparse

        product = sparse.csr_array(left) @ sparse.csr_array(right).T
        return np.asarray(product.toarray(), dtype=np.float64)
    return np.asarray(left @ right.T, dtype=np.float64)


def _divide(top: Matrix, bottom: Matrix) -> Matrix:
    """Divide, 0/0 being NaN."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(bottom > 0, top / bottom, np.nan)


# sets of position-and-stance pairs


def _shared_and_sizes(counts: Counts) -> tuple[Matrix, Matrix, Matrix]:
    held = (counts.values > 0).astype(np.float64)
    held = held.reshape(len(counts), held.shape[1] * held.shape[2])
    size = held.sum(axis=1)
    return _product(held, held), size[:, None], size[None, :]


def _where_both(value: Matrix, a: Matrix, b: Matrix) -> Matrix:
    """Keep `value` where something is recorded of both: else there is nothing to compare."""
    return np.where((a > 0) & (b > 0), value, np.nan)


def _jaccard(counts: Counts) -> Matrix:
    shared, a, b = _shared_and_sizes(counts)
    return _where_both(_divide(shared, a + b - shared), a, b)


def _dice(counts: Counts) -> Matrix:
    shared, a, b = _shared_and_sizes(counts)
    return _where_both(_divide(2 * shared, a + b), a, b)


def _cosine(counts: Counts) -> Matrix:
    shared, a, b = _shared_and_sizes(counts)
    return _divide(shared, np.sqrt(a * b))


def _overlap(counts: Counts) -> Matrix:
    shared, a, b = _shared_and_sizes(counts)
    return _divide(shared, np.minimum(a, b))


# counts of statements on the same code


def _distance_sum(levels: dict[float, Matrix], size: int) -> Matrix:
    """Sum the distances of two actors' stances over codes: Σ |k - l| · left_k right_lᵀ."""
    total = np.zeros((size, size))
    for k, a in levels.items():
        for m, b in levels.items():
            if k != m:
                total += abs(k - m) * _product(a, b)
    return total


def _conflict(counts: Counts) -> Matrix:
    total = _distance_sum(counts.by_stance, len(counts))
    return total / counts.range if counts.range > 0 else total


def _congruence(counts: Counts) -> Matrix:
    total = counts.values.sum(axis=2)
    return _product(total, total) - _conflict(counts)


def _subtract(counts: Counts) -> Matrix:
    return _congruence(counts) - _conflict(counts)


# ratings of the codes that both actors are recorded on


def _ratings(counts: Counts) -> dict[float, Matrix]:
    """Return, for each rating, which actors hold it on which code (0 or 1).

    The rating of a code is the mean of the stances recorded on it, so both ways is 0.
    """
    present = (counts.values > 0).astype(np.float64)
    rating = _divide(present @ np.array(counts.stances), present.sum(axis=2))
    values = np.unique(rating[~np.isnan(rating)])
    return {float(value): (rating == value).astype(np.float64) for value in values}


def shared_codes(counts: Counts) -> Matrix:
    """Count, for each pair, the codes on which both are recorded, whatever their stances."""
    held = (counts.values.sum(axis=2) > 0).astype(np.float64)
    return _product(held, held)


def _matching(counts: Counts) -> Matrix:
    same = np.zeros((len(counts), len(counts)))
    for held in _ratings(counts).values():
        same += _product(held, held)
    return _divide(same, shared_codes(counts))


def _s(counts: Counts) -> Matrix:
    apart = _distance_sum(_ratings(counts), len(counts))
    furthest = shared_codes(counts) * max(counts.range, 1)
    return 1 - 2 * _divide(apart, furthest)


def _chance_corrected(counts: Counts, pooled: bool) -> Matrix:
    """Return 1 - observed / expected distance, expected from each actor's own or pooled ratings."""
    ratings = _ratings(counts)
    recorded = (counts.values.sum(axis=2) > 0).astype(np.float64)
    # own[k][a, b]: on how many of the codes shared with b does a hold rating k
    own = {level: _product(held, recorded) for level, held in ratings.items()}
    other = {level: number.T for level, number in own.items()}
    if pooled:
        own = other = {level: (own[level] + other[level]) / 2 for level in own}
    expected = np.zeros((len(counts), len(counts)))
    for k, a in own.items():
        for m, b in other.items():
            expected += abs(k - m) * a * b
    expected = np.nan_to_num(_divide(expected, shared_codes(counts)))
    return 1 - _divide(_distance_sum(ratings, len(counts)), expected)


def _pi(counts: Counts) -> Matrix:
    return _chance_corrected(counts, pooled=True)


def _kappa(counts: Counts) -> Matrix:
    return _chance_corrected(counts, pooled=False)


MEASURES: dict[str, Measure] = {
    "jaccard": Measure("set", "Jaccard coefficient", _jaccard),
    "dice": Measure("set", "Dice coefficient", _dice),
    "cosine": Measure("set", "cosine (Ochiai) coefficient", _cosine),
    "overlap": Measure("set", "overlap coefficient", _overlap),
    "congruence": Measure("count", "congruence", _congruence),
    "conflict": Measure("count", "conflict", _conflict),
    "subtract": Measure("count", "congruence minus conflict", _subtract),
    "matching": Measure("rating", "simple matching", _matching),
    "s": Measure("rating", "S", _s),
    "pi": Measure("rating", "Scott's pi", _pi),
    "kappa": Measure("rating", "Cohen's kappa", _kappa),
}
"""Every method of `agreement`, with its family and what charts call it."""


def agreement(
    positions: pd.DataFrame,
    method: Method = "jaccard",
    *,
    normalization: Normalization = None,
    min_shared: int = 1,
) -> pd.DataFrame:
    r"""Measure how much each pair of actors agrees.

    Parameters
    ----------
    positions : pandas.DataFrame
        Positions (actors × codes or dimensions; 1, -1, 0 for both, missing for nothing recorded)
        or a tally (actors × (code or dimension, stance), counts). Counts and stances other than 1
        and -1 need the tally.
    method : str
        With :math:`A, B` the sets of position-and-stance pairs of two actors:

        ==============  ============================================================  =========
        method          formula                                                       range
        ==============  ============================================================  =========
        ``jaccard``     :math:`|A \cap B| / |A \cup B|` [1]_                          0 to 1
        ``dice``        :math:`2 |A \cap B| / (|A| + |B|)` [2]_                       0 to 1
        ``cosine``      :math:`|A \cap B| / \sqrt{|A| |B|}` (Ochiai) [3]_             0 to 1
        ``overlap``     :math:`|A \cap B| / \min(|A|, |B|)` [4]_                      0 to 1
        ==============  ============================================================  =========

        With :math:`n_{ack}` the statements of actor a on code c with stance k, R the range of the
        stances and :math:`w_{kl} = 1 - |k - l| / R` [5]_:

        ==============  ============================================================  =========
        ``congruence``  :math:`\sum_{c,k,l} w_{kl}\, n_{ack} n_{bcl}`                 0 and up
        ``conflict``    :math:`\sum_{c,k,l} (1 - w_{kl})\, n_{ack} n_{bcl}`           0 and up
        ``subtract``    congruence - conflict                                         any
        ==============  ============================================================  =========

        With x and y the ratings of the m codes on which both actors are recorded:

        ==============  ============================================================  =========
        ``matching``    share of the m codes with :math:`x = y` [6]_                  0 to 1
        ``s``           :math:`1 - 2 \sum |x - y| / (m R)` [7]_                       -1 to 1
        ``pi``          :math:`1 - D_o / D_e`, :math:`D_e` from pooled ratings [8]_   up to 1
        ``kappa``       the same, :math:`D_e` from each actor's own ratings [9]_      up to 1
        ==============  ============================================================  =========

        where :math:`D_o, D_e` are the observed and expected mean of :math:`|x - y|`, as Häge [10]_
        proposes for the similarity of states.
    normalization : {None, "average"}
        For the counts: ``"average"`` divides by the mean of the two actors' numbers of statements
        (Leifeld's average activity).
    min_shared : int
        For the ratings: pairs recorded together on fewer codes than this are ``NaN``.

    Returns
    -------
    pandas.DataFrame
        Actors × actors, both axes named ``actor``, float64, symmetric. ``NaN`` where there is
        nothing to compare: an actor of whom nothing is recorded with anyone, and for the ratings a
        pair without a jointly recorded code (or where chance leaves nothing to tell apart, 0/0).
        The diagonal of the counts is 0.

    Raises
    ------
    ValueError
        For an unknown method, a normalization of a measure that is bounded already, `min_shared`
        with another family than the ratings, or a table that holds anything else than positions or
        counts.

    See Also
    --------
    camdata.cluster : clusters of actors from this table.

    Notes
    -----
    Silence is what the families differ in. Joint silence (neither actor is recorded on a code) is
    ignored by all of them. One-sided silence lowers the set measures, since a pair that only one
    holds adds to the union or to a size (overlap: only where it is the smaller set's); it adds
    nothing to the counts and is ignored by the ratings, which therefore say nothing about how much
    the two have in common.

    A position recorded both ways enters the set measures as both pairs, and is the rating 0, which
    in ``matching`` agrees with another 0 only.

    Discourse Network Analyzer's normalisations called Jaccard and cosine are not the coefficients
    of these names: there, products of counts are divided by functions of the actors' totals. Here
    both are the coefficients of sets.

    References
    ----------
    .. [1] Jaccard (1912), doi:10.1111/j.1469-8137.1912.tb05611.x
    .. [2] Dice (1945), doi:10.2307/1932409
    .. [3] Ochiai (1957), doi:10.2331/suisan.22.526
    .. [4] Simpson (1960), "Notes on the measurement of faunal resemblance",
       American Journal of Science 258-A, 300-311
    .. [5] Leifeld (2017), doi:10.1093/oxfordhb/9780190228217.013.25
    .. [6] Sokal & Michener (1958), "A statistical method for evaluating systematic
       relationships", University of Kansas Science Bulletin 38, 1409-1438
    .. [7] Signorino & Ritter (1999), doi:10.1111/0020-8833.00113
    .. [8] Scott (1955), doi:10.1086/266577
    .. [9] Cohen (1960), doi:10.1177/001316446002000104
    .. [10] Häge (2011), doi:10.1093/pan/mpr023

    Examples
    --------
    >>> import camdata as cam
    >>> positions = cam.load_meeting().positions()
    >>> cam.agreement(positions).loc[["Canada", "Bolivia"], ["Uruguay", "Paraguay"]]
    actor    Uruguay  Paraguay
    actor
    Canada       1.0  0.666667
    Bolivia      NaN       NaN

    Ratings need opposition to tell anything apart. Four bills, of which C did not vote on the last:

    >>> import pandas as pd
    >>> votes = pd.DataFrame(
    ...     {"b1": [1, 1, -1], "b2": [1, -1, -1], "b3": [-1, -1, 1], "b4": [1, 1, None]},
    ...     index=["A", "B", "C"],
    ... )
    >>> cam.agreement(votes, "matching").loc["A"].round(2).to_dict()
    {'A': 1.0, 'B': 0.75, 'C': 0.0}
    >>> cam.agreement(votes, "s").loc["A"].round(2).to_dict()
    {'A': 1.0, 'B': 0.5, 'C': -1.0}
    >>> cam.agreement(votes, "kappa").loc["A"].round(2).to_dict()
    {'A': 1.0, 'B': 0.5, 'C': -0.8}
    >>> cam.agreement(votes, "pi").loc["A"].round(2).to_dict()
    {'A': 1.0, 'B': 0.47, 'C': -1.0}
    >>> cam.agreement(votes, "s", min_shared=4).loc["A"].round(2).to_dict()
    {'A': 1.0, 'B': 0.5, 'C': nan}
    """
    check_choice("method", method, MEASURES)
    check_choice("normalization", normalization, (None, "average"))
    measure = MEASURES[method]
    if normalization is not None and measure.family != "count":
        raise ValueError(
            f"`normalization` is for the counts (congruence, conflict, subtract); {method!r} is "
            "bounded already."
        )
    if min_shared != 1 and measure.family != "rating":
        raise ValueError(
            f"`min_shared` is for the ratings (matching, s, pi, kappa), not {method!r}."
        )
    tally = as_tally(positions)
    values = measure_values(as_counts(tally), method, normalization, min_shared)
    actors = pd.Index(tally.index, name="actor")
    result = pd.DataFrame(values, index=actors, columns=actors)
    result.attrs = {**tally.attrs, "method": method}
    if normalization is not None:
        result.attrs["normalization"] = normalization
    return result


def measure_values(
    counts: Counts,
    method: Method,
    normalization: Normalization = None,
    min_shared: int = 1,
) -> Matrix:
    """Compute a measure on an array of counts; `agreement` without its checks and labels."""
    measure = MEASURES[method]
    values = measure.compute(counts)
    if measure.family == "count":
        total = counts.values.sum(axis=(1, 2))
        if normalization == "average":
            values = _divide(values, (total[:, None] + total[None, :]) / 2)
        np.fill_diagonal(values, 0.0)
        values[total == 0, :] = np.nan
        values[:, total == 0] = np.nan
    elif measure.family == "rating" and min_shared > 1:
        values = np.where(shared_codes(counts) >= min_shared, values, np.nan)
    return values


def is_bounded(agreement: pd.DataFrame) -> bool:
    """Say whether agreement lies between 0 and 1: by its measure, or by its values if unknown."""
    method = agreement.attrs.get("method")
    counted = method in MEASURES and MEASURES[method].family == "count"
    if counted and agreement.attrs.get("normalization") is None:
        return False
    values = agreement.to_numpy(dtype="float64", copy=True)
    np.fill_diagonal(values, np.nan)
    finite = values[~np.isnan(values)]
    return bool(finite.size == 0 or (finite.min() >= 0 and finite.max() <= 1))


def measure_label(agreement: pd.DataFrame) -> str:
    """Return what charts call the measure of a table; "agreement" where it is not known."""
    method = agreement.attrs.get("method")
    return MEASURES[method].label if method in MEASURES else "agreement"
