"""How much two actors agree: every measure of the field, as formulas over the same pair tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from camdata._display.checks import as_names, check_choice, check_count
from camdata._display.results import Result
from camdata._display.words import count, join_names, minus, with_suggestion
from camdata.analysis.pairs import Pairs, pairs_of, ratio
from camdata.analysis.streaming import PairTables, pair_tables
from camdata.analysis.trees import Floats
from camdata.model.tally import Tally, as_tally, names_of, numbers_of

OfSets = Literal["jaccard", "dice", "cosine", "overlap"]
OfCounts = Literal["congruence", "conflict", "subtract"]
OfRatings = Literal["matching", "s", "pi", "kappa"]
MeasureName = OfSets | OfCounts | OfRatings
Normalization = Literal["average"] | None
Distance = Literal["absolute", "squared"]


@dataclass(frozen=True)
class Measure:
    """What a measure is made of: its family, its name for charts, its meaning, its formula.

    A formula takes pair tables and the distance between ratings, which only some of them use.
    """

    family: Literal["set", "count", "rating"]
    label: str
    gloss: str
    formula: Callable[[Pairs, Distance], Floats]


def _both(values: Floats) -> tuple[Floats, Floats]:
    """Return a number of each actor as a column and as a row, to be combined for all pairs."""
    return values[..., :, None], values[..., None, :]


def _of_sets(size: Callable[[Floats, Floats, Floats], Floats]) -> Callable[..., Floats]:
    """Return a formula: shared positions, of a size made from both actors' and the shared ones."""

    def formula(pairs: Pairs, distance: Distance) -> Floats:
        a, b = _both(pairs.sizes)
        return ratio(pairs.held, np.where((a > 0) & (b > 0), size(a, b, pairs.held), 0))

    return formula


_jaccard = _of_sets(lambda a, b, shared: a + b - shared)
_dice = _of_sets(lambda a, b, shared: (a + b) / 2)
_cosine = _of_sets(lambda a, b, shared: np.sqrt(a * b))
_overlap = _of_sets(lambda a, b, shared: np.minimum(a, b))


def _conflict(pairs: Pairs, distance: Distance) -> Floats:
    return pairs.weigh_statements(_apart(pairs.stances)) / (pairs.range or 1.0)


def _congruence(pairs: Pairs, distance: Distance) -> Floats:
    every = pairs.weigh_statements(np.ones((len(pairs.stances),) * 2))
    return every - _conflict(pairs, distance)


def _subtract(pairs: Pairs, distance: Distance) -> Floats:
    return _congruence(pairs, distance) - _conflict(pairs, distance)


def _matching(pairs: Pairs, distance: Distance) -> Floats:
    same = np.equal.outer(pairs.ratings, pairs.ratings)
    return ratio(pairs.weigh_codes(same), pairs.codes)


def _apart(ratings: ArrayLike, distance: Distance = "absolute") -> Floats:
    """Return how far each two ratings lie apart."""
    apart = np.abs(np.subtract.outer(ratings, ratings))
    return np.asarray(apart if distance == "absolute" else apart**2)


def _s(pairs: Pairs, distance: Distance) -> Floats:
    largest = (pairs.range if distance == "absolute" else pairs.range**2) or 1.0
    observed = pairs.weigh_codes(_apart(pairs.ratings, distance))
    return 1 - 2 * ratio(observed, pairs.codes * largest)


def _chance_corrected(pairs: Pairs, distance: Distance, *, pooled: bool) -> Floats:
    """Return 1 - observed / expected distance, expected from each actor's own or pooled ratings."""
    apart = _apart(pairs.ratings, distance)
    # how many of the codes of both the first actor gives each rating, and the second
    first = pairs.joint.sum(axis=-2, dtype=np.float64)
    second = np.swapaxes(first, -1, -2)
    if pooled:
        first = second = (first + second) / 2
    expected = (first * np.einsum("pq,...qab->...pab", apart, second)).sum(axis=-3)
    expected = np.nan_to_num(ratio(expected, pairs.codes))
    return 1 - ratio(pairs.weigh_codes(apart), expected)


