"""Polarization: how well the actors divide into camps that agree inside and oppose each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from camdata._display.checks import Seed, check_choice, check_count, check_seed
from camdata._display.progress import progress
from camdata._display.words import count, join_names, p_words
from camdata.analysis.labels import Integers, members, number_clusters
from camdata.analysis.measures import agreement
from camdata.analysis.null import QUESTIONS, ChanceResult, NoNullError, Null, p_value, random_tables
from camdata.analysis.trees import TIE, Floats
from camdata.model.tally import Tally, as_tally

Score = Literal["camps", "dna"]
MOST_EXACT = 20
"""Two groups of up to this many actors are found exactly: 524,288 partitions."""
RESTARTS = 5
"""From how many random partitions swaps start."""


@dataclass(frozen=True, eq=False, repr=False)
class Polarization(ChanceResult):
    """How polarized a tally is, with the camps that give the score.

    Attributes
    ----------
    value : float
        The score of the best partition, 0 to 1; ``NaN`` where nobody agrees or opposes.
    labels : pandas.Series
        Index `actor`, ``Int64``: the camps, numbered by size and then by their first actor;
        ``<NA>`` for actors of whom nothing is recorded.
    random : numpy.ndarray
        The score of each random table, found in the same way; empty without random tables.
    p_value : float
        One-sided, (r + 1) / (n + 1); ``NaN`` without random tables.
    score : {"camps", "dna"}
        The formula.
    balanced : bool
        Whether the camps are of equal size, give or take one actor.
    exact : bool
        Whether all partitions were compared, rather than swaps made from random ones.
    congruence, conflict : float
        The sums over pairs, by average activity.
    null : {"positions", "sides"}
        What the random tables shuffle.
    no_chance : str
        Why no random tables could be drawn, where none could.
    tally : Tally
        What was tested.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> votes = pd.DataFrame({f"bill {i}": [1, 1, -1, -1] for i in range(3)}, index=list("ABCD"))
    >>> cam.analysis.polarization(cam.Tally.from_positions(votes), n_resamples=0).value
    1.0
    """

    value: float
    labels: pd.Series[int]
    random: Floats
    p_value: float
    score: Score
    balanced: bool
    exact: bool
    congruence: float
    conflict: float
    null: Null
    no_chance: str
    tally: Tally

    @property
    def members(self) -> dict[int, list[str]]:
        """The actors of each camp, in the order of the labels."""
        return members(self.labels)

    @property
    def frame(self) -> pd.DataFrame:
        """One row: `polarization`, `expected` (mean by chance), `p_value` and what it is made of.

        `actors` (int, those in camps), `statements` (Int64), `congruence`, `conflict` (sums over
        pairs) and `tables` (int, random ones).
        """
        row = {
            "polarization": self.value,
            "expected": float(self.random.mean()) if len(self.random) else np.nan,
            "p_value": self.p_value,
            "actors": int(self.labels.notna().sum()),
            "statements": self.tally.n_statements or pd.NA,
            "congruence": self.congruence,
            "conflict": self.conflict,
            "tables": len(self.random),
        }
        return pd.DataFrame([row]).astype({"statements": "Int64"})

    @property
    def summary(self) -> str:
        """The score, its chance level and the camps, in words."""
        if np.isnan(self.value):
            return (
                "Polarization is not defined: no opposition is recorded between any two actors, "
                "so that camps cannot be told from one camp."
            )
        sizes = "of equal size" if self.balanced else "of any size"
        how = "all partitions" if self.exact else f"swaps from {RESTARTS} random partitions"
        name = "share of ties that the camps explain" if self.score == "camps" else "DNA's score"
        lines = [f"Polarization {self.value:.2f} ({name}; camps {sizes}, best of {how})."]
        if len(self.random):
            lines.append(
                f"Chance gives {self.random.mean():.2f} ({p_words(self.p_value)}; "
                f"{count(len(self.random), 'random table')}; asked: {QUESTIONS[self.null]})."
            )
        elif self.no_chance:
            lines.append(f"no chance level: {self.no_chance}")
        lines += [f"{label}: {join_names(actors, 20)}" for label, actors in self.members.items()]
        return "\n".join(lines)


def polarization(
    tally: Tally,
    n_groups: int = 2,
    *,
    score: Score = "camps",
    balanced: bool = False,
    n_resamples: int | None = None,
    null: Null = "sides",
    seed: Seed = 0,
) -> Polarization:
    r"""Measure polarization: the best division into camps, and what chance gives.

    Parameters
    ----------
    tally : Tally
        Congruence and conflict of all pairs are computed from it, by average activity. With
        ``duplicates="all"`` they are those of Discourse Network Analyzer.
    n_groups : int
        How many camps.
    score : {"camps", "dna"}
        With :math:`c_{ij}, f_{ij}` congruence and conflict of a pair and C, F their sums over
        ordered pairs:

        - ``camps``: :math:`(\sum_{same} c_{ij} + \sum_{different} f_{ij}) / (C + F)`, the share of
          ties that the camps explain. 1 if all agreement is inside and all opposition between
          camps; it is 1 - the frustration of the signed network (Aref & Wilson 2018,
          doi:10.1093/comnet/cnx015).
        - ``dna``: that of Discourse Network Analyzer 3 (Leifeld, class ``Polarization``), always
          with balanced camps there: :math:`(\sum_{same} (|c_{ij} - e_g| + f_{ij}) +
          \sum_{different} (c_{ij} + |f_{ij} - e_{gh}|)) / (2 (C + F))` with
          :math:`e_g = n_g (n_g - 1) C / W^2`, :math:`e_{gh} = n_g n_h F / B^2` and W, B the numbers
          of ordered pairs within and between camps. See the notes before you use it.
    balanced : bool
        Whether the camps must be of equal size, give or take one actor.
    n_resamples : int, optional
        How many random tables; by default 999, or 199 above 30 actors; 0 for none.
    null : {"sides", "positions"}
        As for `camdata.structure`; ``sides`` keeps who speaks on what.
    seed : int or numpy.random.Generator
        Of the random tables and of the swaps.

    Returns
    -------
    Polarization

    Raises
    ------
    ValueError
        For fewer actors than camps; for ``score="dna"`` with free sizes, unless two camps of up to
        20 actors are asked for.

    Notes
    -----
    Two camps of up to 20 actors are found exactly. Else the best of 5 random partitions is
    improved: the exchange of two actors (or the move of one, where sizes are free) that gains most
    is made until none gains. The score is then a lower bound. Random tables are divided in the same
    way. Where several partitions have the highest score, one of them is shown.

    DNA's score adds agreement *between* camps and conflict *within* them, and its maximum is
    looked for. Two camps that agree fully inside and oppose each other fully have 0.25, the least
    that any balanced partition of them can have; the maximum (0.52 for two camps of five) is that
    of a partition across the camps. It is here to reproduce published numbers.

    Without any conflict ``camps`` is not defined: one camp would explain everything.

    Examples
    --------
    >>> import camdata as cam
    >>> cam.analysis.polarization(cam.load_meeting().tally("code"))
    Polarization is not defined: no opposition is recorded between any two actors, so that camps
    cannot be told from one camp.
    """
    check_choice("score", score, ("camps", "dna"))
    check_choice("null", null, ("positions", "sides"))
    tally = as_tally(tally)
    k = check_count("n_groups", n_groups, least=2)
    generator = check_seed(seed)
    recorded = np.flatnonzero(np.bincount(tally.cells.actor, minlength=len(tally.actors)))
    exact = k == 2 and len(recorded) <= MOST_EXACT
    if len(recorded) < k:
        raise ValueError(f"{k} camps need as many actors, but {len(recorded)} have a position.")
    if score == "dna" and not balanced and not exact:
        raise ValueError(
            "DNA's score needs camps of equal size (balanced=True), or two of at most "
            f"{MOST_EXACT} actors."
        )
    ties = [agreement(tally, name, normalization="average") for name in ("congruence", "conflict")]
    both = np.ix_(recorded, recorded)
    congruence, conflict = (np.nan_to_num(one.values[both])[None] for one in ties)
    sums = float(congruence.sum()), float(conflict.sum())
    defined = sums[1] > 0 or (score == "dna" and sums[0] > 0)
    labels = pd.Series(pd.NA, pd.Index(tally.actors, name="actor", dtype="str"), dtype="Int64")
    value, random, no_chance = np.nan, np.empty(0), ""
    if defined:
        search = _Search(k, score, balanced, exact, generator)
        try:
            if n_resamples != 0:
                drawn = random_tables(tally, n_resamples, null=null, seed=generator)
                congruence, conflict = (np.nan_to_num(drawn.values(one)) for one in ties)
        except NoNullError as error:
            no_chance = str(error)
        pairs = zip(congruence, conflict, strict=True)
        found = [search.best(*pair) for pair in progress(pairs, "camps", total=len(congruence))]
        scores, partition = np.array([one[0] for one in found]), found[0][1]
        value, random = float(scores[0]), scores[1:]
        labels.iloc[recorded] = number_clusters(partition, np.arange(len(recorded)))
    return Polarization(
        value=value,
        labels=labels.rename("camp"),
        random=random,
        p_value=p_value(np.append(value, random)) if len(random) else np.nan,
        score=score,
        balanced=balanced,
        exact=exact,
        congruence=sums[0] / 2,
        conflict=sums[1] / 2,
        null=null,
        no_chance=no_chance,
        tally=tally,
    )


@dataclass(frozen=True)
class _Search:
    """The search for the best partition of actors into k camps."""

    k: int
    score: Score
    balanced: bool
    exact: bool
    generator: np.random.Generator

    def best(self, congruence: Floats, conflict: Floats) -> tuple[float, Integers]:
        """Return the highest score and its partition."""
        if congruence.sum() + conflict.sum() == 0:
            return 0.0, np.arange(len(congruence)) % self.k
        n = len(congruence)
        sizes = [n // 2] if self.balanced else [*range(1, n // 2 + 1)]
        if not self.exact:
            found = [self._swapped(congruence, conflict) for _ in range(RESTARTS)]
        else:
            # the terms of `camps` are the same whatever the sizes
            parts = [sizes] if self.score == "camps" else [[size] for size in sizes]
            found = []
            for part in parts:
                terms = self._terms(congruence, conflict, np.array([n - part[0], part[0]]))
                found.append(_enumerated(terms, part))
        return max(found, key=lambda one: one[0])

    def _terms(self, congruence: Floats, conflict: Floats, sizes: Integers) -> Floats:
        """Return what each pair adds, by the camps that its actors are in: (k, k, n, n)."""
        same = np.eye(len(sizes), dtype=bool)
        total = congruence.sum() + conflict.sum()
        if self.score == "camps":
            terms = np.where(same[:, :, None, None], congruence, conflict) / total
        else:
            pairs = np.multiply.outer(sizes, sizes) - np.diag(sizes)
            within, between = pairs[same].sum(), pairs[~same].sum()
            agreed = pairs * congruence.sum() / max(within**2, 1)
            opposed = pairs * conflict.sum() / max(between**2, 1)
            inside = np.abs(congruence - agreed[:, :, None, None]) + conflict
            outside = congruence + np.abs(conflict - opposed[:, :, None, None])
            terms = np.where(same[:, :, None, None], inside, outside) / (2 * total)
        return np.asarray(terms * (1 - np.eye(len(congruence))))

    def _swapped(self, congruence: Floats, conflict: Floats) -> tuple[float, Integers]:
        """Improve a random balanced partition by the best exchange or move until none gains."""
        n = len(congruence)
        label = self.generator.permutation(np.arange(n) % self.k)
        terms = self._terms(congruence, conflict, np.bincount(label, minlength=self.k))
        row = np.arange(n)
        while True:
            # what each actor adds in each camp, the others staying
            added = terms[:, label, :, row].sum(axis=0).T
            there = added - added[row, label][:, None]
            gain = there[:, label] + there[:, label].T
            own = terms[label[:, None], label[:, None], row[:, None], row]
            gain = gain - (own + own.T - 2 * terms[label[:, None], label, row[:, None], row])
            gain[label[:, None] == label] = -np.inf
            i, j = np.unravel_index(int(gain.argmax()), gain.shape)
            alone = np.bincount(label, minlength=self.k)[label] == 1
            move = np.where(alone[:, None] | self.balanced, -np.inf, there)
            m, g = np.unravel_index(int(move.argmax()), move.shape)
            if max(gain[i, j], move[m, g]) <= TIE:
                return float(terms[label[:, None], label, row[:, None], row].sum()), label
            if move[m, g] >= gain[i, j]:
                label[m] = g
            else:
                label[[i, j]] = label[[j, i]]


def _enumerated(terms: Floats, sizes: Iterable[int]) -> tuple[float, Integers]:
    """Return the best partition into two camps, the second one of one of the sizes.

    The score of a partition is quadratic in who is in the second camp: arrays over all of them
    double with each actor.
    """
    n = terms.shape[-1]
    first, other, second = (part + part.T for part in (terms[0, 0], terms[0, 1], terms[1, 1]))
    score, moved = np.empty(2**n), np.empty(2 ** (n - 1))
    score[0] = np.triu(first, 1).sum()
    for i in range(n):
        moved[0] = (other - first)[i].sum()
        for j, both in enumerate((first + second - 2 * other)[i, :i].tolist()):
            np.add(moved[: 2**j], both, out=moved[2**j : 2 ** (j + 1)])
        np.add(score[: 2**i], moved[: 2**i], out=score[2**i : 2 ** (i + 1)])
    allowed = _subsets(n, tuple(sizes))
    best = int(allowed[score[allowed].argmax()])
    return float(score[best]), np.array([best >> i & 1 for i in range(n)], dtype=np.int64)


@lru_cache(maxsize=32)
def _subsets(n: int, sizes: tuple[int, ...]) -> Integers:
    """Return the subsets of n actors of some sizes, as bits."""
    return np.flatnonzero(np.isin(np.bitwise_count(np.arange(2**n)), sizes))
