"""Event lists of Discourse Network Analyzer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from camdata.meeting import Meeting
from camdata.reading import read_table
from camdata.schema import STANCES, Fault, MeetingError, did_you_mean

OWN = {"statement ID": "statement", "document ID": "document", "time": "date", "text": "quote"}
"""The columns that every event list has, and what they are called here."""


def read_dna(
    path: str | Path,
    *,
    actor: str = "organization",
    code: str = "concept",
    stance: str | None = "agreement",
) -> Meeting:
    """Read an event list of Discourse Network Analyzer (DNA 3) as a meeting.

    Parameters
    ----------
    path : str or pathlib.Path
        A CSV file exported with the network type "Event list": one row per statement, cells
        separated by semicolons, UTF-8.
    actor, code : str
        The variables of DNA's statement type that hold the actor and the concept.
    stance : str or None
        The variable that qualifies the statement. A boolean one (1 agrees, 0 disagrees) becomes 1
        and -1; an integer one is kept as an ordinal scale. ``None`` takes every statement as
        support.

    Returns
    -------
    Meeting
        Statements with `statement` (DNA's ID), `document` (its document ID), `date`, `quote` (the
        coded text) and all other variables as further columns. An event list holds no documents,
        so the quotes are not located in a text; DNA itself has replaced their semicolons and double
        quotation marks.

    Raises
    ------
    MeetingError
        If the file is not UTF-8 or lacks one of the columns, or as for `Meeting`.

    Notes
    -----
    DNA's normalisations called Jaccard and cosine are not the coefficients of these names; see
    `camdata.agreement`.

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
    ...     meeting = cam.exchange.read_dna(path)
    >>> meeting.positions(by="code")
    code   tax
    actor
    EPA      1
    API     -1
    """
    path = Path(path)
    faults: list[Fault] = []
    raw = read_table(path, path.name, faults, delimiter=";")
    wanted = {actor: "actor", code: "code", **({stance: "stance"} if stance else {})}
    columns = [] if raw is None else list(raw.frame.columns)
    for name in (*OWN, *wanted):
        if raw is not None and name not in columns:
            got = f"no column {did_you_mean(name, columns)}"
            faults.append(Fault(path.name, 1, name, "this column", got))
    if faults or raw is None:
        raise MeetingError(faults, str(path))
    names = {**OWN, **wanted}
    taken = set(names.values())
    statements = raw.frame.rename(
        columns=lambda name: names.get(name, f"dna_{name}" if name in taken else name)
    )
    statements["date"] = statements["date"].str.slice(0, 10)
    stances: Sequence[int] = STANCES
    if stance is not None:
        statements["stance"], stances = _stances(statements["stance"])
    front = ["statement", "actor", "code", *(["stance"] if stance else []), "quote", "document"]
    rest = [name for name in statements.columns if name not in front]
    return Meeting(statements[[*front, *rest]], stances=stances, metadata={"title": path.stem})


def _stances(values: pd.Series[str]) -> tuple[pd.Series[str], Sequence[int]]:
    """Read DNA's boolean qualifier as 1 and -1, an integer one as its own scale.

    A row without a value, or with one that is no number, is for the meeting's own check to name.
    """
    given = values.dropna()
    if set(given) <= {"0", "1"}:
        return values.replace("0", "-1"), STANCES
    whole = given[given.str.fullmatch(r"-?[0-9]{1,9}")]
    return values, sorted({int(value) for value in whole}) or STANCES