_pi = partial(_chance_corrected, pooled=True)
_kappa = partial(_chance_corrected, pooled=False)

MEASURES: dict[str, Measure] = {
    "jaccard": Measure("set", "Jaccard coefficient", "shared positions of all of both", _jaccard),
    "dice": Measure("set", "Dice coefficient", "shared positions, counted twice, of all", _dice),
    "cosine": Measure(
        "set", "cosine (Ochiai) coefficient", "shared positions for the numbers of both", _cosine
    ),
    "overlap": Measure(
        "set", "overlap coefficient", "shared positions of whoever has fewer", _overlap
    ),
    "congruence": Measure(
        "count", "congruence", "pairs of statements on the same side", _congruence
    ),
    "conflict": Measure("count", "conflict", "pairs of statements on opposite sides", _conflict),
    "subtract": Measure(
        "count", "congruence minus conflict", "same side less opposite sides", _subtract
    ),
    "matching": Measure("rating", "simple matching", "same stance where both speak", _matching),
    "s": Measure("rating", "S", "closeness of ratings where both speak", _s),
    "pi": Measure("rating", "Scott's pi", "closeness of ratings beyond pooled chance", _pi),
    "kappa": Measure("rating", "Cohen's kappa", "closeness of ratings beyond chance", _kappa),
}
"""Every measure of agreement, with its family, what charts call it and what it means."""

BY_FAMILY = {
    kind: tuple(name for name, measure in MEASURES.items() if measure.family == kind)
    for kind in ("set", "count", "rating")
}
SETS = BY_FAMILY["set"]
"""The measures of sets of positions."""
FROM_MINUS_ONE = ("s", "pi", "kappa")
"""The measures that have 0 in the middle rather than at the end."""


