"""Tables for a paper: a result as LaTeX, Word-ready HTML or Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd

from camdata._display.checks import Labels, check_choice, names_from, wrong_type
from camdata._display.typeset import BOTH, MISSING, NOTHING, OPPOSES, SUPPORTS, WRITERS, TextTable
from camdata._display.words import capital, count, join_names, minus
from camdata.analysis.clustering import Clusters
from camdata.analysis.labels import members
from camdata.analysis.measures import MEASURES, Agreement
from camdata.analysis.profiles import Profile, stance_words
from camdata.model.meeting import Meeting
from camdata.model.tally import Tally, as_tally

Format = Literal["latex", "html", "markdown"]
Namer = Callable[[str], str]
Sections = Iterable[tuple[str, list[list[str]]]]

_ACROSS = 75
"""How many characters of headings fit beside each other on a page."""


def to_table(
    result: Meeting | Tally | Agreement | Clusters | Profile | pd.DataFrame,
    format: Format = "latex",
    *,
    title: str | None = None,
    labels: Labels = None,
    notes: bool = True,
) -> str:
    r"""Return a result as a table for a paper.

    Parameters
    ----------
    result : Meeting, Tally, Agreement, Clusters, Profile or pandas.DataFrame
        What to show; a meeting as its positions. A DataFrame is either dyads, one row per pair of
        actors as `camdata.dyads` returns them, or positions.
    format : {"latex", "html", "markdown"}
        LaTeX needs ``\usepackage{array,booktabs,amssymb}`` and ``\usepackage[T1]{fontenc}``, and
        ``longtable`` where there are more than 40 rows; HTML is a whole document that Word opens;
        Markdown is a pipe table.
    title : str, optional
        Stands above. In LaTeX it makes a float with a caption (a ``longtable`` has it itself);
        without one there is the bare table, to be put into a float of your own.
    labels : mapping of str to str, or str, optional
        What actors and codes are called, or a column of the actors, such as ``iso3``. Codes have
        their labels from the codebook anyway.
    notes : bool
        Whether to say below what is shown, at which level and on how many statements, and what
        signs, numbers and dashes mean.

    Returns
    -------
    str
        Positions have actors in rows; where the names of the codes do not fit side by side, these
        stand in rows and the actors in columns, numbered where even their names do not fit.
        Agreement is the lower triangle, its columns numbered as its rows.

    Raises
    ------
    ValueError
        For an unknown format or an unknown column of labels.
    TypeError
        For a result that there is no table for. A frame of numbers is written by pandas itself,
        `pandas.DataFrame.to_csv` or `to_latex`.

    Notes
    -----
    Everything is escaped for its format, so names may hold anything. LaTeX is UTF-8; names outside
    the Latin alphabet need XeLaTeX or LuaLaTeX and a font that has them.

    Examples
    --------
    >>> import camdata as cam
    >>> from camdata.report.tables import to_table
    >>> tally = cam.load_meeting().select(actors=["Canada", "Chile"]).tally()
    >>> print(to_table(tally, "markdown", labels="iso3"))
    | Actor | terms definition | pragmatism | rights | coordination | Statements |
    | :---- | :--------------: | :--------: | :----: | :----------: | ---------: |
    | CHL   |        ·         |     ·      |   ■    |      ■       |          2 |
    | CAN   |        ■         |     ■      |   ·    |      ·       |          6 |
    <BLANKLINE>
    *Note.* Recorded positions of 2 actors on 4 dimensions, 8 statements. ■ supports, · nothing is
    recorded. Statements: how many stand behind the row.
    <BLANKLINE>
    """
    check_choice("format", format, WRITERS)
    if title is not None and not isinstance(title, str):
        raise wrong_type("title", "a text or None", title)
    if not isinstance(notes, bool | np.bool_):
        raise wrong_type("notes", "True or False", notes)
    table = _table(result, labels)
    return WRITERS[format](table, title or "", " ".join(table.notes) if notes else "")


def _table(result: object, labels: Labels) -> TextTable:
    if isinstance(result, Agreement):
        return _agreement(result, *_names(labels, result.tally))
    if isinstance(result, Clusters):
        return _clusters(result, *_names(labels, result.agreement.tally))
    if isinstance(result, Profile):
        return _profile(result, *_names(labels, result.tally))
    if isinstance(result, pd.DataFrame) and {"actor_a", "actor_b"} <= set(result.columns):
        return _dyads(result, *_names(labels, None))
    if isinstance(result, Meeting):
        result = result.tally()
    if isinstance(result, Tally | pd.DataFrame):
        tally = as_tally(result)
        return _positions(tally, *_names(labels, tally))
    expected = "a Meeting, Tally, Agreement, Clusters, Profile, or a frame of dyads or positions"
    raise wrong_type("result", expected, result)


def _names(labels: Labels, tally: Tally | None) -> tuple[Namer, Namer]:
    """Return what actors, and what codes (or dimensions), are called."""
    codes = {} if tally is None else dict(zip(tally.keys, tally.labels, strict=True))
    called = names_from(labels, None if tally is None else tally.attributes)
    codes |= {} if isinstance(labels, str) else called
    return (lambda name: called.get(name, name)), (lambda code: codes.get(code, code))


# one table for each kind of result


def _positions(tally: Tally, actor: Namer, code: Namer) -> TextTable:
    names, keys = [actor(a) for a in tally.actors], [code(k) for k in tally.keys]
    values = tally.positions.to_numpy("float64", na_value=np.nan)
    flat = _numbers(values.ravel(), None, NOTHING)
    if not tally.ordinal:
        signed = {"1": SUPPORTS, "−1": OPPOSES, "0": BOTH, NOTHING: NOTHING}
        flat = [signed[number] for number in flat]
    cells = np.array(flat, dtype=object).reshape(values.shape)
    known = [] if tally.statements is None else [f"{n:,}" for n in tally.statements]
    about = f"{count(len(names), 'actor')} on {count(len(keys), tally.by)}"
    if tally.n_statements is not None:
        about += f", {count(tally.n_statements, 'statement')}"
    notes = [f"Recorded positions of {about}."]
    signs = {
        SUPPORTS: "supports",
        OPPOSES: "opposes",
        BOTH: "both ways",
        NOTHING: "nothing is recorded",
    }
    found = set(cells.ravel())
    said = [f"{sign} {words}" for sign, words in signs.items() if sign in found]
    if tally.ordinal:
        scale = join_names((minus(str(level)) for level in tally.stances), 20)
        notes.append(f"Numbers are levels of the scale {scale}; several are shown by their mean.")
    if said:
        notes.append(f"{', '.join(said)}.")
    side = "r" if tally.ordinal else "c"
    if sum(map(len, keys)) <= _ACROSS:
        rows = [[name, *row] for name, row in zip(names, cells.tolist(), strict=True)]
        header, align = ["Actor", *keys], "l" + side * len(keys)
        if known:
            header, align = [*header, "Statements"], align + "r"
            rows = [[*row, number] for row, number in zip(rows, known, strict=True)]
    else:
        groups = tally.groups or ("",) * len(keys)
        lines: dict[str, list[list[str]]] = {}
        for group, key, row in zip(groups, keys, cells.T.tolist(), strict=True):
            lines.setdefault(group, []).append([key, *row])
        rows = _sections(lines.items())
        header, align = [tally.by.capitalize(), *names], "l" + side * len(names)
        if known:
            rows += _sections([("All", [["Statements", *known]])])
        if sum(map(len, names)) > _ACROSS:
            header[1:] = [str(number) for number in range(1, len(names) + 1)]
            pairs = (f"{number} {name}" for number, name in enumerate(names, 1))
            notes.append(f"Columns: {', '.join(pairs)}.")
    if known:
        across = "row" if header[0] == "Actor" else "column"
        notes.append(f"Statements: how many stand behind the {across}.")
    return TextTable(header, align, rows, notes)


def _agreement(agreement: Agreement, actor: Namer, _: Namer) -> TextTable:
    n, tally = len(agreement.actors), agreement.tally
    below = np.tril_indices(n, -1)
    shown = np.full((n, n), "", dtype=object)
    shown[below] = _numbers(agreement.values[below], agreement.measure)
    names = [f"{number} {actor(name)}" for number, name in enumerate(agreement.actors, 1)]
    rows = [[name, *row[:-1]] for name, row in zip(names, shown.tolist(), strict=True)]
    header, align = ["Actor", *map(str, range(1, n))], "l" + "r" * (n - 1)
    about = count(n, "actor")
    if tally is not None:
        about += f" on {count(len(tally.keys), tally.by)}"
        if tally.statements is not None and tally.n_statements is not None:
            about += f", {count(tally.n_statements, 'statement')}"
            header, align = [header[0], "Statements", *header[1:]], "lr" + align[1:]
            said = [f"{number:,}" for number in tally.statements]
            rows = [[row[0], number, *row[1:]] for row, number in zip(rows, said, strict=True)]
    notes = [f"{capital(agreement.label)} of {about}; columns are numbered as the rows."]
    if np.isnan(agreement.values[below]).any():
        notes.append(f"{MISSING} nothing to compare.")
    return TextTable(header, align, rows, notes)


def _dyads(table: pd.DataFrame, actor: Namer, _: Namer) -> TextTable:
    called = {"actor_a": "Actor A", "actor_b": "Actor B", "shared_codes": "Recorded by both"}
    header, align, columns = [], "", []
    for key, column in table.items():
        name = str(key)
        words = called.get(name, name.replace("_", " "))
        if name in MEASURES:
            words = capital(MEASURES[name].label)
        elif re.fullmatch(".+_[ab]", name) and name not in called:
            words = f"{capital(words[:-2])} {name[-1].upper()}"
        number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        if number:
            cells = _numbers(column.to_numpy("float64", na_value=np.nan), name)
        else:
            cells = [MISSING if pd.isna(value) else actor(str(value)) for value in column]
        columns.append(cells)
        header.append(words)
        align += "r" if number else "l"
    notes = [f"{count(len(table), 'pair')} of actors."]
    if "shared_codes" in table:
        notes.append("Recorded by both: on how many codes (or dimensions), whatever the stances.")
    if any(MISSING in cells for cells in columns):
        notes.append(f"{MISSING} nothing to compare, or not known.")
    return TextTable(header, align, [list(row) for row in zip(*columns, strict=True)], notes)


def _clusters(clusters: Clusters, actor: Namer, _: Namer) -> TextTable:
    known = clusters.frame["statements"]

    def called(name: str) -> str:
        return actor(name) if pd.isna(known[name]) else f"{actor(name)} ({known[name]:,})"

    rows = [
        [str(label), f"{len(group):,}", ", ".join(map(called, group))]
        for label, group in clusters.members.items()
    ]
    agreement, tally = clusters.agreement, clusters.agreement.tally
    level = "" if tally is None else f" on {count(len(tally.keys), tally.by)}"
    notes = [f"Clustering: {clusters.method}; agreement: {agreement.label}{level}."]
    if known.notna().any():
        notes.append("In brackets: the number of statements.")
    if not np.isnan(clusters.silhouette):
        notes.append(f"Mean silhouette {minus(f'{clusters.silhouette:.2f}')}.")
    if len(clusters.unplaced):
        reasons = (f"{actor(str(name))} ({why})" for name, why in clusters.unplaced.items())
        notes.append(f"Not placed: {', '.join(reasons)}.")
    return TextTable(["Cluster", "Actors", "Members"], "lrp", rows, notes)


def _profile(profile: Profile, actor: Namer, code: Namer) -> TextTable:
    by, placed = profile.tally.by, int(profile.labels.notna().sum())
    parts: list[tuple[str, list[list[str]]]] = []
    for label, group in members(profile.labels).items():
        lines = []
        for row in profile.table[profile.table["cluster"] == label].to_dict("records"):
            others = placed - row["members"]
            rest = f"{round(row['rest'] * others)} of {others}" if others else MISSING
            lines.append(
                [
                    stance_words(code(row[by]), row["stance"], profile.tally.ordinal),
                    f"{row['holders']} of {row['members']}",
                    rest,
                    *_numbers([row["difference"]], "difference"),
                ]
            )
        parts.append((f"Cluster {label}: {', '.join(map(actor, group))}", lines))
    tally = profile.tally
    about = f"{count(placed, 'actor')} on {count(len(tally.keys), by)}"
    if tally.n_statements is not None:
        about += f"; {count(tally.n_statements, 'statement')} in all"
    notes = [
        f"Positions held by {about}. Members and others: how many hold the position; difference: "
        "of the two shares."
    ]
    if len(parts) == 1:
        notes.append(f"{MISSING} there are no others.")
    header = ["Position", "Members", "Others", "Difference"]
    return TextTable(header, "lrrr", _sections(parts), notes)


def _sections(parts: Sections) -> list[list[str]]:
    """Return lines below their headings; parts without lines or without a heading have none."""
    rows: list[list[str]] = []
    for heading, lines in parts:
        rows += [[heading]] * bool(heading and lines) + lines
    return rows


def _numbers(values: Any, of: str | None, missing: str = MISSING) -> list[str]:
    """Return numbers with the same digits: none where they count something, else two."""
    numbers = np.asarray(values, dtype=np.float64)
    there = numbers[~np.isnan(numbers)]
    share = of == "difference" or (of in MEASURES and MEASURES[of].family != "count")
    whole = not share and bool((there % 1 == 0).all())
    digits = 0 if whole else 2
    return [missing if np.isnan(v) else minus(f"{v + 0.0:,.{digits}f}") for v in numbers]
