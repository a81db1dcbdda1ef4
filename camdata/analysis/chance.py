"""Against chance: what tables of the same margins and no structure would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import Seed, check_choice, check_count, check_share
from camdata._display.progress import progress
from camdata._display.results import Result
from camdata._display.words import count, p_words
from camdata.analysis import trees as _trees
from camdata.analysis.measures import MEASURES, Agreement, again
from camdata.analysis.pairs import pairs_of_counts
from camdata.analysis.sampling import p_value, random_tables
from camdata.analysis.trees import Floats, Integers, LinkageMethod
from camdata.model.tally import Tally, as_tally

SETS = tuple(name for name, measure in MEASURES.items() if measure.family == "set")


@dataclass(frozen=True, eq=False, repr=False)
class ClusterChoice(Result):
    """How many clusters: the silhouettes of attainable cuts beside those of structureless tables.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `n_clusters`, the attainable cuts that have a silhouette: `silhouette`, and what
        random tables give at this number where they attain it: `expected` (mean), `low` and `high`
        (5th and 95th percentile), `attained` (share of the tables that attain it); `gap`
        (silhouette - expected), `error` (standard deviation of the random tables × √(1 + 1/n)),
        `standardized` (gap / standard deviation), and `considered` (bool: at least half of the
        random tables attain it). Also as `frame`.
    n_clusters : int
        The number chosen: the smallest one whose gap lies within `error` of the largest gap.
    largest : float
        The largest standardized gap; ``NaN`` where none is considered.
    random : numpy.ndarray
        The largest standardized gap of each random table.
    p_value : float
        One-sided: how often a random table does as well as `largest`, (r + 1) / (n + 1).
    alpha : float
        The level that `structured` is judged at.
    rule : str
        ``gap``, or ``silhouette`` where no number could be judged against chance.
    agreement : Agreement
        What was clustered.
    method : str
        The linkage.
    """

    table: pd.DataFrame
    n_clusters: int
    largest: float
    random: Floats
    p_value: float
    alpha: float
    rule: str
    agreement: Agreement
    method: str

    @property
    def frame(self) -> pd.DataFrame:
        return self.table

    @property
    def structured(self) -> bool:
        """Whether some number of clusters is beyond what structureless tables give."""
        return bool(self.p_value <= self.alpha)

    @property
    def verdict(self) -> str:
        """Whether there is structure beyond chance, and what the number then is."""
        if np.isnan(self.largest):
            return "no cut can be judged against chance, so the number is a convention"
        if self.structured:
            return f"structure beyond chance ({p_words(self.p_value)})"
        return (
            f"no structure beyond chance ({p_words(self.p_value)}), so the number is a convention"
        )

    @property
    def summary(self) -> str:
        """The number, why it was chosen, and how sure that is, in words."""
        if self.table.empty:
            return "No cut of these actors has a silhouette, so there is no structure to speak of."
        if np.isnan(self.largest):
            return f"{count(self.n_clusters, 'cluster')}: {self.verdict}."
        row = self.table.loc[self.n_clusters]
        return (
            f"{count(self.n_clusters, 'cluster')}: the smallest number whose silhouette exceeds "
            f"chance about as much as any (silhouette {row['silhouette']:.2f}, random tables with "
            f"the same margins {row['expected']:.2f}). The largest excess is "
            f"{self.largest:.1f} standard deviations; {len(self.random)} random tables reach as "
            f"much in {(self.random >= self.largest - 1e-9).mean():.0%} of cases: {self.verdict}."
        )


def cluster_choice(
    agreement: Agreement,
    n_resamples: int = 999,
    *,
    seed: Seed = 0,
    method: LinkageMethod = "average",
    alpha: float = 0.05,
) -> ClusterChoice:
    r"""Choose the number of clusters against chance, and ask whether there is any structure.

    Parameters
    ----------
    agreement : Agreement
        By a measure of sets (jaccard, dice, cosine, overlap), with its tally.
    n_resamples : int
        How many random tables.
    seed : int
        Seed of the random tables.
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
        For another measure, a table without a tally, or if nothing is recorded of at least two
        actors.

    Notes
    -----
    The random tables hold, for the actors of whom anything is recorded, as many positions as
    the actor has and as many actors as the position has (curveball, Strona et al. 2014,
    doi:10.1038/ncomms5114), and nothing else. For each attainable cut into k clusters the gap
    is its silhouette less the mean silhouette of the random tables at k, and s(k) their
    standard deviation there × :math:`\sqrt{1 + 1/n}`. Chosen is the smallest k whose gap lies
    within s of the largest gap. Cuts that fewer than half of the random tables attain are left
    out.

    This is the gap statistic of Tibshirani, Walther and Hastie (2001,
    doi:10.1111/1467-9868.00293) with silhouettes in place of the logarithm of the dispersion,
    tables of the same margins in place of uniform points, and one standard error around the
    largest gap in place of their comparison of k with k + 1. One cluster, which has no
    silhouette, cannot be chosen; "no structure beyond chance" is the answer in its place. The p
    value compares the largest gap, in standard deviations, with the largest of each random
    table, so that searching for the number is accounted for. Where it says that there is no
    structure, the number is a convention, mostly the smallest.

    How often each rule finds planted blocks (25 tables each; an actor holds half of the codes of
    its block and 12 % of the others; percent; ``python tests/benchmarks.py rules`` makes it):

    ============  ==================  ===========  =================  ===============
    blocks        largest silhouette  largest gap  gap of the next k  this rule
    ============  ==================  ===========  =================  ===============
    2 of 14 × 17  32                  40           84                 68
    3 of 14 × 17  8                   12           8                  36
    2 of 20 × 30  76                  76           92                 88
    3 of 20 × 30  20                  40           52                 52
    5 of 20 × 30  8                   8            0                  4
    4 of 40 × 40  20                  32           28                 28
    2 of 14 × 4   4                   32           92                 68
    ============  ==================  ===========  =================  ===============

    None finds many small blocks in small tables. The rule of the next k is better at two blocks and
    hardly ever finds three in small tables, since it stops at the first number that is not beaten.

    Examples
    --------
    >>> import camdata as cam
    >>> choice = cam.cluster_choice(cam.agreement(cam.load_meeting().tally()), 199)
    >>> choice.n_clusters, choice.structured
    (2, False)
    """
    check_choice("method", method, ("average", "complete"))
    n = check_count("n_resamples", n_resamples)
    check_share("alpha", alpha)
    tally = tally_of(agreement)
    if agreement.measure not in SETS:
        raise ValueError(
            f"Random tables are drawn for measures of sets ({', '.join(SETS)}), not for "
            f"{agreement.label}."
        )
    table = held_of(tally)
    if len(table) < 2:
        raise ValueError("At least two actors with a recorded position are needed.")
    numbers, observed, fallback = _silhouettes(table, agreement, method)
    scored = ~np.isnan(observed)
    numbers, observed = numbers[scored], observed[scored]
    curves = np.full((n, len(numbers)), np.nan)
    place = {int(k): i for i, k in enumerate(numbers)}
    tables = progress(random_tables(table, n, seed), "random tables", n)
    for i, drawn in enumerate(tables):
        found, scores, _ = _silhouettes(drawn, agreement, method)
        for k, score in zip(found.tolist(), scores.tolist(), strict=True):
            if k in place:
                curves[i, place[k]] = score
    rule, chosen = "gap", fallback
    frame = _judged(numbers, observed, curves)
    considered = frame["considered"].to_numpy(dtype=bool)
    largest, random, p = float("nan"), np.zeros(n), 1.0
    if considered.any():
        chosen = _smallest(frame[considered])
        largest = float(frame.loc[considered, "standardized"].max())
        deviation = np.nanstd(curves[:, considered], axis=0, ddof=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            each = (
                curves[:, considered] - frame.loc[considered, "expected"].to_numpy()
            ) / deviation
        random = np.max(np.where(np.isfinite(each), each, -np.inf), axis=1)
        p = p_value(largest, random)
    else:
        rule = "silhouette"
    return ClusterChoice(frame, chosen, largest, random, p, float(alpha), rule, agreement, method)


def _judged(numbers: Integers, observed: Floats, curves: Floats) -> pd.DataFrame:
    """Return the table of cuts beside what the random tables give at the same numbers."""
    n = len(curves)
    index = pd.Index(numbers, name="n_clusters", dtype="int64")
    rows = []
    for score, curve in zip(observed, curves.T, strict=True):
        values = curve[~np.isnan(curve)]
        if len(values) < 2:
            rows.append((score, *[np.nan] * 3, len(values) / n, *[np.nan] * 3, False))
            continue
        low, high = np.quantile(values, [0.05, 0.95])
        expected, deviation = float(values.mean()), float(values.std(ddof=1))
        gap = score - expected
        standardized = gap / deviation if deviation > 0 else np.nan
        error = deviation * np.sqrt(1 + 1 / len(values))
        enough = len(values) >= n / 2 and deviation > 0
        share = len(values) / n
        rows.append((score, expected, low, high, share, gap, error, standardized, enough))
    columns = ["silhouette", "expected", "low", "high", "attained", "gap", "error"]
    columns += ["standardized", "considered"]
    dtypes = {**dict.fromkeys(columns, "float64"), "considered": "bool"}
    return pd.DataFrame(rows, index, columns).astype(dtypes)


def _smallest(table: pd.DataFrame) -> int:
    """Return the smallest number whose gap lies within its error of the largest gap."""
    gap, error = (table[name].to_numpy(dtype=np.float64) for name in ("gap", "error"))
    largest = int(gap.argmax())
    within = gap >= gap[largest] - error[largest] - _trees.TIE
    return int(table.index[within][0])


def held_of(tally: Tally) -> NDArray[np.bool_]:
    """Return who holds what as an array, actors and positions in alphabetical order.

    Actors of whom nothing is recorded are left out. The order makes draws independent of that of
    rows and columns.
    """
    held = tally.held.sort_index().sort_index(axis="columns")
    table = held.to_numpy(dtype=bool)
    return table[table.any(axis=1)]


def tally_of(agreement: Agreement) -> Tally:
    """Return what an agreement compares, or raise that it is a table of the user's own."""
    if not isinstance(agreement, Agreement):
        raise TypeError(f"Expected agreement, got {type(agreement).__name__}.")
    if agreement.tally is None:
        raise ValueError(
            "This agreement is a table of your own, of which the statements are not known: make it "
            "with camdata.agreement(tally)."
        )
    return agreement.tally


