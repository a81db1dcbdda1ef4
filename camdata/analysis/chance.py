"""Against chance: is there any structure, how many clusters, which pairs share more."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from camdata._display import checks
from camdata._display.checks import Seed
from camdata._display.results import Result
from camdata._display.words import count, decimals, p_words, percent
from camdata.analysis import null as nulls
from camdata.analysis import trees as _trees
from camdata.analysis.measures import Agreement
from camdata.analysis.null import ChanceResult, Null, p_value, random_tables, shuffled
from camdata.analysis.pairs import pairs_of_counts
from camdata.analysis.trees import TIE, Floats, Integers, LinkageMethod
from camdata.model.tally import Tally, as_tally

ALPHA = 0.05
"""The level at which the words of a result speak of structure."""
MOST_NUMBERS = 30
"""The largest number of clusters that is chosen."""
PLANTED = 199
"""How many tables with planted blocks the power is found with; a quarter above 30 actors."""
EXPLAINED = 0.9
"""Where totals explain this much of who agrees with whom, a test can't tell blocs from them."""


@dataclass(frozen=True, eq=False, repr=False)
class Structure(ChanceResult):
    """Whether an agreement has more structure than random tables with the same totals.

    Attributes
    ----------
    statistic : float
        The largest eigenvalue of the double-centred agreement: how much of it one contrast between
        actors carries.
    random : numpy.ndarray
        The statistic of each random table.
    planted : numpy.ndarray
        The statistic of tables with the same totals in which two clear blocks were planted.
    p_value : float
        One-sided, (r + 1) / (n + 1).
    explained : float
        How much of the differences in agreement between pairs the totals explain: 1 minus the mean
        squared deviation of agreement from its mean in random tables, divided by its variance; at
        most 1, and negative where the totals mislead. ``NaN`` where all pairs are alike.
    null : {"positions", "sides"}
        What the random tables shuffle.
    agreement : Agreement
        What was tested.

    Examples
    --------
    >>> import camdata as cam
    >>> cam.structure(cam.agreement(cam.load_meeting().tally("code")), 199).p_value > 0.05
    True
    """

    statistic: float
    random: Floats
    planted: Floats
    p_value: float
    explained: float
    null: Null
    agreement: Agreement

    @property
    def power(self) -> float:
        """The share of tables with two planted blocks that this test finds at 5 %."""
        reached = (self.random >= self.planted[:, None] - TIE).sum(axis=1)
        return float(((reached + 1) / (self.n_resamples + 1) <= ALPHA).mean())

    @property
    def frame(self) -> pd.DataFrame:
        """One row: `statistic`, `expected`, `p_value`, `p_low`, `p_high`, `power`, `tables`."""
        columns = ["statistic", "expected", "p_value", "p_low", "p_high", "power", "tables"]
        values = (self.statistic, float(self.random.mean()), self.p_value, *self.p_range)
        return pd.DataFrame([(*values, self.power, self.n_resamples)], columns=columns)

    @property
    def summary(self) -> str:
        """The answer, and what the test could have found, in words."""
        found = self.p_value <= ALPHA
        answer = "structure: some actors agree more" if found else "no more structure"
        doubt = "" if found else ", which is no evidence that there is none"
        lines = [
            f"This test would find two clear blocks in {percent(self.power)} of tables like this "
            f"one. Here it finds {answer} than chance gives ({p_words(self.p_value)}, the share of "
            f"random tables with as much structure){doubt}."
        ]
        tally = self.agreement.tally
        if self.p_value > ALPHA and self.explained >= EXPLAINED and tally is not None:
            lines.append(
                f"The totals of actors and codes alone explain {percent(self.explained)} of who "
                "agrees with whom, so that the test can't tell blocs from totals."
                f"{nulls.say_alike(tally.dense(), tally.actors)}"
            )
        lines.append(
            f"{self.agreement.label}; {shuffled(self.n_resamples, self.null)}. Two clear blocks: "
            "half of the actors on half of the codes, with odds of 80% inside and 15% outside, as "
            f"far as the totals allow ({count(len(self.planted), 'table')})."
        )
        return "\n".join(lines)