@dataclass(frozen=True, eq=False, repr=False)
class Agreement(Result):
    """A square table of actors by one measure, and what it was made of.

    Attributes
    ----------
    actors : tuple of str
        In the order of the tally.
    values : numpy.ndarray
        Actors × actors, symmetric, ``NaN`` where there is nothing to compare. Cannot be written.
    measure : str, optional
        The measure; None for a table of the user's own.
    normalization : str, optional
        How counts were normalized.
    min_shared : int
        On how many codes a pair had to be recorded together.
    distance : {"absolute", "squared"}
        The distance between two ratings, for `s`, `pi` and `kappa`.
    undefined : float
        What `pi` and `kappa` are where chance leaves nothing to tell apart.
    is_default : bool
        Whether the measure was chosen by the scale.
    is_rescaled : bool
        Whether the values are (1 + value) / 2 of the measure's.
    tally : Tally, optional
        What was compared; None for a table of the user's own.

    Examples
    --------
    >>> import camdata as cam
    >>> cam.agreement(cam.load_meeting().tally(), "dice")
    Dice coefficient (shared positions, counted twice, of all) of 14 actors on 4 dimensions,
    38 statements: mean 0.44, from 0 to 1
    nothing to compare: 13 of 91 pairs
    """

    actors: tuple[str, ...]
    values: Floats
    measure: str | None = None
    normalization: Normalization = None
    min_shared: int = 1
    distance: Distance = "absolute"
    undefined: float = np.nan
    is_default: bool = False
    is_rescaled: bool = False
    tally: Tally | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """The table, actors × actors: float64, both axes named ``actor``, a fresh frame."""
        index = pd.Index(self.actors, name="actor", dtype="str")
        return pd.DataFrame(self.values.copy(), index, index)

    @property
    def label(self) -> str:
        """What charts call the measure; "agreement" for a table of the user's own."""
        if self.measure is None:
            return "agreement"
        label = MEASURES[self.measure].label
        if self.normalization:
            label += " by average activity"
        if self.distance != default_distance(self.measure):
            label += f" of {self.distance} distances"
        return f"{label}, rescaled to 0 to 1" if self.is_rescaled else label

    @property
    def pairs(self) -> Floats:
        """The values of all pairs of two actors, once each, shape (pairs,)."""
        return self.values[np.triu_indices(len(self.actors), 1)]

    @property
    def why(self) -> str:
        """What the measure means and, where the scale chose it, why."""
        if self.measure is None:
            return "a table of your own"
        gloss = MEASURES[self.measure].gloss
        if not self.is_default:
            return gloss
        scale = "a scale of several levels" if self.measure == "s" else "support and opposition"
        return f"{gloss}; the default for {scale}"

    @property
    def _ends(self) -> tuple[float, float]:
        """The lowest and the highest value of a pair, or 0 where there is nothing to compare."""
        defined = self.pairs[~np.isnan(self.pairs)]
        return (defined.min(), defined.max()) if len(defined) else (0.0, 0.0)

    @property
    def bounded(self) -> bool:
        """Whether agreement lies between 0 and 1: by its measure, or by its values if unknown."""
        counts = self.measure in BY_FAMILY["count"] and self.normalization is None
        low, high = self._ends
        # a signed measure is not bounded even if no value happens to lie below 0
        return bool(not counts and not self.is_signed and low >= 0 and high <= 1)

    @property
    def is_signed(self) -> bool:
        """Whether the measure goes from -1 to 1, and is not rescaled."""
        return self.measure in FROM_MINUS_ONE and not self.is_rescaled

    def check_distance(self) -> None:
        """Raise a ValueError unless agreement lies between 0 and 1: 1 - it is then a distance."""
        low, high = self._ends
        if self.is_signed:  # what the measure may be, whatever these values are
            low = min(low, -1.0)
        if low < -1e-9 or high > 1 + 1e-9:
            raise ValueError(
                f"Agreement must lie between 0 and 1 to be a distance, but goes from {low:g} to "
                f"{high:g}. Use jaccard, dice, cosine, overlap or matching, counts with "
                "normalization='average', or a measure from -1 to 1 as agreement.rescaled()."
            )

    def rescaled(self) -> Agreement:
        """Return (1 + value) / 2, which makes a measure from -1 to 1 one from 0 to 1.

        Values below -1, which pi and kappa may take, become 0.

        Raises
        ------
        ValueError
            For a measure that does not have 0 in its middle.

        Examples
        --------
        >>> import camdata as cam
        >>> cam.agreement(cam.load_meeting().tally(), "s").rescaled().label
        'S, rescaled to 0 to 1'
        """
        if self.is_rescaled or (self.measure is not None and self.measure not in FROM_MINUS_ONE):
            raise ValueError(f"Only s, pi and kappa can be rescaled, not {self.label!r}.")
        return replace(self, values=rescale(self.values), is_rescaled=True)

    @property
    def summary(self) -> str:
        """What is compared, and between which values it lies, in words."""
        pairs = self.pairs
        defined = pairs[~np.isnan(pairs)]
        silent = len(pairs) - len(defined)
        about = f"{self.label[:1].upper()}{self.label[1:]} ({self.why}) of "
        about += count(len(self.actors), "actor" if self.tally is None else self.tally.of)
        if self.tally is not None:
            about += f" on {count(len(self.tally.keys), self.tally.by)}"
            if self.tally.n_statements is not None:
                about += f", {count(self.tally.n_statements, 'statement')}"
        if len(defined) == 0:
            return f"{about}: there is nothing to compare"
        mean = minus(f"{defined.mean():.2f}")
        first, last = (minus(f"{end:.2g}") for end in self._ends)
        words = f"{about}: mean {mean}, from {first} to {last}"
        nothing = f"\nnothing to compare: {silent:,} of {count(len(pairs), 'pair')}"
        return words + nothing * bool(silent)


def rescale(values: Floats) -> Floats:
    """Return (1 + value) / 2, values below -1 as 0."""
    return np.maximum((1 + values) / 2, 0.0)


