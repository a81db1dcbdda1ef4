"""Databases and event lists of Discourse Network Analyzer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from camdata._display.checks import check_path
from camdata._display.words import did_you_mean, shorten
from camdata.io._common import Unreadable, kept_apart, title_of
from camdata.io._dna_tables import Wanted, coded, read_as, read_database, scale
from camdata.io._sqlite import MAGIC, open_database
from camdata.model.errors import Fault, MeetingError
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES
from camdata.model.source import (
    Change,
    Source,
    SourceTable,
    Unread,
    decode,
    parse_csv,
    read_bytes,
    regular_file,
)

OWN = {"statement ID": "statement", "document ID": "document", "text": "quote"}
"""The columns that every event list has, and what they are called here."""


def read_dna(
    path: str | Path,
    *,
    statement_type: str | None = None,
    actor: str = "organization",
    code: str = "concept",
    stance: str | None = "agreement",
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
    stance : str or None
        The variable that qualifies the statement. A boolean one (1 agrees, 0 disagrees) becomes 1
        and -1; an integer one is kept as an ordinal scale of the levels that occur. In an event
        list, which does not say which it is, nothing but zeros and ones is taken for a boolean.
        ``None`` takes every statement as support.

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

        A statement without an actor or a code (an empty value in DNA) is left out, as in DNA's
        networks; one without a stance is kept and counted in no tally. What was done is in
        ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        If the file is neither of the two, is of another version of DNA, is damaged or has changes
        that are not in it yet; if it lacks one of the variables (those there are, are listed); or
        as for `Meeting`.
    ValueError
        If one variable is named for two things, or `statement_type` is given for an event list.

    Notes
    -----
    DNA counts positions in UTF-16 code units and keeps dates as seconds since 1970-01-01 UTC; both
    are converted. Networks of a whole database count each statement in DNA's default settings;
    ``meeting.tally(duplicates="all")`` does the same. Its normalizations called Jaccard and cosine
    are not the coefficients of these names; see `camdata.agreement`.

    The schema is that of DNA 3.0 (Leifeld 2017, doi:10.1093/oxfordhb/9780190228217.013.25, and
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
    wanted = Wanted(statement_type, actor, code, stance)
    names = [actor, code, *([] if stance is None else [stance])]
    if len(wanted.variables) < len(names) or set(names) & set(OWN):
        raise ValueError(
            "`actor`, `code` and `stance` must be different variables of DNA's statement type, but "
            f"{', '.join(map(repr, names))} were passed."
        )
    try:
        if _is_database(path):
            with open_database(path) as database:
                source = read_database(database, path, wanted)
        else:
            source = _read_event_list(path, wanted)
    except Unreadable as unreadable:
        raise MeetingError(unreadable.faults, str(path)) from None
    except Unread as unread:
        raise MeetingError([unread.fault], str(path)) from None
    return Meeting.from_source(source)


def _is_database(path: Path) -> bool:
    """Say whether a file is an SQLite database by how it begins."""
    try:
        with regular_file(path, path.name).open("rb") as file:
            start = file.read(len(MAGIC))
    except OSError as error:
        raise Unreadable(Fault(path.name, None, None, "a file to read", str(error))) from None
    if start == MAGIC:
        return True
    if path.suffix.lower() == ".dna":
        got = f"a file that begins with {shorten(repr(start))[1:-1]}" if start else "an empty file"
        expected = "an SQLite database, as DNA 3.0 writes it"
        raise Unreadable(Fault(path.name, None, None, expected, got))
    return False


def _read_event_list(path: Path, wanted: Wanted) -> Source:
    if wanted.statement_type is not None:
        raise ValueError(
            "The value for `statement_type` must be None for an event list, which holds one type, "
            f"but {wanted.statement_type!r} was passed."
        )
    text = decode(read_bytes(path, path.name), path.name)
    (raw, origin), faults = parse_csv(text, path.name, delimiter=";")
    own = {**OWN, wanted.actor: "actor", wanted.code: "code"}
    own |= {} if wanted.stance is None else {wanted.stance: "stance"}
    there = [str(name) for name in raw.columns]
    missing = [
        origin.fault(None, name, "this column", f"no column {did_you_mean(name, there)}")
        for name in (*own, "time")
        if name not in there
    ]
    if missing:
        raise Unreadable(*faults, *missing)
    apart = kept_apart([name for name in there if name not in own], "statements", "dna_")
    statements = raw.rename(columns={**own, **apart})
    statements["date"] = raw["time"].str.slice(0, 10)
    stances: tuple[int, ...] = STANCES
    changes: list[Change] = []
    if wanted.stance is None:
        statements["stance"] = 1
    else:
        given = raw[wanted.stance].dropna()
        if set(given) <= {"0", "1"}:
            statements["stance"] = statements["stance"].replace("0", "-1")
            changes = read_as(wanted.stance, int((given == "1").sum()), int((given == "0").sum()))
        else:
            # one that is no number is for the meeting's own check to name
            numbers = given[given.str.fullmatch(r"-?[0-9]{1,9}")].unique()
            stances = scale({int(level) for level in numbers})
    names = {column: name for name, column in own.items()}
    origin = replace(origin, columns={**names, "date": "time"})
    table, more = coded(SourceTable(statements, origin), wanted)
    return Source(
        str(path),
        {"statements": table},
        metadata={"title": title_of(path)},
        stances=stances,
        faults=tuple(faults),
        made=(*changes, *more),
    )
