"""Read a table of statements: a spreadsheet, a CSV file, a data frame."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import as_names, check_choice, wrong_type
from camdata._display.words import join_names, shorten
from camdata.io import several
from camdata.io.blocks import Block, kept, log_headers, open_block
from camdata.io.columns import (
    Column,
    ask_for_stances,
    check_asked,
    find_columns,
    other_tables,
    score,
)
from camdata.io.foreign import Log, kept_apart, meeting_of
from camdata.io.names import Words, log_unused, merge, near_names, read_words
from camdata.io.sheets import text_of
from camdata.io.stances import Ends, Given, Meaning, Votes, meaning_of, read_stances
from camdata.model.columns import check_column, read_days
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES, tables_for
from camdata.model.source import Quotes, SourceTable, from_frames

Key = str | Sequence[str] | Mapping[str, str | Sequence[str]]

_ROLES = ("actor", "code", "stance", "quote", "coder", "date", "document", "statement")
"""The columns that `read_table` reads."""

_NAMES = ("actor", "code", "coder")
"""Columns of names, which are compared with each other and merged by `aliases`."""


def read_table(
    table: str | Path | pd.DataFrame,
    *,
    actor: str | None = None,
    code: str | None = None,
    stance: Column = None,
    quote: Column = None,
    coder: Column = None,
    date: Column = None,
    document: Column = None,
    statement: Column = None,
    stances: Given = None,
    scale: Ends = None,
    missing: Iterable[int | str] = (),
    votes: Votes = None,
    language: str | None = None,
    sep: several.Separators = None,
    key: Key = (),
    aliases: Mapping[str, str] | None = None,
    dates: str | None = None,
    fill_down: str | Sequence[str] = (),
    codebook: str | pd.DataFrame | None = None,
    texts: str | Mapping[str, str] | None = None,
    sheet: str | None = None,
    encoding: str | None = None,
    quotes: Quotes = "strict",
) -> Meeting:
    """Read a table of statements that somebody has coded, as a meeting.

    Parameters
    ----------
    table : str, pathlib.Path or data frame
        One row per statement: a CSV file (commas, semicolons or tabs), a workbook of Excel or
        OpenDocument, or a data frame of any kind that narwhals reads.
    actor, code : str, optional
        The headers of the columns that say who, and on what. By default they are found by usual
        words (country, delegation, party, …; issue, concept, topic, …) in English, Spanish,
        Portuguese, French or German, in any case. Numbered columns (Code 1, Code 2, …) are one
        statement for each code, with the stance and the quote of the same number.
    stance, quote, coder, date, document, statement : str or False, optional
        Likewise; ``False`` for no such column. Without a column of stances every statement
        supports. A column that may be the stance and is not recognised is a
        fault until it is named, or ``stance=False``: its header or its values are usual words, its
        values are 1 and -1, or it holds few values that vary within actors and within codes.
    stances : mapping of str or int to int or None, or sequence of int, optional
        What words or numbers mean, beside the usual words for stances: ``{"contra": -1}``; ``None``
        where nothing is recorded. Or the levels of an ordinal scale, such as ``(1, 0, -1)``.
    scale : (int, int), optional
        The lowest and the highest level of an ordinal scale, such as ``(1, 5)``; levels that do not
        occur are allowed, numbers outside are faults.
    missing : list of int or str
        Values that record nothing, such as ``(8, 9, -66)``.
    votes : {"signs", "binary", "voeten", "rollcall"}, optional
        How votes are coded by numbers: ``signs`` 1 yes, 0 abstains, -1 no; ``binary`` 1 yes, 0 no,
        9 missing; ``voeten`` 1 yes, 2 abstains, 3 no, 8 and 9 missing; ``rollcall`` 1 to 3 yea, 4
        to 6 nay, 7 to 9 and 0 missing. Words (yes, no, abstain, absent) need nothing.
    language : {"en", "es", "pt", "fr", "de"}, optional
        The language of the words for stances, where one of them has another meaning in another.
    sep : str, mapping of str to str, or False, optional
        The separator of several codes or actors in a cell, for both columns or for each, such as
        ``{"code": ";"}``; each value becomes a statement. ``False`` if a cell is one name. Lists
        and JSON arrays are split without it.
    key : str, sequence of str, or mapping
        Other columns that distinguish codes of one name, such as the term if votes are numbered
        anew in each; they are added to the code's name. For actors: ``{"actor": "state"}``.
    aliases : mapping of str to str, optional
        Maps names of actors, codes or coders to the names to use. Nothing else is merged.
    dates : str, optional
        The format of dates that are text and not in the order year, month, day: ``"%d.%m.%Y"`` for
        4.3.2024, as for `datetime.datetime.strptime`.
    fill_down : str or sequence of str
        Columns (``"actor"``, ``"code"``, ``"coder"``, ``"document"``, ``"date"``) whose blank cells
        take the value above them. By default none: a blank is a fault, or missing.
    codebook : str or pandas.DataFrame, optional
        A sheet of the workbook, or a table, with a code in each row and its `dimension`, `label`
        and `definition`.
    texts : str or mapping of str to str, optional
        The texts in which quotes are located, as for `Meeting`.
    sheet : str, optional
        The sheet to read; by default the one named ``statements`` or the only one that has columns
        of actors and codes. Hidden sheets are not read.
    encoding : str, optional
        Of a CSV file that is neither UTF-8 nor UTF-16, such as ``"cp1252"``.
    quotes : {"strict", "triage"}
        As for `camdata.load_meeting`, with `texts`.

    Returns
    -------
    Meeting
        Other columns are kept in its statements under their own headers (with the prefix
        ``table_`` if the name is one of camdata's columns). Every change to the table is in
        ``meeting.source.changes``: headers and words as they were read, cells trimmed, names
        merged, and names that look like the same one but were *not* merged.

    Raises
    ------
    MeetingError
        With every fault by the file's own sheet, row and column: missing or ambiguous columns,
        words that are neither usual nor in `stances`, and all checks of `Meeting`.
    ValueError
        If the sheet, the meaning of numbers, or whether cells hold several codes is ambiguous; the
        error lists the arguments to choose from. If positions are continuous (2.083).
    ImportError
        For a workbook, without python-calamine, which comes with ``camdata[excel]``.

    Notes
    -----
    Headers are compared by their letters and digits, without accents. An own name (actor, code, …)
    comes first, then the usual ones, which are listed in camdata's ``data/words.json``, as are
    words for stances: support, pro, for, in favor, agree, yes, sí, sim, oui, dafür, … are 1;
    oppose, contra, against, disagree, no, não, non, dagegen, … are -1; abstain, neutral,
    abstención, Enthaltung, … are 0, and the scale is then (1, 0, -1). Absent, excused, did not
    vote, n/a and the like record nothing, as a blank cell does; so does a dash beside words. ``+``
    and ``-`` are stances in a column that holds both of them and no words.

    Numbers are accepted without a question if they are 1 and -1 (or one of them), a whole range
    from -k to k (k up to 5), from 1 to k (k from 3 to 7), or from 0 to 10; the changes then say
    "read as an ordinal scale". All others (0 and 1, 1 and 2, gaps, an 8 or 9 at the end, negatives
    beside a positive scale) are a question that lists them with the arguments that answer it.

    An actor with several stances on one code is reported, with the columns that distinguish the
    rows (`key`).

    Names are trimmed (no-break and zero-width spaces too), spaces inside them are single, and their
    Unicode is composed (NFC). Quotes lose white space at their ends unless there are columns
    `start` or `stop`. A row without a stance is kept and counted nowhere.

    The header is the row among the first 25 that has most of the columns; rows above it are left
    out. The value of merged cells counts for all the rows that they cover. Formulas are read as
    their last results, errors as blank.

    In a workbook, sheets named as camdata's tables (actors, codebook, interventions, references,
    recodings) are these tables if they have the needed columns, as in a workbook from
    `write_excel`. Texts are not read from sheets.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> coding = pd.DataFrame(
    ...     {
    ...         "Country": ["Argentina", "Argentina ", "USA", "United States"],
    ...         "Issue": ["tax", "quota", "tax", "quota"],
    ...         "Position": ["support", "contra", "support", None],
    ...     }
    ... )
    >>> meeting = cam.io.read_table(coding)
    >>> meeting.positions()
    code           tax  quota
    actor
    Argentina        1     -1
    USA              1   <NA>
    United States <NA>   <NA>
    >>> meeting.source.changes[["what", "before", "after", "rows"]].iloc[3:]
                             what        before                  after  rows
    3         white space trimmed  'Argentina '            'Argentina'     1
    4              stance read as       support                      1     2
    5              stance read as        contra                     -1     1
    6  no stance: counted nowhere                                           1
    7    not merged: same country           USA  United States (1 row)     1
    """
    given = (actor, code, stance, quote, coder, date, document, statement)
    asked: dict[str, Column] = dict(zip(_ROLES, given, strict=True))
    check_asked(asked)
    meaning = meaning_of(stances, votes, scale, missing, language=language)
    _check_dates(dates)
    filled = as_names("fill_down", fill_down)
    for role in filled:
        check_choice("fill_down", role, (*_NAMES, "document", "date"))
    how = How(meaning, dict(aliases or {}), dates, filled)
    keys = key if isinstance(key, Mapping) else {"code": key} if len(key) else {}
    for role in keys:
        check_choice("key", role, several.SPLIT)
    counted = partial(score, asked=asked)
    found, grids, name = open_block(table, sheet, encoding, counted)
    found = several.spread_numbered(found, asked)
    columns = find_columns(found, asked)
    # a workbook from `write_excel` may hold a meeting that is still to be coded
    if found.frame.empty and (found.where.sheet or "").casefold() != "statements":
        raise found.error(None, "rows below the header", "none")
    if stance is None and "stance" not in columns and not meaning.is_given:
        ask_for_stances(found, columns)
    for role in several.SPLIT:
        found = several.split_cells(found, columns, role, several.separator_of(sep, role))
    for role, own in keys.items():
        found = several.with_key(found, columns, role, as_names("key", own))
    statements, levels = read_long(found, columns, how)
    tables = other_tables(grids, found, codebook, columns["code"], how.aliases)
    tables["statements"] = statements
    words = from_frames({}, texts).texts
    return meeting_of(name, tables, found.log, quotes, texts=words, stances=levels)


def _check_dates(dates: Any) -> None:
    """Raise an error for a date format that does not give back a day, month and year."""
    expected = "day, month and year in the codes of strptime, such as '%d.%m.%Y'"
    if not isinstance(dates, str | None):
        raise wrong_type("dates", expected, dates)
    day = datetime(2017, 10, 28, tzinfo=UTC)
    try:
        if dates is None or pd.to_datetime(day.strftime(dates), format=dates).date() == day.date():
            return
    except (ValueError, re.error):  # unknown codes, or one that is there twice
        pass
    raise ValueError(f"`dates` must hold {expected}, but {dates!r} was passed.")


# the long reader


@dataclass(frozen=True)
class How:
    """Options of the long reader.

    `compare` is False if names were compared before the table was melted.
    """

    meaning: Meaning
    aliases: Mapping[str, str] = field(default_factory=dict)
    dates: str | None = None
    fill_down: Sequence[str] = ()
    compare: bool = True


def read_long(
    found: Block, columns: Mapping[str, str], how: How
) -> tuple[SourceTable, tuple[int, ...]]:
    """Read a table with one row per statement; return the statements and their scale.

    Parameters
    ----------
    found : Block
        The table.
    columns : mapping of str to str
        The user's header of each column of statements.
    how : How
        The options.
    """
    log = found.log
    log_headers(found, columns)
    values: dict[str, pd.Series[Any]] = {}
    scale: tuple[int, ...] = STANCES
    rows = len(found.frame)
    both = np.zeros(rows, dtype=bool)
    named: dict[str, Words] = {}
    there: set[str] = set()
    located = "start" in columns or "stop" in columns
    for role, header in columns.items():
        column = found.frame[header]
        if role == "quote" and not located:
            text = column.astype("str").where(column.notna())
            bare = text.str.strip()
            values[role] = bare.mask(bare == "")
            log.add("white space trimmed", header, "", "", (bare != text)[text.notna()].sum())
        if role in ("start", "stop", "quote"):
            values.setdefault(role, column)
            continue
        words = read_words(column, header, log)
        if role in how.fill_down:
            words = _filled_down(words, header, log)
        if role == "stance":
            values[role], both, scale = stance_column(words, header, found, how.meaning)
            log.add("no stance: counted nowhere", header, "", "", (words.number < 0).sum())
            continue
        if role in _NAMES and how.compare:
            there |= {*words.words}
            words = named[role] = merge(words, how.aliases, header, log)
        if role == "date":
            values[role] = _days(words, header, how.dates, found)
            continue
        values[role] = words.series()
    if "stance" not in columns:
        if how.meaning.is_given:
            expected = "a column of stances, since their meaning was passed"
            raise found.error(None, expected, found.there, 'say which: stance="…"')
        log.remark("no column of stances: all support", "", "", "1", rows)
    elif how.compare:
        _log_contradictions(found, columns, named, values["stance"])
    if how.compare:
        log_unused(how.aliases, there, log)
    taken = set(columns.values())
    own = kept_apart((h for h in found.headers if h not in taken), "statements", "table_")
    for header, name in own.items():
        if header != name:
            log.remark("column renamed", header, header, name, rows)
        values[name] = kept(found.frame[header], header, log)
    for role, words in named.items():
        near_names(words, columns[role], log, countries=role == "actor")
    names = {header: role for role, header in columns.items()} | own
    frame = pd.DataFrame({names[header]: values[names[header]] for header in found.headers})
    origin = found.origin(dict(columns) | {name: header for header, name in own.items()})
    if both.any():  # a 0 that records support and opposition becomes two statements
        take = np.repeat(np.arange(rows), 1 + both)
        frame = frame.take(take).reset_index(drop=True)
        frame.loc[pd.Series(take).duplicated(), "stance"] = -1
        origin = origin.of_rows(take)
    return SourceTable(frame, origin), scale


def _log_contradictions(
    found: Block, columns: Mapping[str, str], named: Mapping[str, Words], stance: pd.Series[Any]
) -> None:
    """Record actors with several stances on one code, and the columns that separate them.

    Parameters
    ----------
    found : Block
        The table.
    columns : mapping of str to str
        The user's header of each column of statements.
    named : mapping of str to Words
        Actors, codes and, if there are any, coders.
    stance : pandas.Series
        The stance of each row.
    """
    actors, codes = named["actor"], named["code"]
    group = np.zeros(len(stance), dtype=np.int64)
    for words in named.values():
        group = group * (len(words.words) + 1) + words.number + 1
    known = (actors.number >= 0) & (codes.number >= 0) & stance.notna().to_numpy()
    rows = pd.DataFrame({"group": group, "stance": stance})[known]
    several = rows.drop_duplicates()
    several = several[several.duplicated("group", keep=False)]
    rows = rows[rows["group"].isin(several["group"])]
    if rows.empty:
        return
    own = {columns[role] for role in columns if role not in ("document", "date")}
    distinct: dict[str, int] = {}
    for header in [header for header in found.headers if header not in own]:
        cells = found.frame[header].map(text_of)
        pairs = rows.assign(key=cells.loc[rows.index]).drop_duplicates()
        if not pairs.duplicated(["group", "key"]).any() and 2 * cells.nunique() <= len(cells):
            distinct[header] = cells.nunique()
    first, examples = several.drop_duplicates("group")["group"], []
    for row in first.index[:3].tolist():
        actor, code = (each.words[each.number[row]] for each in (actors, codes))
        levels = sorted(several.loc[several["group"] == first[row], "stance"])
        examples.append(f"{actor} on {code}: {join_names(levels)}")
    more = f" and {len(first) - 3:,} more" if len(first) > 3 else ""
    apart = sorted(distinct, key=lambda header: distinct[header])[:3]
    advice = f"separate them by key={apart!r}" if apart else ""
    what, example = "several stances on one code", "; ".join(examples) + more
    found.log.add(what, columns["code"], example, advice, len(rows))


def stance_column(
    words: Words, header: str, found: Block, meaning: Meaning
) -> tuple[pd.Series[Any], Any, tuple[int, ...]]:
    """Return a column of stances, the rows that hold two of them, and the scale."""
    place = found.place if found.under is not None else f"{found.place}, column {header}"
    counts = dict(zip(words.words, words.rows.tolist(), strict=True))
    read = read_stances(counts, meaning, found.log, place=place, column=header)
    strange = np.array([*(word in read.unknown for word in words.words), False])
    for row in np.flatnonzero(strange[words.number]).tolist():
        word = words.words[words.number[row]]
        expected, near = read.unknown[word]
        found.log.faults.append(found.fault(row, header, expected, shorten(word, 1000), near))
    column = pd.Series(read.column([*words.words, None]).array.take(words.number))
    both = np.array([*(len(read.levels.get(word, ())) > 1 for word in words.words), False])
    return column, both[words.number], read.scale


def _filled_down(words: Words, header: str, log: Log) -> Words:
    """Fill blank cells with the value above them."""
    filled = np.where(words.number >= 0, np.arange(len(words.number)), 0)
    number = words.number[np.maximum.accumulate(filled)]
    log.add("filled down", header, "", "", (number != words.number).sum())
    return Words(number, words.words)


def _days(words: Words, header: str, dates: str | None, found: Block) -> pd.Series[Any]:
    """Return dates as year, month and day, without the time of day."""
    raw = days = pd.Series(words.words, dtype="str")
    if dates is not None:
        read = read_days(raw, dates)
        days = read.dt.strftime("%Y-%m-%d").fillna(raw)
    bare = days.str.replace(r"^(\d{4}-\d{2}-\d{2})[T ]\d{2}:\d{2}.*$", r"\1", regex=True)
    steps = ("date read as", raw, days, 3), ("time of day left out", days, bare, 1)
    for what, before, after, most in steps:
        changed = before != after
        old, new = (join_names(each[changed].head(most)) for each in (before, after))
        found.log.add(what, header, old, new, words.rows[changed.to_numpy()].sum())
    column = Words(words.number, bare.tolist()).series()
    spec = tables_for()["statements"].field("date")
    if dates is None or spec is None:
        return column
    checked, faults = check_column(spec, column, found.origin({"date": header}))
    expected = f"a date as in dates={dates!r}, or such as 2017-10-17"
    found.log.faults.extend(fault._replace(expected=expected) for fault in faults)
    return checked
