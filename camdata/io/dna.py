"""Databases and event lists of Discourse Network Analyzer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np

from camdata._display.checks import check_path
from camdata.io.dna_database import MAGIC, Statements, read_database
from camdata.io.foreign import beginning, kept_apart, meeting_of, one_error, read_export
from camdata.io.log import Log
from camdata.io.stances import Ends, Given, Meaning, given_meaning, read_stances
from camdata.model.errors import Fault, MeetingError
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES
from camdata.model.source import SourceTable, read_bytes

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
    roles = {"actor": actor, "code": code} | ({} if stance is False else {"stance": stance})
    names = list(roles.values())
    if len(set(names)) < len(names) or set(names) & set(OWN):
        raise ValueError(
            "`actor`, `code` and `stance` must be different variables of DNA's statement type, but "
            f"{', '.join(map(repr, names))} were passed."
        )
    with one_error(path, "a database or event list of DNA 3"):
        data = read_bytes(path, path.name)
    log = Log()
    if data.startswith(MAGIC):
        read = read_database(path, statement_type, roles, log)
    elif path.suffix.lower() == ".dna":
        expected = "an SQLite database, as DNA 3 writes it"
        raise MeetingError([Fault(path.name, None, None, expected, beginning(data))], str(path))
    elif statement_type is not None:
        raise ValueError(
            "The value for `statement_type` must be None for an event list, which holds one type, "
            f"but {statement_type!r} was passed."
        )
    else:
        read = _read_event_list(path, roles, log)
    statements, levels = _coded(path, read, roles, meaning, log)
    tables = {"statements": statements, **read.others}
    return meeting_of(path, tables, log, texts=read.texts, stances=levels)


def _read_event_list(path: Path, roles: Mapping[str, str], log: Log) -> Statements:
    own = {**OWN, **{name: role for role, name in roles.items()}}
    frame, origin, _ = read_export(path, "an event list", (*own, "time"), log, delimiter=";")
    apart = kept_apart([str(name) for name in frame if name not in own], "statements", "dna_")
    frame = frame.rename(columns={**own, **apart}).assign(date=frame["time"].str.slice(0, 10))
    boolean = "stance" in roles and set(frame["stance"].dropna()) <= {"0", "1"}
    names = {column: name for name, column in own.items()}
    return Statements(frame, replace(origin, columns={**names, "date": "time"}), boolean, {}, {})


def _coded(
    path: Path, read: Statements, roles: Mapping[str, str], meaning: Meaning, log: Log
) -> tuple[SourceTable, tuple[int, ...]]:
    """Read the stances, and leave out statements in which actor or code is not coded."""
    frame, origin = read.frame, read.origin
    scale: tuple[int, ...] = STANCES
    name = roles.get("stance", "")
    if not name:
        frame = frame.assign(stance=1)
    else:
        if read.boolean and not meaning.is_given:
            meaning = Meaning(numbers={1: 1, 0: -1})
        words = frame["stance"].map(str, na_action="ignore")
        counts = Counter(words.dropna().tolist())
        place = f"{path.name}, variable {name}"
        stances = read_stances(counts, meaning, log, place=place, column=name)
        scale = stances.scale
        for row in np.flatnonzero(words.isin(list(stances.unknown))).tolist():
            expected, near = stances.unknown[words[row]]
            log.faults.append(origin.fault(row, "stance", expected, repr(words[row]), near))
        frame = frame.assign(stance=stances.column(words))
    kept = np.ones(len(frame), dtype=bool)
    for role in ("actor", "code"):
        empty = (frame[role].isna() | (frame[role] == "")).to_numpy(dtype=bool) & kept
        log.left_out("statements", roles[role], "without a value", empty.sum())
        kept &= ~empty
    log.without_stance(name, frame.loc[kept, "stance"].isna().sum())
    front = ["statement", "actor", "code", "stance", "quote", "document", "date"]
    rest = [column for column in frame.columns if column not in front]
    frame = frame.loc[kept, [*front, *rest]].reset_index(drop=True)
    return SourceTable(frame, origin.of_rows(np.flatnonzero(kept))), scale