def structure(
    agreement: Agreement,
    n_resamples: int | None = None,
    *,
    null: Null | None = None,
    seed: Seed = 0,
) -> Structure:
    """Ask whether there is any structure: do some actors agree more than chance gives?

    Parameters
    ----------
    agreement : Agreement
        By any measure, made from a tally.
    n_resamples : int, optional
        How many random tables; by default 999, or 199 above 30 actors.
    null : {"positions", "sides"}, optional
        ``positions`` shuffles who takes which positions; ``sides`` holds who speaks on what and
        shuffles the sides that are taken. These are two questions. By default ``sides`` for
        matching, s, pi and kappa, and ``positions`` for all others.
    seed : int or numpy.random.Generator
        Of the random tables.

    Returns
    -------
    Structure

    Raises
    ------
    ValueError
        If no random tables can be drawn; the error says why.

    Notes
    -----
    The statistic needs no clusters: the largest eigenvalue of the agreement whose rows and columns
    have had their means taken off (undefined pairs take the mean of all). Random tables keep how
    many of each category every actor and every code has (`camdata.analysis.null`). On structureless
    tables (coin-flip votes, yes-sayers, Likert scales, support only, unequal activity) the test
    rejects in 4 to 6 % at the 5 % level: ``python tests/benchmarks.py inference``.

    The power is that for two blocks of half of the actors and half of the codes, with positions
    taken with odds of 0.8 inside to 0.15 outside, planted in 199 tables with the same totals (49
    above 30 actors).

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.structure(cam.agreement(cam.load_meeting().tally("code")), 199)
    >>> result.p_value > 0.05, result.n_resamples
    (True, 199)
    """
    _check_agreement(agreement)
    generator = checks.check_seed(seed)
    drawn = random_tables(agreement, n_resamples, null=null, seed=generator)
    values = drawn.values(agreement)
    found = nulls.first_eigenvalues(values)
    groups = agreement.tally.groups if agreement.tally is not None else None
    dimension = None if groups is None else np.unique(groups, return_inverse=True)[1]
    number = PLANTED if len(drawn.actors) <= 30 else PLANTED // 4
    tilt = nulls.blocks(drawn.tables[0], number, generator, dimension)
    tables = nulls.draw(drawn.tables[0], number, drawn.null, generator, tilt)
    planted = nulls.first_eigenvalues(replace(drawn, tables=tables).values(agreement))[1:]
    a, b = np.triu_indices(values.shape[-1], 1)
    explained = nulls.explained(values[0, a, b], values[1:, a, b].mean(axis=0))
    p = p_value(found)
    return Structure(float(found[0]), found[1:], planted, p, explained, drawn.null, agreement)


def _check_agreement(agreement: object) -> None:
    if not isinstance(agreement, Agreement):
        raise checks.wrong_type("agreement", "an Agreement (from camdata.agreement)", agreement)


