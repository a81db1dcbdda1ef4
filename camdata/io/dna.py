"""Databases and event lists of Discourse Network Analyzer."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display.checks import check_path
from camdata._display.words import join_names, shorten, with_suggestion
from camdata.io import foreign
from camdata.io.blocks import Block
from camdata.io.foreign import Log
from camdata.io.names import read_words
from camdata.io.stances import Ends, Given, Meaning, meaning_of
from camdata.io.table import stance_column
from camdata.model.columns import unix_newlines
from camdata.model.errors import Fault, MeetingError, Origin, one_fault
from camdata.model.meeting import Meeting
from camdata.model.schema import STANCES
from camdata.model.source import SourceTable, read_bytes

MAGIC = b"SQLite format 3\0"
"""The first bytes of every SQLite database."""

OWN_COLUMNS = {"statement ID": "statement", "document ID": "document", "text": "quote"}
"""The columns that every event list has, with camdata's names."""

_TYPES = ("short text", "long text", "integer", "boolean")
"""The types of variables."""

_OWN_VARIABLES = """SELECT t.ID AS kind, t.Label AS label, v.Variable AS name, v.DataType AS type,
    v.ID AS variable, v.ID AS link FROM STATEMENTTYPES t LEFT JOIN VARIABLES v
    ON v.StatementTypeId = t.ID ORDER BY t.ID, v.ID"""
_ROLES = """SELECT t.ID AS kind, t.Label AS label, r.RoleName AS name, v.DataType AS type,
    v.ID AS variable, l.ID AS link FROM STATEMENTTYPES t LEFT JOIN ROLES r
    ON r.StatementTypeId = t.ID LEFT JOIN ROLEVARIABLELINKS l ON l.RoleId = r.ID
    LEFT JOIN VARIABLES v ON v.ID = l.VariableId ORDER BY t.ID, r.ID, l.ID"""
_STATEMENTS = """SELECT s.ID AS statement, s.DocumentId AS document, s.Start AS start,
    s.Stop AS stop, date(d.Date, 'unixepoch') AS date, datetime(d.Date, 'unixepoch') AS time,
    nullif(d.Date, '') AS seconds, s.Coder AS number, c.Name AS name,
    CASE WHEN c.Name = '' OR (SELECT count(*) FROM CODERS o WHERE o.Name = c.Name) > 1
    THEN trim(c.Name || ' (' || c.ID || ')') ELSE c.Name END AS coder,
    nullif(d.Title, '') AS "document title", nullif(d.Author, '') AS author,
    nullif(d.Source, '') AS source, nullif(d.Section, '') AS section, nullif(d.Type, '') AS type,
    nullif(d.Notes, '') AS notes FROM STATEMENTS s
    LEFT JOIN DOCUMENTS d ON d.ID = s.DocumentId LEFT JOIN CODERS c ON c.ID = s.Coder
    WHERE s.StatementTypeId = ? ORDER BY d.Date, s.DocumentId, s.Start, s.ID"""
_ATTRIBUTES = """SELECT e.ID AS entity, e.Value AS name, a.AttributeVariable AS attribute,
    v.AttributeValue AS value FROM ENTITIES e LEFT JOIN ATTRIBUTEVALUES v ON v.EntityId = e.ID
    LEFT JOIN ATTRIBUTEVARIABLES a ON a.ID = v.AttributeVariableId
    WHERE e.Value != '' AND e.VariableId IN ({}) ORDER BY e.ID"""


class _Read(NamedTuple):
    """Statements with the values that DNA stores, and the rest of the file.

    `boolean` says whether the stances are those of a boolean variable.
    """

    frame: pd.DataFrame
    origin: Origin
    boolean: bool
    others: dict[str, SourceTable]
    texts: dict[str, str]


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

        Each of several actors or codes in one statement (DNA 3.1) becomes a statement.

        A statement without an actor or a code (an empty value in DNA) is left out, as in DNA's
        networks; one without a stance is kept and counted in no tally. What was done is in
        ``meeting.source.changes``.

    Raises
    ------
    MeetingError
        If the file is neither of the two, is no database of DNA 3, is damaged or has changes that
        are not in it yet; if it lacks one of the variables (the error lists those that there are);
        or as for `Meeting`.
    ValueError
        If one variable is named for two things, `statement_type` is given for an event list, or
        the numbers of an integer variable can mean several things.

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
    meaning = meaning_of(stances, None, scale, missing)
    roles = {"actor": actor, "code": code} | ({} if stance is False else {"stance": stance})
    names = list(roles.values())
    if len(set(names)) < len(names) or set(names) & set(OWN_COLUMNS):
        raise ValueError(
            "`actor`, `code` and `stance` must be different variables of DNA's statement type, but "
            f"{', '.join(map(repr, names))} were passed."
        )
    data = read_bytes(path, path.name)
    log = Log()
    if data.startswith(MAGIC):
        read = _read_database(path, statement_type, roles, log)
    elif path.suffix.lower() == ".dna":
        expected, got = "an SQLite database, as DNA 3 writes it", foreign.beginning(data)
        raise one_fault(path.name, expected, got)
    elif statement_type is not None:
        got = f"but {statement_type!r} was passed."
        raise ValueError(f"`statement_type` must be None for an event list, {got}")
    else:
        read = _read_event_list(path, roles, log)
    statements, levels = _coded(read, roles, meaning, log)
    tables = {"statements": statements, **read.others}
    more: Any = {"texts": read.texts, "stances": levels, "metadata": foreign.title_of(path)}
    return foreign.meeting_of(str(path), tables, log, **more)