def agreement(
    tally: Tally | PairTables | pd.DataFrame,
    measure: MeasureName | None = None,
    *,
    normalization: Normalization = None,
    min_shared: int = 1,
    distance: Distance | None = None,
    undefined: float = np.nan,
) -> Agreement:
    r"""Measure how much each pair of actors agrees.

    Parameters
    ----------
    tally : Tally, PairTables or pandas.DataFrame
        A tally, the tables that `camdata.analysis.pair_tables` makes of statements that are too
        many for one (the result then has no tally), or positions (actors × codes or dimensions; 1,
        -1, 0 for both, missing for nothing recorded). Counts and other stances need a tally:
        `Meeting.tally`, `camdata.tally` or `Tally.from_positions`.
    measure : str, optional
        By default what fits the scale of the meeting (or of the tally's `stances`), whatever levels
        happen to occur: ``jaccard`` for support and opposition, ``s`` rescaled to 0 to 1 for a
        scale of more levels. With :math:`A, B` the sets of position-and-stance pairs of two actors:

        ==============  ============================================================  =========
        measure         formula                                                       range
        ==============  ============================================================  =========
        ``jaccard``     :math:`|A \cap B| / |A \cup B|`                               0 to 1
        ``dice``        :math:`2 |A \cap B| / (|A| + |B|)`                            0 to 1
        ``cosine``      :math:`|A \cap B| / \sqrt{|A| |B|}` (Ochiai)                  0 to 1
        ``overlap``     :math:`|A \cap B| / \min(|A|, |B|)`                           0 to 1
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
        ``matching``    share of the m codes with :math:`x = y`                       0 to 1
        ``s``           :math:`1 - 2 \sum d(x, y) / (m\, d(0, R))`                    -1 to 1
        ``pi``          :math:`1 - D_o / D_e`, :math:`D_e` from pooled ratings        up to 1
        ``kappa``       the same, :math:`D_e` from each actor's own ratings           up to 1
        ==============  ============================================================  =========

        where :math:`D_o, D_e` are the observed and expected mean of the distance :math:`d(x, y)`,
        as Häge [10]_ proposes for the similarity of states.
    normalization : {None, "average"}
        For the counts: ``"average"`` divides by the mean of the two actors' numbers of statements
        (Leifeld's average activity).
    min_shared : int
        For the ratings: pairs recorded together on fewer codes than this are ``NaN``.

    distance : {"absolute", "squared"}, optional
        For ``s``, ``pi`` and ``kappa``: :math:`d(x, y)` is :math:`|x - y|` or
        :math:`(x - y)^2`. By default absolute for ``s``, as Signorino and Ritter have it, and
        squared for ``pi`` and ``kappa``, as in Häge's published code.
    undefined : float
        For ``pi`` and ``kappa``: the value of a pair for which chance leaves nothing to tell apart
        (both always give the same one rating). Häge's code gives 0.

    Returns
    -------
    Agreement
        Its `frame` is actors × actors, both axes named ``actor``, float64, symmetric. ``NaN`` where
        there is nothing to compare: an actor of whom nothing is recorded with anyone, and for the
        ratings a pair without a jointly recorded code (or where chance leaves nothing to tell
        apart, 0/0). The diagonal of the counts is 0.

    Raises
    ------
    ValueError
        For an unknown measure, a normalization of a measure that is bounded already, `min_shared`,
        `distance` or `undefined` with a measure that does not use it, or a table that holds
        anything else than positions or counts.

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

    A position recorded both ways enters the set measures as both pairs, and is the rating 0 (on an
    ordinal scale the mean of its levels), which in ``matching`` agrees with the same rating only.

    Discourse Network Analyzer's normalisations called Jaccard and cosine are not the coefficients
    of these names: there, products of counts are divided by functions of the actors' totals. Here
    both are the coefficients of sets.

    Sources: jaccard [1]_, dice [2]_, cosine [3]_, overlap [4]_, matching [6]_, s [7]_, pi [8]_,
    kappa [9]_.

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
    >>> agreement = cam.agreement(cam.load_meeting().tally())
    >>> agreement.frame.loc[["Canada", "Bolivia"], ["Uruguay", "Paraguay"]]
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
    >>> cam.agreement(votes, "matching").frame.loc["A"].round(2).to_dict()
    {'A': 1.0, 'B': 0.75, 'C': 0.0}
    >>> cam.agreement(votes, "s").frame.loc["A"].round(2).to_dict()
    {'A': 1.0, 'B': 0.5, 'C': -1.0}
    >>> cam.agreement(votes, "kappa").frame.loc["A"].round(2).to_dict()
    {'A': 1.0, 'B': 0.5, 'C': -0.8}
    >>> cam.agreement(votes, "pi").frame.loc["A"].round(2).to_dict()
    {'A': 1.0, 'B': 0.47, 'C': -1.0}
    >>> cam.agreement(votes, "s", min_shared=4).frame.loc["A"].round(2).to_dict()
    {'A': 1.0, 'B': 0.5, 'C': nan}
    """
    if measure is not None:
        check_choice("measure", measure, MEASURES)
    check_choice("normalization", normalization, (None, "average"))
    check_choice("distance", distance, (None, "absolute", "squared"))
    given = tally if isinstance(tally, PairTables) else as_tally(tally)
    name = measure or ("jaccard" if set(given.stances) <= {1, -1} else "s")
    for argument, is_given, fitting in (
        ("normalization", normalization is not None, BY_FAMILY["count"]),
        ("min_shared", check_count("min_shared", min_shared) != 1, BY_FAMILY["rating"]),
        ("distance", distance is not None, FROM_MINUS_ONE),
        ("undefined", not np.isnan(undefined), ("pi", "kappa")),
    ):
        if is_given and name not in fitting:
            raise ValueError(f"`{argument}` is for {join_names(fitting)}, not {name!r}.")
    empty = Agreement(
        actors=given.actors,
        values=np.empty((0, 0)),
        measure=name,
        normalization=normalization,
        min_shared=int(min_shared),
        distance=distance or default_distance(name),
        undefined=float(undefined),
        is_default=measure is None,
        is_rescaled=measure is None and name == "s",
        tally=None if isinstance(given, PairTables) else given,
    )
    return replace(empty, values=remeasure(empty, _pairs(given)))


