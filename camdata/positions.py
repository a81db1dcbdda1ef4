"""Statements are counted into a tally, and the tally read as positions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np
import pandas as pd

from camdata.schema import check_choice, did_you_mean

By = Literal["dimension", "code"]
Duplicates = Literal["once", "document", "all"]
Choice = str | Sequence[str] | None
"""One value, several, or `None` for all."""

ORDER = "actors"
"""Key of ``DataFrame.attrs`` under which a table carries the speaking order of its actors.

Rows may be shuffled, and labels that are numbered by who spoke first must not change with them.
"""

STATEMENTS = "statements"
"""Key of ``DataFrame.attrs`` under which a table carries how many statements each actor has."""


def as_list(name: str, chosen: Choice, known: Iterable[str]) -> list[str] | None:
    """Return a choice of `known` values as a list, or None for all; unknown ones are an error."""
    if chosen is None:
        return None
    values = [chosen] if isinstance(chosen, str) else [str(value) for value in chosen]
    options = list(known)
    unknown = [value for value in values if value not in options]
    if unknown:
        named = ", ".join(did_you_mean(str(value), options) for value in unknown)
        raise ValueError(f"The value for `{name}` must be among {options}, but {named} was passed.")
    return values


def select_actors(actors: pd.DataFrame, kinds: Choice) -> list[str]:
    """Return the actors of the chosen kinds in speaking order, the unnumbered ones after.

    ``None`` chooses the delegations where there are any, and everyone otherwise.
    """
    if "speaking_order" in actors:
        actors = actors.sort_values("speaking_order", kind="stable", na_position="last")
    if "kind" not in actors:
        if kinds is not None:
            raise ValueError("`kinds` was given, but the actors of this meeting have no kinds.")
        return actors["actor"].tolist()
    present = actors["kind"].dropna().unique().tolist()
    if kinds is None and "delegation" in present:
        kinds = "delegation"
    chosen = as_list("kinds", kinds, present)
    if chosen is not None:
        actors = actors[actors["kind"].isin(chosen)]
    return actors["actor"].tolist()


def select_statements(
    statements: pd.DataFrame, actors: Sequence[str], basis: Choice, coder: Choice
) -> pd.DataFrame:
    """Return the statements of `actors` with the chosen basis and coder.

    Raises
    ------
    ValueError
        If several coders coded the same actor and none was chosen, since their statements would be
        counted twice; the error names them.
    """
    chosen = statements[statements["actor"].isin(actors)]
    for name, value in (("basis", basis), ("coder", coder)):
        if value is None:
            continue
        if name not in statements:
            raise ValueError(f"`{name}` was given, but the statements have no column {name!r}.")
        values = as_list(name, value, statements[name].dropna().unique()) or []
        chosen = chosen[chosen[name].isin(values)]
    if coder is None and "coder" in chosen:
        coders = chosen.groupby("actor", sort=False)["coder"].nunique()
        twice = coders.index[coders > 1].tolist()
        if twice:
            names = chosen.loc[chosen["actor"].isin(twice), "coder"].unique().tolist()
            raise ValueError(
                f"{len(twice)} actor{' was' if len(twice) == 1 else 's were'} coded by more than "
                f"one coder ({', '.join(twice[:3])}{', …' if len(twice) > 3 else ''}); "
                f"choose with coder=, one of {names}."
            )
    return chosen


def keys_of(codebook: pd.DataFrame | None, statements: pd.DataFrame, by: By) -> list[str]:
    """Return the codes or dimensions in the order of the codebook (else of first appearance)."""
    check_choice("by", by, ("dimension", "code"))
    if codebook is None and by == "code":
        return statements["code"].drop_duplicates().tolist()
    if codebook is None or by not in codebook:
        raise ValueError(
            "This meeting has no dimensions: they come from the codebook's column `dimension`. "
            "Use by='code', or add a codebook."
        )
    return codebook[by].dropna().drop_duplicates().tolist()


def tally(
    statements: pd.DataFrame,
    *,
    actors: Sequence[str],
    keys: Sequence[str],
    by: By,
    stances: Sequence[int],
    codebook: pd.DataFrame | None = None,
    duplicates: Duplicates = "once",
) -> pd.DataFrame:
    """Count statements, actors × (code or dimension, stance).

    Parameters
    ----------
    statements : pandas.DataFrame
        `actor`, `code`, `stance` and, where there is one, `document`.
    actors : sequence of str
        The rows, in this order; an actor without statements keeps its row of zeros.
    keys : sequence of str
        The codes or dimensions, in this order; all of them, whether recorded or not.
    by : {"dimension", "code"}
        What the columns are.
    stances : sequence of int
        The stances that get a column each.
    codebook : pandas.DataFrame, optional
        `code` and `dimension`; needed for ``by="dimension"``.
    duplicates : {"once", "document", "all"}
        Whether an actor's repeated statements of one column count once, once for each document, or
        every time.

    Returns
    -------
    pandas.DataFrame
        Index `actor`; columns a MultiIndex (`by`, ``"stance"``); int64 counts. Its ``attrs`` carry
        the speaking order and the number of statements of each actor, repeated ones included.
    """
    check_choice("duplicates", duplicates, ("once", "document", "all"))
    counted = statements[statements["actor"].isin(actors)]
    if by == "dimension":
        assert codebook is not None
        dimension = codebook.set_index("code")["dimension"]
        counted = counted.assign(dimension=counted["code"].map(dimension))
        counted = counted.dropna(subset=["dimension"])
    behind = counted["actor"].value_counts().reindex(list(actors), fill_value=0)
    cell = ["actor", by, "stance"]
    if duplicates == "once":
        counted = counted.drop_duplicates(cell)
    elif duplicates == "document":
        if "document" not in counted:
            raise ValueError("duplicates='document' needs the column `document` in the statements.")
        counted = counted.drop_duplicates([*cell, "document"])
    columns = pd.MultiIndex.from_product([list(keys), list(stances)], names=[by, "stance"])
    rows = pd.Index(list(actors), name="actor", dtype="str")
    at = rows.get_indexer(pd.Index(counted["actor"]))
    levels = pd.Index(list(stances)).get_indexer(pd.Index(counted["stance"].astype("int64")))
    key = pd.Index(list(keys)).get_indexer(pd.Index(counted[by]))
    inside = (at >= 0) & (levels >= 0) & (key >= 0)
    counts = np.zeros((len(rows), len(keys), len(stances)), dtype=np.int64)
    np.add.at(counts, (at[inside], key[inside], levels[inside]), 1)
    table = pd.DataFrame(counts.reshape(len(rows), len(columns)), index=rows, columns=columns)
    table.attrs.update({ORDER: list(actors), STATEMENTS: behind.to_dict()})
    return table


def positions(tally: pd.DataFrame) -> pd.DataFrame:
    """Read a tally as positions.

    Parameters
    ----------
    tally : pandas.DataFrame
        Counts, actors × (code or dimension, stance), with the stances 1 and -1.

    Returns
    -------
    pandas.DataFrame
        Index `actor`, columns codes or dimensions, dtype ``Int8``: 1 where only support is
        recorded, -1 where only opposition, 0 where both are, ``<NA>`` where nothing is.

    Raises
    ------
    ValueError
        If the meeting uses other stances: use the tally itself.

    Examples
    --------
    >>> import pandas as pd
    >>> columns = pd.MultiIndex.from_product([["tax", "quota"], [1, -1]], names=["code", "stance"])
    >>> counts = pd.DataFrame([[2, 0, 0, 1], [1, 1, 0, 0]], index=["A", "B"], columns=columns)
    >>> positions(counts)
    code  tax  quota
    A       1     -1
    B       0   <NA>
    """
    stances = set(tally.columns.get_level_values("stance"))
    if not stances <= {1, -1}:
        raise ValueError(
            f"Positions are read from the stances 1 and -1, and this tally has {sorted(stances)}: "
            "use the tally itself."
        )
    keys = tally.columns.get_level_values(0)
    order = keys.drop_duplicates()

    def recorded(stance: int) -> pd.DataFrame:
        chosen = tally.columns.get_level_values("stance") == stance
        part = tally.loc[:, chosen].set_axis(keys[chosen], axis="columns")
        return part.reindex(columns=order, fill_value=0) > 0

    support, oppose = recorded(1), recorded(-1)
    values = (support.astype("Int8") - oppose.astype("Int8")).where(support | oppose)
    values = values.astype("Int8")
    values.columns.name = tally.columns.names[0]
    values.attrs = dict(tally.attrs)
    return values


def as_tally(table: pd.DataFrame) -> pd.DataFrame:
    """Return a tally as it is, and positions as the tally of what is recorded (0 as both).

    Raises
    ------
    TypeError
        If `table` is no DataFrame.
    ValueError
        If it is neither: values other than 1, -1, 0 and missing, or negative counts.
    """
    if not isinstance(table, pd.DataFrame):
        raise TypeError(
            f"Expected a tally or positions as a DataFrame, got {type(table).__name__}."
        )
    if not table.index.is_unique:
        twice = table.index[table.index.duplicated()].unique().tolist()
        raise ValueError(f"Each actor must have one row; these have more: {twice}.")
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()].unique().tolist()
        raise ValueError(f"Each code must have one column; these have more: {twice}.")
    if table.columns.nlevels == 2 and table.columns.names[-1] == "stance":
        values = table.to_numpy(dtype="float64")
        if np.isnan(values).any() or (values < 0).any():
            raise ValueError("A tally holds counts: no missing and no negative values.")
        return table
    if table.columns.nlevels != 1:
        raise ValueError(
            "Expected positions (one column per code) or a tally (columns: code, stance)."
        )
    values = table.astype("Float64").to_numpy(dtype="float64", na_value=np.nan)
    strange = sorted(set(values[~np.isnan(values)]) - {1.0, -1.0, 0.0})
    if strange:
        raise ValueError(
            "Positions are 1, -1, 0 (both) or missing, but these values were found: "
            f"{', '.join(f'{value:g}' for value in strange)}."
        )
    name = table.columns.name or "code"
    columns = pd.MultiIndex.from_product([table.columns, [1, -1]], names=[name, "stance"])
    counts = np.zeros((len(table), len(columns)), dtype=np.int64)
    counts[:, 0::2] = (values == 1) | (values == 0)
    counts[:, 1::2] = (values == -1) | (values == 0)
    result = pd.DataFrame(counts, index=table.index, columns=columns)
    result.attrs = dict(table.attrs)
    return result


def recorded(table: pd.DataFrame) -> pd.DataFrame:
    """Return which position-and-stance pairs each actor is recorded on.

    Parameters
    ----------
    table : pandas.DataFrame
        Positions or a tally.

    Returns
    -------
    pandas.DataFrame
        bool, actors × (code or dimension, stance).
    """
    counts = as_tally(table)
    result = counts > 0
    result.attrs = dict(counts.attrs)
    return result
