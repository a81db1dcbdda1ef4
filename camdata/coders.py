"""Several coders: how far their codings of the same texts agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._checks import Choice, as_list, check_count, check_seed, need
from camdata.labels import Integers, contingency
from camdata.results import Result

Floats = NDArray[np.float64]
ABSENT = 0
CELL = ["document", "actor", "code"]


@dataclass(frozen=True, eq=False, repr=False)
class Reliability(Result):
    """How far coders agree.

    Attributes
    ----------
    coders : tuple of str
        Who is compared.
    alpha : float
        Krippendorff's alpha (nominal) over all units; ``NaN`` where the coders use one value only.
    interval : tuple of float
        2.5th and 97.5th percentile of alpha when actors are drawn again.
    percent : float
        Share of units on which all coders agree.
    kappa : float
        Cohen's kappa; ``NaN`` for more than two coders.
    overall, by_dimension, by_code : pandas.DataFrame
        `units` (int), `alpha`, `low`, `high` (the interval), `percent` and `kappa`; one row, or one
        per dimension or code, in the order of the codebook.
    disagreements : pandas.DataFrame
        One row per unit on which the coders differ: `document` (where there are several), `actor`,
        `code`, and for each coder ``value CODER`` (absent, supports, opposes, both, or the level)
        and ``quote CODER`` (the quotes, joined; empty where absent).
    n_actors : int
        How many actors, of whom something is recorded, the coders were compared on.
    """

    coders: tuple[str, ...]
    overall: pd.DataFrame
    by_dimension: pd.DataFrame
    by_code: pd.DataFrame
    disagreements: pd.DataFrame
    n_actors: int

    def _overall(self, name: str) -> float:
        return float(self.overall[name].iloc[0])

    @property
    def alpha(self) -> float:
        return self._overall("alpha")

    @property
    def interval(self) -> tuple[float, float]:
        return self._overall("low"), self._overall("high")

    @property
    def percent(self) -> float:
        return self._overall("percent")

    @property
    def kappa(self) -> float:
        return self._overall("kappa")

    @property
    def summary(self) -> str:
        """The result in words."""
        low, high = self.interval
        kappa = "" if np.isnan(self.kappa) else f", Cohen's kappa {self.kappa:.2f}"
        return (
            f"{', '.join(self.coders)} on {self._overall('units'):.0f} units "
            f"({self.n_actors} actors): Krippendorff's alpha {self.alpha:.2f} "
            f"({low:.2f} to {high:.2f} when actors are drawn again){kappa}, "
            f"{self.percent:.0%} agreement, {len(self.disagreements)} disagreements."
        )

    @property
    def frame(self) -> pd.DataFrame:
        """Overall, by dimension and by code, one below the other."""
        parts = {"": self.overall, "dimension": self.by_dimension, "code": self.by_code}
        return pd.concat(parts, names=["level", "of"])


def reliability(
    statements: pd.DataFrame,
    codebook: pd.DataFrame,
    *,
    coder: Choice = None,
    n_resamples: int = 1000,
    seed: int = 0,
) -> Reliability:
    """Compare the codings of several coders.

    Parameters
    ----------
    statements : pandas.DataFrame
        `actor`, `code`, `coder` and, where the meeting has them, `stance` (default 1), `quote` and
        `document`. ``Meeting.statements`` is such a table.
    codebook : pandas.DataFrame
        `code` and, for results by dimension, `dimension`: every code counts, also one that nobody
        used.
    coder : sequence of str, optional
        Whom to compare; by default everyone.
    n_resamples : int
        How many times actors are drawn again for the interval.
    seed : int
        Seed of these draws.

    Returns
    -------
    Reliability

    Raises
    ------
    ValueError
        If there are fewer than two coders, if they share no document, if a column is missing, or if
        statements use codes that the codebook does not have.
    ImportError
        Without the package krippendorff, which comes with ``camdata[reliability]``.

    Notes
    -----
    A unit is an actor and a code of the codebook (in a document, where there are several); its
    value is absent, supports, opposes or both. The units are those of the documents that all the
    coders have coded something in, and of the actors of whom at least one of them recorded
    something there: an actor on whom all are silent would only add agreement on absence.

    Most codes are absent from most actors, so percent agreement is high whatever the coders do;
    alpha (Krippendorff 2019, "Content Analysis", 4th ed., ch. 12; Hayes & Krippendorff 2007,
    doi:10.1080/19312450709336664) and kappa (Cohen 1960, doi:10.1177/001316446002000104) are
    corrected for that. The cells of one actor are not independent, so the interval draws actors,
    not cells.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> rows = [("A", "tax"), ("A", "quota"), ("B", "tax"), ("C", "quota")]
    >>> first = pd.DataFrame(rows, columns=["actor", "code"]).assign(coder="Ana")
    >>> second = first.iloc[[0, 2, 3]].assign(coder="Ben")
    >>> codebook = pd.DataFrame({"code": ["tax", "quota"]})
    >>> result = cam.reliability(pd.concat([first, second]), codebook)
    >>> round(result.alpha, 3), round(result.percent, 3), len(result.disagreements)
    (0.686, 0.833, 1)
    """
    n = check_count("n_resamples", n_resamples)
    table, coders = _checked(statements, codebook, coder)
    values, units, names = _units(table, codebook, coders)
    codes = codebook["code"].tolist()
    actors = sorted(set(units["actor"]))  # so that the order of rows changes no draw
    blocks = np.array([units["actor"].eq(actor).to_numpy() for actor in actors])
    draws = check_seed(seed).integers(len(blocks), size=(n, len(blocks)))

    def row(inside: NDArray[np.bool_]) -> dict[str, float]:
        chosen = values[:, inside]
        rows_of = [np.flatnonzero(block[inside]) for block in blocks]
        again = [_alpha(chosen[:, np.concatenate([rows_of[i] for i in draw])]) for draw in draws]
        defined = np.array([value for value in again if not np.isnan(value)])
        low, high = np.quantile(defined, [0.025, 0.975]) if len(defined) else (np.nan, np.nan)
        return {
            "units": int(inside.sum()),
            "alpha": _alpha(chosen),
            "low": float(low),
            "high": float(high),
            "percent": float((chosen == chosen[0]).all(axis=0).mean()),
            "kappa": cohen_kappa(chosen[0], chosen[1]) if len(coders) == 2 else float("nan"),
        }

    code_of = units["code"]
    by_code = {code: row(code_of.eq(code).to_numpy()) for code in codes}
    by_dimension: dict[str, dict[str, float]] = {}
    if "dimension" in codebook:
        dimension = codebook.set_index("code")["dimension"]
        for name in dimension.dropna().drop_duplicates():
            by_dimension[name] = row(code_of.map(dimension).eq(name).to_numpy())
    return Reliability(
        coders=tuple(coders),
        overall=_frame({"all": row(np.ones(len(units), dtype=bool))}, "units of"),
        by_dimension=_frame(by_dimension, "dimension"),
        by_code=_frame(by_code, "code"),
        disagreements=_disagreements(table, values, units, names, coders),
        n_actors=int(units["actor"].nunique()),
    )


def _frame(rows: dict[str, dict[str, float]], name: str) -> pd.DataFrame:
    columns = ["units", "alpha", "low", "high", "percent", "kappa"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    frame.index.name = name
    return frame.astype({"units": "int64"})


def _checked(
    statements: pd.DataFrame, codebook: pd.DataFrame, coder: Choice
) -> tuple[pd.DataFrame, list[str]]:
    """Return the statements of the coders to compare, in the documents that all of them coded."""
    for name, table, columns in (
        ("statements", statements, ("actor", "code", "coder")),
        ("codebook", codebook, ("code",)),
    ):
        missing = [column for column in columns if column not in table]
        if missing:
            raise ValueError(f"The {name} need the columns {', '.join(missing)}.")
    unknown = sorted(set(statements["code"]) - set(codebook["code"]))
    if unknown:
        raise ValueError(f"These codes of the statements are not in the codebook: {unknown}.")
    present = statements["coder"].dropna().drop_duplicates().tolist()
    coders = present if coder is None else as_list("coder", coder, present)
    if len(coders) < 2:
        got = (
            f"only {', '.join(coders)} was chosen out of {', '.join(present)}."
            if len(present) > 1
            else f"the statements have {', '.join(present) or 'none'}: the data were coded once."
        )
        raise ValueError(f"Reliability needs at least two coders, but {got}")
    table = statements[statements["coder"].isin(coders)].copy()
    if "stance" not in table:
        table["stance"] = 1
    if "document" not in table:
        table["document"] = ""
    table["document"] = table["document"].fillna("")
    readers = table.groupby("document", sort=False)["coder"].nunique()
    shared = readers.index[readers == len(coders)]
    if len(shared) == 0:
        raise ValueError(f"There is no document that all of {', '.join(coders)} have coded.")
    return table[table["document"].isin(shared)], coders


def _units(
    table: pd.DataFrame, codebook: pd.DataFrame, coders: Sequence[str]
) -> tuple[Integers, pd.DataFrame, list[str]]:
    """Return a value for each coder and unit, what each unit is, and the names of the values."""
    read = table[["document", "actor"]].drop_duplicates()
    units = read.merge(codebook[["code"]], how="cross")
    values = np.full((len(coders), len(units)), ABSENT, dtype=np.int64)
    held: dict[tuple[Any, ...], set[int]] = {}
    for *cell, stance in zip(*(table[name] for name in (*CELL, "coder", "stance")), strict=True):
        held.setdefault(tuple(cell), set()).add(int(stance))
    kinds = sorted({tuple(sorted(stances)) for stances in held.values()})
    place = {cell: i for i, cell in enumerate(zip(*(units[n] for n in CELL), strict=True))}
    for (*unit, who), stances in held.items():
        number = kinds.index(tuple(sorted(stances))) + 1
        values[list(coders).index(who), place[tuple(unit)]] = number
    return values, units, ["absent", *map(_value, kinds)]


def _value(stances: tuple[int, ...]) -> str:
    known = {(1,): "supports", (-1,): "opposes", (-1, 1): "both"}
    return known.get(stances, " and ".join(f"{stance:+d}" for stance in stances))


def _alpha(values: Integers) -> float:
    """Return Krippendorff's alpha for nominal values, coders × units."""
    if values.size == 0 or (values == values.flat[0]).all():
        return float("nan")  # one value only: nothing to disagree on, 0/0
    krippendorff = need("krippendorff", "reliability")
    return float(krippendorff.alpha(values, level_of_measurement="nominal"))