def _pairs(tables: Tally | PairTables) -> Pairs:
    return tables.pairs if isinstance(tables, PairTables) else pairs_of(tables)


def default_distance(measure: str | None) -> Distance:
    """Return the distance between ratings that the source of a measure uses."""
    return "squared" if measure in ("pi", "kappa") else "absolute"


def remeasure(agreement: Agreement, pairs: Pairs) -> Floats:
    """Compute an agreement's measure from other pair tables of as many actors.

    Pair tables of many tables (leading axes) give as many tables of agreement.
    """
    assert agreement.measure is not None
    measure = MEASURES[agreement.measure]
    values = measure.formula(pairs, agreement.distance)
    if measure.family == "count":
        if agreement.normalization == "average":
            values = ratio(values, np.add(*_both(pairs.totals)) / 2)
        n = values.shape[-1]
        values[..., np.arange(n), np.arange(n)] = 0.0
        values = np.where(np.logical_or(*_both(pairs.totals == 0)), np.nan, values)
    elif measure.family == "rating":
        if not np.isnan(agreement.undefined):
            values = np.where(np.isnan(values) & (pairs.codes > 0), agreement.undefined, values)
        if agreement.min_shared > 1:
            values = np.where(pairs.codes >= agreement.min_shared, values, np.nan)
    return rescale(values) if agreement.is_rescaled else values


