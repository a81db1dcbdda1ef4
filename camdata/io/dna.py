"""Databases and event lists of Discourse Network Analyzer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from camdata._display.checks import check_path
from camdata._display.words import did_you_mean, shorten
from camdata.io.dna_database import MAGIC, Joined, Wanted, read_database
from camdata.io.foreign import kept_apart, left_out, one_error, title_of
from camdata.io.stances import Ends, Given, Meaning, given_meaning, read_stances
from camdata.model.errors import Fault, MeetingError
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES
from camdata.model.source import Change, Source, SourceTable, decode, parse_csv, read_bytes

OWN = {"statement ID": "statement", "document ID": "document", "text": "quote"}
"""The columns that every event list has, and what they are called here."""


def read_dna(
    path: str | Path,
    *,
    statement_type: str | None = None,
    actor: str = "organization",
    code: str = "concept",
    stance: str | Literal[False] = "agreement",
    stances: Given = None,
    scale: Ends = None,
    missing: Iterable[int | str] = (),
) -> Meeting:
    """Read a database or an event list of Discourse Network Analyzer (DNA 3) as a meeting.

    Parameters
    ----------
    path : str or pathlib.Path
        The ``.dna`` file itself (an SQLite database, which is not written to), or a CSV file
        exported with the network type "Event list": one row per statement, cells separated by
        semicolons, UTF-8.
    statement_type : str, optional
        Which of DNA's statement types is read, for a database that has several; by default the one
        that has the three variables below. An event list holds one type only.
    actor, code : str
        The variables of the statement type that hold the actor and the concept.
    stance : str or False
        The variable that qualifies the statement. A boolean one (1 agrees, 0 disagrees) becomes 1
        and -1; an integer one is read by the rule of `read_table`. In an event list, which does not
        say which it is, nothing but zeros and ones is taken for a boolean. ``False`` takes every
        statement as support.
    stances, scale, missing
        What the numbers of an integer variable mean, as for `read_table`.

    Returns
    -------
    Meeting
        Statements with `statement` (DNA's ID), `actor`, `code`, `stance`, `quote` (the coded text),
        `document` (DNA's ID of the document), `date`, `time`, the other columns of the document
        (`document title`, `author`, `source`, `section`, `type`), and every other variable of the
        statement type. A column whose name is one of camdata's has ``dna_`` before it.

        A database gives more: `coder` (name), `start` and `stop` (code points of the document),
        `notes`, one text per document under its ID, and tables `actors` and `codebook` with the
        attributes of the entities. An event list holds no documents; DNA itself has replaced the
        semicolons and double quotation marks of its quotes.

        Several actors or codes in one statement (DNA 3.1) are a statement each.

        A statement without an actor or a code (an empty value in DNA) is left out, as in DNA's
        networks; one without a stance is kept and counted in no tally. What was done is in
        ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        If the file is neither of the two, lacks tables of DNA 3, is damaged or has changes that are
        not in it yet; if it lacks one of the variables (the error lists those that there are); or
        as for `Meeting`.
    ValueError
        If one variable is named for two things, `statement_type` is given for an event list, or it
        has to be said what the numbers of an integer variable mean.

    Notes
    -----
    DNA counts positions in UTF-16 code units and keeps dates as seconds since 1970-01-01 UTC; both
    are converted. Networks of a whole database count each statement in DNA's default settings;
    ``meeting.tally(duplicates="all")`` does the same. These settings of DNA have no counterpart:
    the qualifier aggregation "combine" (a concept for each level of the qualifier), the
    normalizations "activity" and "prominence" of two-mode networks, and the ones called Jaccard and
    cosine, which are not the coefficients of these names; see `camdata.agreement`.

    Any version is read that has the tables of DNA 3.0, or the roles of DNA 3.1, which are named in
    place of variables (Leifeld 2017, doi:10.1093/oxfordhb/9780190228217.013.25, and
    https://github.com/leifeld/dna, ``Sql.java``).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import camdata as cam
    >>> lines = [
    ...     '"statement ID";"time";"document ID";"document title";"author";"source";"section";'
    ...     '"type";"text";"organization";"concept";"agreement"',
    ...     '7;2020-01-02 00:00:00;3;"Hearing";"";"";"";"";"We want a tax.";"EPA";"tax";1',
    ...     '8;2020-01-02 00:00:00;3;"Hearing";"";"";"";"";"No new taxes.";"API";"tax";0',
    ... ]
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "events.csv"
    ...     _ = path.write_text("\\n".join(lines), encoding="utf-8")
    ...     meeting = cam.io.read_dna(path)
    >>> meeting.positions(by="code")
    code   tax
    actor
    EPA      1
    API     -1
    """
    path = check_path("path", path)
    meaning = given_meaning(stances, None, scale, missing)
    wanted = Wanted(statement_type, actor, code, None if stance is False else stance)
    names = [actor, code, *([] if stance is False else [stance])]
    if len(set(names)) < len(names) or set(names) & set(OWN):
        raise ValueError(
            "`actor`, `code` and `stance` must be different variables of DNA's statement type, but "
            f"{', '.join(map(repr, names))} were passed."
        )
    with one_error(path, "a database or event list of DNA 3"):
        data = read_bytes(path, path.name)
    if data.startswith(MAGIC):
        joined = read_database(path, wanted)
    elif path.suffix.lower() == ".dna":
        got = (
            f"a file that begins with {shorten(repr(data[:16]))[1:-1]}" if data else "an empty file"
        )
        expected = "an SQLite database, as DNA 3 writes it"
        raise MeetingError([Fault(path.name, None, None, expected, got)], str(path))
    elif statement_type is not None:
        raise ValueError(
            "The value for `statement_type` must be None for an event list, which holds one type, "
            f"but {statement_type!r} was passed."
        )
    else:
        with one_error(path, "an event list"):
            joined = _read_event_list(path, data, wanted)
    return Meeting.from_source(_source(path, joined, wanted, meaning))


def _read_event_list(path: Path, data: bytes, wanted: Wanted) -> Joined:
    (raw, origin), faults = parse_csv(decode(data, path.name), path.name, delimiter=";")
    own = {**OWN, wanted.actor: "actor", wanted.code: "code"}
    own |= {} if wanted.stance is None else {wanted.stance: "stance"}
    there = [str(name) for name in raw.columns]
    missing = [
        origin.fault(None, name, "this column", f"no column {did_you_mean(name, there)}")
        for name in (*own, "time")
        if name not in there
    ]
    if missing:
        raise MeetingError([*faults, *missing], str(path))
    apart = kept_apart([name for name in there if name not in own], "statements", "dna_")
    statements = raw.rename(columns={**own, **apart})
    statements["date"] = raw["time"].str.slice(0, 10)
    boolean = False
    if wanted.stance is None:
        statements["stance"] = 1
    else:
        boolean = set(statements["stance"].dropna()) <= {"0", "1"}
    names = {column: name for name, column in own.items()}
    origin = replace(origin, columns={**names, "date": "time"})
    return Joined(statements, origin, boolean, {}, {}, faults, [])


def _source(path: Path, joined: Joined, wanted: Wanted, meaning: Meaning) -> Source:
    """Read the stances, and leave out statements in which actor or code is not coded."""
    frame, origin = joined.statements, joined.origin
    faults, changes = [*joined.faults], [*joined.changes]
    scale: tuple[int, ...] = STANCES
    if wanted.stance is not None:
        if joined.boolean and not meaning.is_given:
            meaning = Meaning(numbers={1: 1, 0: -1})
        column = frame["stance"].map(lambda cell: None if pd.isna(cell) else str(cell))
        counts = Counter(column.dropna().tolist())
        place = f"{path.name}, variable {wanted.stance}"
        read = read_stances(counts, meaning, place=place, column=wanted.stance)
        scale = read.scale
        changes += read.changes
        for row, word in enumerate(column):
            if word in read.unknown:
                expected, near = read.unknown[word]
                faults.append(origin.fault(row, "stance", expected, repr(word), near))
        levels = [(read.levels.get(word) or (None,))[0] for word in column]
        frame = frame.assign(stance=pd.Series(levels, dtype="Int64"))
    kept = np.ones(len(frame), dtype=bool)
    for role, name in (("actor", wanted.actor), ("code", wanted.code)):
        empty = (frame[role].isna() | (frame[role] == "")).to_numpy(dtype=bool) & kept
        changes += left_out("statements", name, "without a value", int(empty.sum()))
        kept &= ~empty
    unrated = int(frame["stance"].isna().to_numpy(dtype=bool)[kept].sum())
    if unrated:
        name = str(wanted.stance)
        changes.append(Change("stance missing", name, "no value", "counted in no tally", unrated))
    front = ["statement", "actor", "code", "stance", "quote", "document", "date"]
    rest = [column for column in frame.columns if column not in front]
    frame = frame.loc[kept, [*front, *rest]].reset_index(drop=True)
    if origin.rows is not None:
        origin = replace(origin, rows=origin.rows[kept])
    tables = {"statements": SourceTable(frame, origin), **joined.others}
    about = {"title": title_of(path)}
    return Source(str(path), tables, joined.texts, about, scale, tuple(faults), tuple(changes))