def _silhouettes(
    table: NDArray[np.bool_], agreement: Agreement, method: LinkageMethod
) -> tuple[Integers, Floats, int]:
    """Return the attainable cuts of a table, their silhouettes, and the best of them."""
    pairs = pairs_of_counts(table[:, :, None].astype(np.float64), (1.0,))
    distance, _ = _trees.distances(again(agreement, pairs))
    numbers, _, scores, best = _trees.best_cut(distance, _trees.link(distance, method))
    return np.array(numbers), scores, best


@dataclass(frozen=True, eq=False, repr=False)
class NullModel(Result):
    """What pairs of actors share, against random tables with the same margins.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per pair of actors of whom anything is recorded, in speaking order: `actor`,
        `other`, `shared` (int, positions held with the same stance), `expected` (float, the mean
        of the random tables), `p_value` (one-sided, (r + 1) / (n + 1)), `p_adjusted` (Benjamini-
        Hochberg over all pairs) and `significant` (bool). Also as `frame`.
    alpha : float
        The false discovery rate.
    n_resamples : int
        How many random tables.
    tally : Tally
        The positions.
    """

    table: pd.DataFrame
    alpha: float
    n_resamples: int
    tally: Tally

    @property
    def frame(self) -> pd.DataFrame:
        return self.table

    @property
    def backbone(self) -> pd.DataFrame:
        """The pairs that share significantly more than chance would give; often none."""
        table = self.table
        return table[table["significant"]].reset_index(drop=True)

    @property
    def summary(self) -> str:
        """The answer in words."""
        number, kept = len(self.table), len(self.backbone)
        if number == 0:
            return "There are no two actors to compare."
        smallest = f"the smallest adjusted {p_words(self.table['p_adjusted'].min())}"
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