def as_agreement(table: Agreement | pd.DataFrame) -> Agreement:
    """Return agreement as it is, and a square frame of the user's as agreement by no known measure.

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If the frame is not square, with the same actors on both axes, or not symmetric.
    """
    if isinstance(table, Agreement):
        return table
    if not isinstance(table, pd.DataFrame):
        raise TypeError(f"Expected agreement or a DataFrame of it, got {type(table).__name__}.")
    if list(table.index) != list(table.columns) or not table.index.is_unique:
        raise ValueError(
            "Agreement must be square, with the same actors in the same order on both axes, "
            f"each once; this table is {table.shape[0]} × {table.shape[1]}."
        )
    names = names_of(table.index, "actor")
    values = numbers_of(table, "Agreement must hold numbers or missing").copy()
    diagonal = np.diagonal(values).copy()
    np.fill_diagonal(values, np.nan)
    if np.isinf(values).any():
        raise ValueError("Agreement must hold finite numbers, but this table has infinite ones.")
    uneven = ~np.isclose(values, values.T, equal_nan=True)
    if uneven.any():
        a, b = np.argwhere(uneven)[0]
        raise ValueError(
            f"Agreement must be symmetric, but {names[a]} with {names[b]} is {values[a, b]:g} and "
            f"{names[b]} with {names[a]} is {values[b, a]:g}."
        )
    np.fill_diagonal(values, diagonal)
    return Agreement(names, values)


def dyads(
    tally: Tally | PairTables | pd.DataFrame | object,
    measures: Iterable[MeasureName] = ("jaccard",),
    *,
    attributes: Iterable[str] = (),
    min_shared: int = 1,
) -> pd.DataFrame:
    """Return one row per pair of actors, the long table that regressions are run on.

    Parameters
    ----------
    tally : Tally, PairTables or pandas.DataFrame, or a table of statements
        As for `agreement`. Of whatever else `camdata.analysis.pair_tables` takes (lazy, a stream, a
        frame of polars or pyarrow) with columns actor, code and stance these are made; they also
        take columns of other names, other scales, and frames of pandas.
    measures : sequence of str
        The measures, a column each; one name is enough.
    attributes : sequence of str
        Columns of the meeting's table of actors, of which each becomes two, ``NAME_a`` and
        ``NAME_b``.
    min_shared : int
        As for `agreement`, for the ratings among the measures.

    Returns
    -------
    pandas.DataFrame
        `actor_a`, `actor_b` (str, pairs and rows in alphabetical order, so that the tables of two
        meetings can be merged), `shared_codes` (int64: on how many codes both
        are recorded, whatever their stances), a float64 column per measure, missing where there is
        nothing to compare, and the attributes. The pair tables are made once for all measures.

    Raises
    ------
    ValueError
        For an unknown measure, or attributes that the tally does not have.

    Examples
    --------
    >>> import camdata as cam
    >>> tally = cam.load_meeting().tally()
    >>> table = cam.dyads(tally, ["jaccard", "matching"], attributes=["process"])
    >>> table[table["actor_b"] == "Chile"].round(2).to_string(index=False).splitlines()[0].split()
    ['actor_a', 'actor_b', 'shared_codes', 'jaccard', 'matching', 'process_a', 'process_b']
    """
    names: list[Any] = as_names("measures", measures)
    for name in names:
        check_choice("measures", name, MEASURES)
    check_count("min_shared", min_shared)
    tally = as_tally(tally) if isinstance(tally, pd.DataFrame) else tally
    tables = tally if isinstance(tally, Tally | PairTables) else pair_tables(tally)
    attributed = tables.attributes if isinstance(tables, Tally) else None
    known = pd.DataFrame() if attributed is None else attributed
    actors = pd.Series(tables.actors, dtype="str")
    # by name, so that tables of two meetings have the same pairs whoever spoke first
    order = np.argsort(actors.to_numpy(dtype=object), kind="stable")
    a, b = (order[side] for side in np.triu_indices(len(actors), 1))
    table = pd.DataFrame({"actor_a": actors.take(a).array, "actor_b": actors.take(b).array})
    table["shared_codes"] = _pairs(tables).codes[a, b].astype(np.int64)
    for name in names:
        least = min_shared if name in BY_FAMILY["rating"] else 1
        table[name] = agreement(tables, name, min_shared=least).values[a, b]
    for name in as_names("attributes", attributes):
        if name not in known:
            words = join_names(known.columns) or "none"
            meant = with_suggestion(name, list(known.columns))
            raise ValueError(f"The actors have no attribute {meant}; they have {words}.")
        values = known[name].reindex(actors)
        table[f"{name}_a"], table[f"{name}_b"] = values.take(a).array, values.take(b).array
    return table
