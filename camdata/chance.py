"""Against chance: what tables of the same margins and no structure would give."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata import _trees
from camdata._checks import check_choice, check_count, check_share
from camdata._trees import Floats, LinkageMethod
from camdata._words import p_words
from camdata.clustering import choose
from camdata.counts import Tally, as_tally
from camdata.measures import MEASURES, Agreement, again
from camdata.pairs import pairs_of_counts
from camdata.results import Result
from camdata.sampling import p_value, random_tables

SETS = tuple(name for name, measure in MEASURES.items() if measure.family == "set")


@dataclass(frozen=True, eq=False, repr=False)
class ClusterChoice(Result):
    """The silhouettes of attainable cuts beside those of structureless tables.

    Attributes
    ----------
    table : pandas.DataFrame
        Index `n_clusters`, the attainable cuts that have a silhouette: `silhouette`, and what
        random tables give at this number where they attain it: `expected` (mean), `low` and `high`
        (5th and 95th percentile), `attained` (share of the tables that attain it). Also as `frame`.
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
    agreement : Agreement
        What was clustered.
    method : str
        The linkage.
    """

    table: pd.DataFrame
    best: float
    random: Floats
    p_value: float
    n_clusters: int
    alpha: float
    agreement: Agreement
    method: str

    @property
    def frame(self) -> pd.DataFrame:
        return self.table

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
            f"({p_words(self.p_value)}): {answer}."
        )


def cluster_choice(
    agreement: Agreement,
    n_resamples: int = 999,
    *,
    seed: int = 0,
    method: LinkageMethod = "average",
    alpha: float = 0.05,
) -> ClusterChoice:
    """Compare the silhouettes of clusters with those of structureless tables.

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
        For another measure, a table without a tally, or if nothing is recorded of at least two actors.

    Notes
    -----
    The random tables hold, for the actors of whom anything is recorded, as many positions as the
    actor has and as many actors as the position has (curveball, Strona et al. 2014,
    doi:10.1038/ncomms5114), and nothing else. The best silhouette over all attainable cuts is
    compared with the best of each random table, so that searching for the number of clusters is
    accounted for. "No structure beyond chance" is a possible answer, and the usual one for small tables.

    Examples
    --------
    >>> import camdata as cam
    >>> agreement = cam.agreement(cam.load_meeting().tally())
    >>> cam.cluster_choice(agreement, 199).structured
    False
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
    held = tally.held.sort_index().sort_index(axis="columns")
    table = held.to_numpy(dtype=bool)
    table = table[table.any(axis=1)]
    if len(table) < 2:
        raise ValueError("At least two actors with a recorded position are needed.")
    observed, chosen = _silhouettes(table, agreement, method)
    curves: dict[int, list[float]] = {k: [] for k in observed}
    best_random = np.zeros(n)
    for i, drawn in enumerate(random_tables(table, n, seed)):
        scores, _ = _silhouettes(drawn, agreement, method)
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
    return ClusterChoice(frame, best, best_random, p, chosen, alpha, agreement, method)


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
) -> tuple[dict[int, float], int]:
    """Return the silhouette of each attainable cut that has one, and the number chosen."""
    pairs = pairs_of_counts(table[:, :, None].astype(np.float64), (1.0,))
    distance, _ = _trees.distances(again(agreement, pairs))
    numbers, _, scores, chosen = choose(distance, _trees.link(distance, method))
    found = zip(numbers, scores.tolist(), strict=True)
    return {k: score for k, score in found if not np.isnan(score)}, chosen


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
    tally: Tally | pd.DataFrame, n_resamples: int = 9999, *, seed: int = 0, alpha: float = 0.05
) -> NullModel:
    """Ask whether two actors share more than their activity and the positions' popularity give.

    Parameters
    ----------
    tally : Tally or pandas.DataFrame
        As for `camdata.agreement`; actors of whom nothing is recorded are left out.
    n_resamples : int
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
    return NullModel(pairs, alpha, n, tally)


def _shared(table: NDArray[np.bool_]) -> Floats:
    numbers = table.astype(np.float64)
    return np.asarray(numbers @ numbers.T)