def _read_event_list(path: Path, roles: Mapping[str, str], log: Log) -> _Read:
    own = {**OWN_COLUMNS, **{name: role for role, name in roles.items()}}
    frame, origin, _ = foreign.read_export(path, (*own, "time"), log, ";")
    rest = [str(name) for name in frame if name not in own]
    apart = foreign.kept_apart(rest, "statements", "dna_")
    frame = frame.rename(columns={**own, **apart}).assign(date=frame["time"].str.slice(0, 10))
    boolean = "stance" in roles and set(frame["stance"].dropna()) <= {"0", "1"}
    names = {column: name for name, column in own.items()}
    return _Read(frame, replace(origin, columns={**names, "date": "time"}), boolean, {}, {})


def _coded(
    read: _Read, roles: Mapping[str, str], meaning: Meaning, log: Log
) -> tuple[SourceTable, tuple[int, ...]]:
    """Read the stances, and leave out statements without an actor or a code."""
    frame, origin, name = read.frame, read.origin, roles.get("stance", "")
    stance: Any = 1
    scale: tuple[int, ...] = STANCES
    if name:
        if read.boolean and not meaning.is_given:
            meaning = Meaning(numbers={1: 1, 0: -1})
        words = read_words(frame["stance"], name, Log())
        stance, _, scale = stance_column(words, name, Block(origin, frame, log=log), meaning)
    frame = frame.assign(stance=stance)
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


# databases


def _read_database(
    path: Path, statement_type: str | None, roles: Mapping[str, str], log: Log
) -> _Read:
    """Read a database of DNA 3; it is opened for reading only, and nothing is written beside it.

    Raises
    ------
    MeetingError
        If it is another database, is damaged or in use, or lacks one of the variables `roles`.
    """
    for ending in ("-wal", "-journal"):
        beside = path.with_name(path.name + ending)
        if beside.exists() and beside.stat().st_size:
            got = f"changes that are still in {beside.name}: close the program that has it open"
            raise one_fault(path.name, "a closed database", got)
    # immutable: otherwise SQLite writes a file beside a database in WAL mode
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    expected = "a database of DNA 3 that SQLite can read"
    # SQLite's columns may hold cells of other types
    broken = (sqlite3.Error, ValueError, TypeError, AttributeError, OverflowError)
    with (
        foreign.one_error(path, expected, broken),
        closing(sqlite3.connect(address, uri=True)) as connection,
    ):
        damage = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if damage != "ok":
            raise sqlite3.DatabaseError(damage)
        return _Database(path, connection, roles, log).read(statement_type)