def null_model(
    tally: Tally | pd.DataFrame, n_resamples: int = 9999, *, seed: Seed = 0, alpha: float = 0.05
) -> NullModel:
    """Ask whether two actors share more than their activity and the positions' popularity give.

    Parameters
    ----------
    tally : Tally or pandas.DataFrame
        As for `camdata.agreement`; actors of whom nothing is recorded are left out.
    n_resamples : int
        How many random tables.
    seed : int or numpy.random.Generator
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
    >>> result = cam.null_model(cam.load_meeting().tally("code"), 999)
    >>> len(result.frame), len(result.backbone)
    (78, 0)
    """
    n = check_count("n_resamples", n_resamples)
    check_share("alpha", alpha)
    tally = as_tally(tally)
    held = tally.held
    order = held.index[held.any(axis="columns")]
    table = held.loc[order].sort_index().sort_index(axis="columns")
    values = table.to_numpy(dtype=bool)
    observed = _shared(values)
    reached, total = np.zeros(observed.shape), np.zeros(observed.shape)
    for drawn in progress(random_tables(values, n, seed), "random tables", n):
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
    return NullModel(pairs, alpha, n, tally)


def _shared(table: NDArray[np.bool_]) -> Floats:
    numbers = table.astype(np.float64)
    return np.asarray(numbers @ numbers.T)