@dataclass(frozen=True, eq=False, repr=False)
class ClusterChoice(ChanceResult):
    """How many clusters: the silhouettes of a tree's cuts beside those of random tables.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `n_clusters`, numbers from 2 to half of the actors (30 at most) that the tree can be
        cut into:
        `silhouette`; of all tables, the observed one included, `expected` (mean), `deviation`
        (standard deviation), `attained` (share whose tree has such a cut); of the random ones `low`
        and `high` (5th and 95th percentile); `excess` (silhouette - expected, in deviations) and
        `considered` (bool: at least half of all tables have such a cut). Also as `frame`.
    n_clusters : int
        The number chosen: the smallest whose silhouette exceeds chance as much as the largest
        excess less one deviation. Where there is no test, because random tables have clusters
        exactly as clear or seldom a cut into so many, the number with the largest silhouette; 1
        where the tree has no cut.
    largest : float
        The largest excess; ``NaN`` where no number is considered.
    random : numpy.ndarray
        The largest excess of each random table.
    p_value : float
        One-sided: how often a random table does as well as `largest`; ``NaN`` as above.
    null : {"positions", "sides"}
        What the random tables shuffle.
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
    null: Null
    agreement: Agreement
    method: str

    @property
    def is_clear(self) -> bool:
        """Whether some number of clusters is clearer than random tables give, at 5 %."""
        return bool(self.p_value <= ALPHA)

    @property
    def verdict(self) -> str:
        """Whether the clusters are clearer than chance gives, in one sentence."""
        if np.isnan(self.largest):
            if self.table.empty:
                return "There are no clusters to speak of: the tree has no cut to compare."
            return (
                "There is no test: random tables have clusters exactly as clear, or seldom a cut "
                f"into so many. {self.n_clusters} are the clearest."
            )
        how = "clearer" if self.is_clear else "no clearer"
        choice = "" if self.is_clear else "; the number of clusters is a choice"
        return (
            f"The clusters are {how} than in random tables with the same totals "
            f"({p_words(self.p_value)}, the share of random tables with clusters as clear){choice}."
        )

    @property
    def summary(self) -> str:
        """The number, why it was chosen, and how sure that is, in words."""
        if np.isnan(self.largest):
            return self.verdict
        own, random = self.table[["silhouette", "expected"]].T[self.n_clusters].tolist()
        why = "the smallest number whose silhouette exceeds chance about as much as any"
        if self.largest <= 0:
            why = "no number does better than random tables, and this one is the least bad"
        return (
            f"{count(self.n_clusters, 'cluster')}: {why} (silhouette {decimals(own)}, in random "
            f"tables {decimals(random)}; 1 is perfectly separate).\n{self.verdict}\n"
            f"{shuffled(self.n_resamples, self.null)}."
        )


def cluster_choice(
    agreement: Agreement,
    n_resamples: int | None = None,
    *,
    method: LinkageMethod = "average",
    null: Null | None = None,
    seed: Seed = 0,
) -> ClusterChoice:
    r"""Choose the number of clusters against chance, and ask how clear the clusters are.

    Parameters
    ----------
    agreement : Agreement
        Between 0 and 1, made from a tally.
    n_resamples, null, seed
        As for `camdata.structure`.
    method : {"average", "complete"}
        The linkage.

    Returns
    -------
    ClusterChoice

    Raises
    ------
    ValueError
        If agreement is no distance, or no random tables can be drawn; the error says why.

    Notes
    -----
    Each table, the observed one among them, is scored by the silhouettes of the cuts of its own
    tree, from 2 clusters to half of the actors (more are mostly singletons), and no more than 30.
    Numbers that fewer than half of the tables attain are left out. Scores are standardised over all
    tables together, so that the observed one is exchangeable with the others where there is no
    structure, and the p value compares its largest excess with each table's largest: searching for
    the number is accounted for. Chosen is the smallest number whose silhouette lies within one
    standard deviation of the largest excess over the mean. This is the gap statistic of Tibshirani,
    Walther & Hastie (2001, doi:10.1111/1467-9868.00293) with silhouettes in place of dispersions
    and tables that could have occurred in place of uniform points.

    One cluster has no silhouette and is never chosen against others. How often the test rejects,
    with and without structure, is printed by ``python tests/benchmarks.py inference``.

    Examples
    --------
    >>> import camdata as cam
    >>> choice = cam.cluster_choice(cam.agreement(cam.load_meeting().tally()))
    >>> choice.n_clusters, choice.is_clear
    (2, False)
    """
    _check_agreement(agreement)
    checks.check_choice("method", method, ("average", "complete"))
    agreement.check_distance()
    drawn = random_tables(agreement, n_resamples, null=null, seed=seed)
    values = drawn.values(agreement)
    placed, _ = _trees.find_placed(values[0])
    values = values[:, placed][:, :, placed]
    numbers = np.arange(2, min(max(len(values[0]) // 2, 2), MOST_NUMBERS) + 1)
    curves = np.full((len(values), len(numbers)), np.nan)
    if len(values[0]) > 2:
        curves = _silhouettes(values, numbers.tolist(), method)
    return _chosen(curves, numbers, drawn.null, agreement, method)


def _silhouettes(values: Floats, numbers: list[int], method: LinkageMethod) -> Floats:
    """Return the silhouettes of every table's own cuts, tables × numbers, NaN where none."""
    parts = []
    for part in np.array_split(values, values.size // nulls.CHUNK + 1):
        distance, _ = _trees.distances(part)
        labels = _trees.link(distance, method).cut(numbers)
        parts.append(_trees.silhouettes(distance, labels))
    return np.concatenate(parts)


def _chosen(
    curves: Floats, numbers: Integers, null: Null, agreement: Agreement, method: str
) -> ClusterChoice:
    """Judge the observed curve, which is the first, among those of all tables."""
    attained = (~np.isnan(curves)).mean(axis=0)
    observed = curves[0]
    filled = np.where(attained > 0, curves, 0.0)  # no mean of nothing
    expected, deviation = np.nanmean(filled, axis=0), np.nanstd(filled, axis=0)
    # deviations are of all tables, so that dividing by n or n - 1 changes no rank
    considered = (attained >= 0.5) & (deviation > TIE)
    low, high = np.nanquantile(filled, [0.05, 0.95], axis=0)
    excess = np.where(considered, (curves - expected) / np.where(considered, deviation, 1), np.nan)
    own = considered & ~np.isnan(observed)
    largest = np.where(np.isnan(excess), -np.inf, excess).max(axis=1, initial=-np.inf)
    curve = {"silhouette": observed, "expected": expected, "deviation": deviation}
    table = pd.DataFrame(curve, pd.Index(numbers, name="n_clusters"))
    table = table.assign(attained=attained, low=low, high=high, excess=excess[0])
    table = table.assign(considered=considered)[~np.isnan(observed)]
    chosen, p, most = 1, float("nan"), float("nan")
    if own.any():
        gap = np.where(own, observed - expected, -np.inf)
        best = int(np.where(own, excess[0], -np.inf).argmax())
        within = own & (gap >= gap[best] - deviation[best] - TIE)
        chosen, p, most = int(numbers[within][0]), p_value(largest), float(largest[0])
    elif (~np.isnan(observed)).any():
        chosen = int(numbers[np.nanargmax(observed)])
    return ClusterChoice(table, chosen, most, largest[1:], p, null, agreement, method)


@dataclass(frozen=True, eq=False, repr=False)
class NullModel(Result):
    """What pairs of actors share, against random tables with the same totals.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per pair of actors with a recorded position: `actor`, `other`, `shared` (int,
        positions that both take), `expected` (float, the mean of the random tables), `p_value`
        (one-sided, (r + 1) / (n + 1)), `p_adjusted` (Benjamini & Hochberg, all pairs),
        `significant` (bool) and `reachable` (bool: whether the pair would be significant if it
        shared as much as it could). Also as `frame`.
    alpha : float
        The false discovery rate.
    n_resamples : int
        How many random tables.
    null : {"positions", "sides"}
        What they shuffle.
    tally : Tally
        The positions.
    """

    table: pd.DataFrame
    alpha: float
    n_resamples: int
    null: Null
    tally: Tally

    @property
    def n_reachable(self) -> int:
        """How many pairs could have reached significance at all."""
        return int(self.table["reachable"].sum())

    @property
    def smallest(self) -> float:
        """The smallest adjusted p that a pair can have which is the only one to stand out."""
        return min(1.0, len(self.table) / (self.n_resamples + 1))

    @property
    def backbone(self) -> pd.DataFrame:
        """The pairs that share significantly more than chance gives; often none."""
        return self.table[self.table["significant"]].reset_index(drop=True)

    @property
    def summary(self) -> str:
        """The answer in words."""
        number, kept = len(self.table), len(self.backbone)
        every = count(number, "pair")
        answer = "The backbone is empty: no pair shares significantly more than random tables give"
        if kept:
            answer = (
                f"{kept} of {every} share more than random tables give at a false discovery rate "
                f"of {self.alpha:g}, and are the backbone"
            )
        answer += (
            f" (smallest {p_words(self.table['p_adjusted'].min())}, adjusted for {every}; "
            f"{self.n_reachable:,} of {every} could together have reached significance)."
        )
        if not kept and self.n_reachable < number / 2:
            answer += " Most pairs share too few codes for any test to find them."
        if not kept and self.smallest > self.alpha:
            answer += (
                " With so few random tables a single pair cannot reach significance; draw at "
                f"least {math.ceil(number / self.alpha) - 1:,} (n_resamples=)."
            )
        return f"{answer}\n{shuffled(self.n_resamples, self.null)}."


def null_model(
    tally: Tally | pd.DataFrame,
    n_resamples: int = 9999,
    *,
    null: Null = "positions",
    seed: Seed = 0,
    alpha: float = ALPHA,
) -> NullModel:
    """Ask which two actors share more positions than the totals of both and of the codes give.

    Parameters
    ----------
    tally : Tally or pandas.DataFrame
        As for `camdata.agreement`; actors without a recorded position are left out.
    n_resamples : int
        How many random tables; more than for other tests, since every pair is corrected for all
        others.
    null, seed
        As for `camdata.structure`.
    alpha : float
        The false discovery rate at which pairs are kept in the backbone.

    Returns
    -------
    NullModel

    Raises
    ------
    ValueError
        If no random tables can be drawn; the error says why.

    Notes
    -----
    The statistic of a pair is the number of positions (code and stance) that both take, and p is
    (r + 1) / (n + 1) with r the random tables in which they share as many or more (for the use on
    backbones Godard & Neal 2022, doi:10.1093/comnet/cnac049). Benjamini & Hochberg (1995,
    doi:10.1111/j.2517-6161.1995.tb02031.x) adjust for all pairs. A pair that could share at most
    what chance often gives can never be significant: `NullModel.n_reachable` counts those that
    could, if every pair shared as much as the one with fewer positions holds.

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.analysis.null_model(cam.load_meeting().tally("code"), 999)
    >>> len(result.frame), len(result.backbone)
    (78, 0)
    """
    checks.check_share("alpha", alpha)
    checks.check_count("n_resamples", n_resamples)
    checks.check_choice("null", null, ("positions", "sides"))
    tally = as_tally(tally)
    drawn = random_tables(tally, n_resamples, null=null, seed=seed)
    shared = np.concatenate([pairs.held for pairs in drawn.pairs()])
    sizes = pairs_of_counts(drawn.contents[drawn.tables[0]], drawn.stances).sizes
    a, b = np.triu_indices(len(drawn.actors), 1)
    each = shared[:, a, b]
    most = np.minimum(sizes[a], sizes[b])
    p = (each >= each[0]).mean(axis=0)
    best = ((each[1:] >= most).sum(axis=0) + 1) / len(each)
    names = pd.Series(tally.actors, dtype="str").array.take(drawn.actors)
    pairs = {"actor": names.take(a), "other": names.take(b), "shared": each[0].astype(np.int64)}
    table = pd.DataFrame(pairs).assign(expected=each[1:].mean(axis=0), p_value=p)
    table["p_adjusted"] = adjust(p)
    table["significant"], table["reachable"] = adjust(p) <= alpha, adjust(best) <= alpha
    return NullModel(table, float(alpha), n_resamples, drawn.null, tally)


def adjust(p: Floats) -> Floats:
    """Adjust p values by Benjamini & Hochberg (1995, doi:10.1111/j.2517-6161.1995.tb02031.x).

    scipy.stats gives the same, but takes longer to import than a multiverse to compute.
    """
    largest_first = np.argsort(p)[::-1]
    scaled = p[largest_first] * len(p) / np.arange(len(p), 0, -1)
    result = np.empty(len(p))
    result[largest_first] = np.minimum(np.minimum.accumulate(scaled), 1.0)
    return result