class _Database:
    """An open database of DNA, and the variables to read, by camdata's names."""

    def __init__(
        self, path: Path, connection: sqlite3.Connection, roles: Mapping[str, str], log: Log
    ) -> None:
        self.path, self.connection, self.roles, self.log = path, connection, roles, log
        tables = self.rows("SELECT upper(name) AS name FROM sqlite_master WHERE type = 'table'")
        self.tables = tables["name"].tolist()
        self.has_roles = "ROLEVARIABLELINKS" in self.tables

    def rows(self, query: str, *values: object) -> pd.DataFrame:
        """Return the rows of a query with the types that SQLite gives."""
        try:
            cursor = self.connection.execute(query, values)
        except sqlite3.OperationalError as error:
            if not str(error).startswith("no such"):
                raise
            expected = "the tables and columns of DNA 3"
            raise one_fault(self.path.name, expected, str(error)) from None
        names = [column[0] for column in cursor.description]
        return pd.DataFrame(cursor.fetchall(), columns=pd.Index(names, dtype="str"), dtype=object)

    def read(self, statement_type: str | None) -> _Read:
        kind, label, variables = self.choose(statement_type)
        frame, log, roles = self.rows(_STATEMENTS, kind), self.log, self.roles
        every = len(self.rows("SELECT ID FROM STATEMENTS"))
        other = f"of other types than {label!r}"
        log.left_out("statements", "STATEMENTTYPES", other, every - len(frame))
        if "STATEMENTLINKS" in self.tables:
            links = len(self.rows("SELECT * FROM STATEMENTLINKS"))
            log.left_out("links", "STATEMENTLINKS", "between statements", links)
        names = {"statement": "ID", "document": "DocumentId", "start": "Start", "stop": "Stop"}
        columns = {**names, "coder": "Coder", "quote": "Start", "date": "Date", **roles}
        numbers, file = _whole(frame["statement"]), self.path.name
        origin = Origin(file, numbers, None, "STATEMENTS", columns, "statement")
        texts = self.locate(frame, origin)
        coders = Counter(zip(frame["name"], frame["coder"], strict=True))
        for (before, after), rows in coders.items():
            log.add("coder named", "coder", before, after, rows if before != after else 0)
        unknown = (frame["number"].notna() & frame["coder"].isna()).sum()
        log.left_out("coders", "Coder", "not in CODERS", unknown)
        frame = self.with_values(frame.drop(columns=["number", "name"]), variables)
        origin = replace(origin, rows=_whole(frame.index))
        others = {}
        for table, role in (("actors", "actor"), ("codebook", "code")):
            own = variables[variables["name"] == roles[role]]
            if (own["type"] == "short text").all():
                others[table] = self.entities(table, role, own, frame[role])
        unread = variables[~variables["name"].isin(roles.values())]
        for name, own in unread[unread["type"] == "short text"].groupby("name", sort=False):
            given = self.rows(_ATTRIBUTES.format(_numbers(own["variable"])))
            log.left_out("attributes", str(name), "of its entities", given["value"].map(bool).sum())
        types = dict(zip(variables["name"], variables["type"], strict=True))
        boolean = types.get(roles.get("stance")) == "boolean"
        return _Read(frame.reset_index(drop=True), origin, boolean, others, texts)

    def choose(self, wanted: str | None) -> tuple[int, str, pd.DataFrame]:
        """Choose the statement type to read, or raise an error that lists the types."""
        every = self.rows(_ROLES if self.has_roles else _OWN_VARIABLES)
        kinds: dict[Any, pd.DataFrame] = dict(iter(every.groupby("kind")))
        labels = {kind: str(own["label"].iloc[0]) for kind, own in kinds.items()}
        names = {kind: own["name"].dropna().unique().tolist() for kind, own in kinds.items()}
        fitting = [kind for kind in kinds if {*self.roles.values()} <= {*names[kind]}]
        if wanted is not None or len(kinds) == 1:
            fitting = [kind for kind in kinds if wanted in (None, labels[kind])]
        if len(fitting) != 1:
            wished = join_names(map(repr, self.roles.values()))
            expected = f"one statement type with {wished}: choose it by statement_type="
            got = "; ".join(f"{labels[kind]!r} with {join_names(names[kind])}" for kind in kinds)
            if wanted is not None:
                got = f"{with_suggestion(wanted, labels.values())} and {got}"
            raise self.error("STATEMENTTYPES", [("Label", expected, got or "no statement type")])
        (kind,) = fitting
        variables = kinds[kind].dropna(subset="name")
        types = dict(zip(variables["name"], variables["type"], strict=True))
        expected = f"a variable of {labels[kind]!r}: {join_names(types, 20)}"
        missing = [name for name in self.roles.values() if name not in types]
        faults = [(n, expected, f"no variable {with_suggestion(n, types)}") for n in missing]
        stance = self.roles.get("stance", "")
        if (rated := types.get(stance)) in ("short text", "long text"):
            faults.append((stance, "a boolean or integer variable", f"one of {rated}"))
        for name, own in zip(variables["name"], variables["type"], strict=True):
            if own not in _TYPES:
                faults.append((name, "short text, long text, integer or boolean", f"one of {own}"))
        if faults:
            raise self.error("VARIABLES", faults)
        return int(kind), labels[kind], variables

    def error(self, table: str, found: Iterable[tuple[str, str, str]]) -> MeetingError:
        """Return the error of a table: columns, what was expected and what was found."""
        faults = [Fault(self.path.name, None, *fault, "", table) for fault in found]
        return MeetingError(faults, str(self.path))

    def locate(self, frame: pd.DataFrame, origin: Origin) -> dict[str, str]:
        """Add quotes and their places in code points, and return the texts.

        DNA counts UTF-16 units, as Java does.
        """
        places, plain = {}, {}
        for number, text in self.rows("SELECT ID, Text FROM DOCUMENTS").itertuples(index=False):
            places[number] = foreign.unix_positions(text, utf16=True)
            plain[number] = unix_newlines(text)
        found: list[tuple[str | None, int | None, int | None]] = []
        own = frame[["document", "start", "stop"]].itertuples(index=False, name=None)
        for row, (number, start, stop) in enumerate(own):
            here, wrong = places.get(number), ("document", "a document of DOCUMENTS", str(number))
            span = None if here is None else foreign.span_of(here, start, stop)
            found.append((plain[number][slice(*span)], *span) if span else (None, None, None))
            if here is not None:
                expected = f"a place within the {len(here) - 1:,} characters of {number}"
                wrong = ("start", expected, f"{start} to {stop}")
            if span is None:
                self.log.faults.append(origin.fault(row, *wrong))
        # SQLite has no date for other values; they must not become missing in silence
        seconds = frame.pop("seconds")
        for row in np.flatnonzero(seconds.notna() & frame["date"].isna()).tolist():
            expected, got = "a date in seconds since 1970", shorten(seconds[row])
            self.log.faults.append(origin.fault(row, "date", expected, got))
        located = pd.DataFrame(found, columns=["quote", "start", "stop"], index=frame.index)
        types = {"quote": "str", "start": "Int64", "stop": "Int64"}
        frame[["quote", "start", "stop"]] = located.astype(types)
        frame["document"] = frame["document"].map(str)
        return {str(number): text for number, text in plain.items()}

    def with_values(self, frame: pd.DataFrame, variables: pd.DataFrame) -> pd.DataFrame:
        """Join the values; each of several actors or codes in a statement becomes a statement.

        The index of the result holds DNA's numbers of statements.
        """
        roles = {name: role for role, name in self.roles.items()}
        names = [n for n in dict.fromkeys(variables["name"]) if n not in roles]
        taken = [*frame.columns, *roles.values(), "stance", "ID"]
        columns = roles | foreign.kept_apart(names, "statements", "dna_", also=taken)
        frame = frame.set_index("statement", drop=False)
        link = "RoleVariableLinkId" if self.has_roles else "VariableId"
        for name, own in variables.groupby("name", sort=False):
            data, join, value = str(own["type"].iloc[0]), "", "v.Value"
            if data == "short text":
                join, value = "JOIN ENTITIES e ON e.ID = v.Entity", "e.Value"
            query = f"""SELECT v.StatementId AS statement, {value} AS value
                FROM DATA{data.replace(" ", "").upper()} v {join}
                WHERE v.{link} IN ({_numbers(own["link"])}) AND {value} != '' ORDER BY v.rowid"""
            values = self.rows(query).set_index("statement")["value"]
            if name not in roles and values.index.has_duplicates:
                values = values.map(str).groupby(level=0, sort=False).agg("; ".join)
            dtype: Any = "Int64" if data in ("integer", "boolean") else "str"
            frame = frame.join(values.astype(dtype).rename(columns[str(name)]))
        ids = foreign.statement_ids(frame["statement"].map(str))
        what = "several values in one statement: one for each"
        self.log.add(what, "", "", "", frame.index.duplicated().sum())
        return frame.assign(statement=ids.to_numpy())

    def entities(
        self, table: str, role: str, variables: pd.DataFrame, used: pd.Series[Any]
    ) -> SourceTable:
        """Return the entities that statements use, with their attributes."""
        given = self.rows(_ATTRIBUTES.format(_numbers(variables["variable"])))
        own = given.drop_duplicates("entity").set_index("entity")["name"]
        rank = {name: place for place, name in enumerate(used.dropna().unique())}
        named = own[own.isin(rank)].sort_values(key=lambda names: names.map(rank), kind="stable")
        self.log.left_out("entities", role, "without a statement", len(own) - len(named))
        frame = pd.DataFrame({role: named.astype("str")})
        apart = foreign.kept_apart(given["attribute"].dropna().unique(), table, "dna_")
        some = given[given["value"].map(bool)]
        values = some.pivot_table("value", "entity", "attribute", aggfunc="first")
        values = values.reindex(index=frame.index, columns=list(apart)).astype("str")
        frame = frame.join(values.rename(columns=apart))
        rows, own_names = _whole(frame.index), {role: "Value"}
        origin = Origin(self.path.name, rows, None, "ENTITIES", own_names, "row")
        return SourceTable(frame.reset_index(drop=True), origin)


def _whole(numbers: Any) -> NDArray[np.int64]:
    return np.array(numbers, dtype=np.int64)


def _numbers(values: pd.Series[Any]) -> str:
    return ", ".join(str(int(value)) for value in values)