def cohen_kappa(a: Integers, b: Integers) -> float:
    """Return Cohen's kappa of two coders, unweighted; ``NaN`` where both use one same value."""
    values = np.union1d(a, b)
    # every value counts once for each coder, so that both axes have them all; taken off again
    table = contingency(np.concatenate([a, values]), np.concatenate([b, values])) - np.eye(len(values))
    total = table.sum()
    observed = np.trace(table) / total
    expected = (table.sum(axis=0) * table.sum(axis=1)).sum() / total**2
    return float("nan") if expected == 1 else float((observed - expected) / (1 - expected))


def _disagreements(
    table: pd.DataFrame,
    values: Integers,
    units: pd.DataFrame,
    names: Sequence[str],
    coders: Sequence[str],
) -> pd.DataFrame:
    differ = np.flatnonzero((values != values[0]).any(axis=0))
    rows = units.iloc[differ].reset_index(drop=True)
    cells = pd.MultiIndex.from_arrays([rows[name] for name in CELL])
    for i, who in enumerate(coders):
        rows[f"value {who}"] = [names[number] for number in values[i, differ]]
        quotes = [""] * len(rows)
        if "quote" in table:
            own = table[table["coder"] == who].dropna(subset=["quote"])
            joined = own.groupby(CELL)["quote"].agg(" / ".join)
            quotes = joined.reindex(cells).fillna("").tolist()
        rows[f"quote {who}"] = pd.Series(quotes, rows.index, dtype="str")
    return rows.drop(columns="document") if len(set(table["document"])) == 1 else rows
