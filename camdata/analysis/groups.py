"""Agreement against a grouping that is given from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import factorial, prod
from typing import Literal

import numpy as np
import pandas as pd

from camdata._display.checks import Seed, check_choice, check_seed, wrong_type
from camdata._display.words import decimals, join_names, p_words, signed, suggest, with_suggestion
from camdata.analysis.clustering import Clusters
from camdata.analysis.labels import Integers, shared_rand
from camdata.analysis.measures import Agreement, as_agreement
from camdata.analysis.null import ChanceResult, Null, p_value, random_tables, shuffled
from camdata.analysis.trees import Flags, Floats
from camdata.model.tally import Tally, names_of

Groups = str | pd.Series | Mapping[str, object]
"""A column of the table of actors, or the group of each actor."""
ENUMERATED = 20_000
"""Up to this many relabelings are enumerated; beyond, as many are sampled."""


@dataclass(frozen=True, eq=False, repr=False)
class Association(ChanceResult):
    """Whether agreement follows a grouping that is given from outside.

    Attributes
    ----------
    within, between : float
        Mean agreement of the pairs of the same group, and of different groups.
    p_value : float
        Two-sided: how often the difference lies as far from what chance gives.
    random : numpy.ndarray
        The difference in each random table, or under each relabeling.
    null : {"positions", "sides", "relabeling"}
        What is shuffled.
    rand : float
        Adjusted Rand index of the clusters against the groups; ``NaN`` without clusters.
    sizes : pandas.Series
        Index `group`: how many actors of each could be compared.
    left_out : tuple of str
        The actors without a group, or with nothing to compare.
    """

    within: float
    between: float
    p_value: float
    random: Floats
    null: Null | Literal["relabeling"]
    rand: float
    sizes: pd.Series[int]
    left_out: tuple[str, ...]

    @property
    def difference(self) -> float:
        """Within less between."""
        return self.within - self.between

    @property
    def frame(self) -> pd.DataFrame:
        """One row: `within`, `between`, `difference`, `expected` (mean by chance), `p_value`."""
        columns = ["within", "between", "difference", "expected", "p_value"]
        values = (self.within, self.between, self.difference, float(self.random.mean()))
        return pd.DataFrame([(*values, self.p_value)], columns=columns)

    @property
    def summary(self) -> str:
        """The answer in words."""
        groups = ", ".join(f"{name} {size}" for name, size in self.sizes.items())
        tables = "relabelings" if self.null == "relabeling" else "random tables"
        lines = [
            f"Agreement averages {decimals(self.within)} within groups ({groups}) and "
            f"{decimals(self.between)} between them, a difference of {signed(self.difference)} "
            f"where chance gives {signed(float(self.random.mean()))} ({p_words(self.p_value)}, the "
            f"share of {tables} with a difference as far from chance, up or down)."
        ]
        if self.null == "relabeling":
            ignored = (
                "ignore how much each actor says, and so find groups that differ in that alone"
            )
            lines.append(f"{self.n_resamples:,} relabelings of the actors {ignored}.")
        else:
            lines.append(f"{shuffled(self.n_resamples, self.null)}.")
        if not np.isnan(self.rand):
            rand = f"adjusted Rand of {decimals(self.rand)}"
            lines.append(f"The clusters match the groups with an {rand} (1: the same partition).")
        if self.left_out:
            lines.append(f"left out: {join_names(self.left_out)}")
        return "\n".join(lines)


def association(
    agreement: Agreement | Clusters | pd.DataFrame,
    groups: Groups,
    n_resamples: int | None = None,
    *,
    null: Null | Literal["relabeling"] | None = None,
    seed: Seed = 0,
) -> Association:
    """Ask whether actors agree more within groups than between them.

    Parameters
    ----------
    agreement : Agreement, Clusters or pandas.DataFrame
        Agreement, or clusters (whose match with the groups is then described as well).
    groups : str, Series or mapping
        A column of the meeting's actors (``"process"``), or the group of each actor. Actors without
        a group are left out.
    n_resamples : int, optional
        How many random tables; by default 999, or 199 above 30 actors.
    null : {"positions", "sides", "relabeling"}, optional
        By default random tables as for `camdata.structure`. ``relabeling`` gives the groups to
        other actors instead (Mantel 1967; Hubert & Schultz 1976,
        doi:10.1111/j.2044-8317.1976.tb00714.x), all ways up to 20,000. It needs no tally, but
        ignores how much each actor says: groups that differ only in that are found in 67 to 100 %
        of structureless tables.
    seed : int or numpy.random.Generator
        Of the random tables, or of the relabelings.

    Returns
    -------
    Association

    Raises
    ------
    ValueError, TypeError
        Unless at least two groups are left, and a pair within and a pair between them; if an actor
        has two groups; if no random tables can be drawn.

    Notes
    -----
    The statistic is the difference of mean agreement within and between groups; pairs without a
    value are left out of the means. Two-sided: it is compared with the distance of all tables'
    differences from their mean.

    Examples
    --------
    >>> import camdata as cam
    >>> agreement = cam.agreement(cam.load_meeting().tally("code"))
    >>> result = cam.analysis.association(agreement, "process")
    >>> result.sizes.to_dict(), result.p_value > 0.05
    ({'RCM': 7, 'SACM': 6}, True)
    """
    clusters = agreement if isinstance(agreement, Clusters) else None
    given = as_agreement(agreement.agreement if isinstance(agreement, Clusters) else agreement)
    check_choice("null", null, (None, "positions", "sides", "relabeling"))
    group = groups_of(given, groups)
    values = given.values.copy()
    np.fill_diagonal(values, np.nan)
    usable = _comparable(values, group.notna().to_numpy(dtype=bool))
    found, codes = np.unique(group[usable].astype("str"), return_inverse=True)
    sizes = pd.Series(np.bincount(codes), pd.Index(found, name="group"), name="actors")
    within, between = (float(mean[0]) for mean in _means(values[None], usable, codes))
    if np.isnan(within) or np.isnan(between):
        raise ValueError(
            "At least two groups are needed, with a pair to compare inside one of them and one "
            f"between them; the actors that can be compared have the groups {sizes.to_dict()}."
        )
    generator = check_seed(seed)
    used: Null | Literal["relabeling"]
    if null == "relabeling":
        used, ways = null, _relabelings(codes, generator)
        random = np.array([np.subtract(*_means(values[None], usable, way))[0] for way in ways])
        every = random if _number(codes) <= ENUMERATED else np.append(within - between, random)
        far = np.abs(every - every.mean())
        p = float((far >= abs(within - between - every.mean()) - 1e-9).mean())
    else:
        drawn = random_tables(given, n_resamples, null=null, seed=generator)
        tables = np.full((len(drawn.tables), len(values), len(values)), np.nan)
        tables[:, drawn.actors[:, None], drawn.actors] = drawn.values(given)
        differences = np.subtract(*_means(tables, usable, codes))
        used, random = drawn.null, differences[1:]
        p = p_value(np.abs(differences - differences.mean()))
    rand = float("nan")
    if clusters is not None:
        label = clusters.labels[usable]
        rand = shared_rand(label, pd.Series(codes, label.index))
    left_out = tuple(pd.Index(given.actors)[~usable])
    return Association(within, between, p, random, used, rand, sizes, left_out)


def groups_of(source: Agreement | Tally, groups: Groups) -> pd.Series[str]:
    """Return the group of each actor, missing where it has none, in the order of the source.

    Raises
    ------
    ValueError
        If a column is not there, or an actor is named twice.
    TypeError
        If groups are neither a column's name, a Series nor a mapping.
    """
    names = pd.Index(source.actors, dtype="str")
    if isinstance(groups, str):
        tally = source if isinstance(source, Tally) else source.tally
        known = None if tally is None else tally.attributes
        if known is None or groups not in known:
            columns = [] if known is None else list(known)
            near, there = with_suggestion(groups, columns), join_names(columns) or "none"
            raise ValueError(f"The actors have no column {near}; they have {there}.")
        return known[groups].reindex(names)
    if not isinstance(groups, pd.Series | Mapping):
        raise wrong_type("groups", "a column of the actors, a Series or a mapping", groups)
    group = pd.Series(groups, dtype=None if len(groups) else "object")
    group = group.set_axis(list(names_of(group.index, "actor"))).convert_dtypes()
    # further actors do no harm, but one that is written in another way would be lost in silence
    without = names.difference(group.index).tolist()
    wrong = [name for name in group.index.difference(names) if suggest(name, without)]
    if wrong:
        near = join_names(with_suggestion(name, without) for name in wrong)
        raise ValueError(f"`groups` names actors that are not here: {near}.")
    return group.reindex(names)


def _comparable(values: Floats, usable: Flags) -> Flags:
    """Leave out actors that can be compared only with those left out."""
    kept = usable & (~np.isnan(values[:, usable])).any(axis=1)
    return kept if (kept == usable).all() else _comparable(values, kept)


def _means(values: Floats, usable: Flags, codes: Integers) -> tuple[Floats, Floats]:
    """Return the mean of the defined pairs within and between groups, one for each table."""
    rows = np.flatnonzero(usable)
    a, b = np.triu_indices(len(rows), 1)
    pairs = values[:, rows[a], rows[b]]
    same = codes[a] == codes[b]

    def mean(part: Floats) -> Floats:
        defined = ~np.isnan(part)
        total, number = np.where(defined, part, 0).sum(axis=1), defined.sum(axis=1)
        return np.divide(total, number, out=np.full(len(part), np.nan), where=number > 0)  # type: ignore[no-any-return]

    return mean(pairs[:, same]), mean(pairs[:, ~same])


def _number(codes: Integers) -> int:
    """Return in how many ways the groups can be given to the actors."""
    return factorial(len(codes)) // prod(factorial(size) for size in np.bincount(codes).tolist())


def _relabelings(codes: Integers, generator: np.random.Generator) -> Iterator[Integers]:
    """Yield all ways to give the actors the groups with their sizes, or a sample of them."""
    if _number(codes) > ENUMERATED:
        for _ in range(ENUMERATED):
            yield generator.permutation(codes)
        return
    drawn = np.sort(codes)
    while True:
        yield drawn.copy()
        # the next permutation in lexicographic order
        rising = np.flatnonzero(drawn[:-1] < drawn[1:])
        if len(rising) == 0:
            return
        i = rising[-1]
        j = np.flatnonzero(drawn > drawn[i])[-1]
        drawn[[i, j]] = drawn[[j, i]]
        drawn[i + 1 :] = drawn[i + 1 :][::-1].copy()
