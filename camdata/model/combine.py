"""Several meetings combined into one, with actors matched by name."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd

from camdata._display.checks import wrong_type
from camdata._display.words import join_names, nearest, with_suggestion
from camdata.model.errors import Fault, MeetingError
from camdata.model.meeting import Meeting
from camdata.model.source import from_frames

JOINED = ("sources", "licenses", "contributors")
"""Lists in the metadata that are joined."""


def combine(
    meetings: Mapping[str, Meeting], *, aliases: Mapping[str, str] | None = None
) -> Meeting:
    """Combine meetings into one, with a column `meeting` in its tables of statements and passages.

    Parameters
    ----------
    meetings : mapping of str to Meeting
        The meetings by name, in order.
    aliases : mapping of str to str, optional
        Names of actors to replace, each with its new name.

    Returns
    -------
    Meeting
        `select` chooses one again by ``meeting=``. Actors and codes are matched by name and listed
        in order of first appearance. Ids of statements that occur twice, and the names of texts,
        get the meeting's name in front. A speaking order that differs between meetings is dropped.

    Raises
    ------
    MeetingError
        If two meetings contradict each other about an actor or a code: kind, group, dimension, …
    TypeError, ValueError
        If there are fewer than two meetings, their scales differ, an alias matches no actor, or
        a meeting has quotes but no text although others have texts.

    Warns
    -----
    UserWarning
        If actors of different meetings have nearly the same name. They are merged only if
        `aliases` says so.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> first, second = (
    ...     cam.Meeting(pd.DataFrame({"actor": ["Peru", name], "code": ["tax", "aid"]}))
    ...     for name in ("Chile", "Republic of Chile")
    ... )
    >>> both = cam.combine({"2017": first, "2018": second}, aliases={"Republic of Chile": "Chile"})
    >>> both.statements[["meeting", "actor", "code"]].to_numpy().tolist()[-1]
    ['2018', 'Chile', 'aid']
    >>> len(both.select(meeting="2017").statements)
    2
    """
    pairs = meetings.items() if isinstance(meetings, Mapping) else ()
    if len(pairs) < 2 or not all(isinstance(n, str) and isinstance(m, Meeting) for n, m in pairs):
        raise wrong_type("meetings", "a mapping of names to two or more meetings", meetings)
    scales = {meeting.stances for meeting in meetings.values()}
    if len(scales) > 1:
        raise ValueError(f"Meetings of different scales cannot be combined: {join_names(scales)}.")
    names = dict(aliases or {})
    tables = {name: _tables(name, meeting, names) for name, meeting in meetings.items()}
    actors = {name: found.pop("actors") for name, found in tables.items()}
    _check_names(meetings, actors, names)
    faults: list[Fault] = []
    joined: dict[str, pd.DataFrame] = {"actors": _merged("actors", "actor", actors, faults)}
    books = {name: found.pop("codebook") for name, found in tables.items() if "codebook" in found}
    if books:
        # a code that only meetings without a codebook use has no label
        for name in meetings.keys() - books.keys():
            books[name] = tables[name]["statements"][["code"]].drop_duplicates()
        joined["codebook"] = _merged("codebook", "code", books, faults)
    if faults:
        raise MeetingError(faults, "the meetings")
    for table in dict.fromkeys(table for found in tables.values() for table in found):
        parts = [found[table] for found in tables.values() if table in found]
        frame = pd.concat(parts, ignore_index=True)
        key = ["coder", "statement"] if table == "recodings" else ["statement"]
        if "statement" in frame and frame.duplicated(key).any():
            frame["statement"] = frame["meeting"] + " " + frame["statement"]
        joined[table] = frame
    metadata: dict[str, Any] = {"title": "; ".join(meetings)}
    for field in JOINED:
        entries = [entry for one in meetings.values() for entry in one.metadata.get(field, [])]
        if entries:
            metadata[field] = [entry for i, entry in enumerate(entries) if entry not in entries[:i]]
    texts: dict[str, str] = {}
    for name, one in meetings.items():
        texts |= {_text_name(name, text, one): words for text, words in one.texts.items()}
    return Meeting.from_source(from_frames(joined, texts, metadata, scales.pop()))


def _text_name(name: str, text: str, meeting: Meeting) -> str:
    return name if len(meeting.texts) == 1 else f"{name} {text}"


def _tables(name: str, meeting: Meeting, aliases: Mapping[str, str]) -> dict[str, pd.DataFrame]:
    """Return the tables of a meeting with its name, texts renamed and aliases replaced."""
    found = {"actors": meeting.actors, "statements": meeting.statements}
    if "speaking_order" in found["actors"]:
        found["actors"] = found["actors"].sort_values("speaking_order", kind="stable")
    for table in meeting.given:
        found.setdefault(table, getattr(meeting, table))
    for table, frame in found.items():
        for column in {"actor", "target"} & set(frame.columns):
            frame[column] = frame[column].replace(dict(aliases))
        if table in ("actors", "codebook"):
            continue
        documents = meeting.source.tables[table].column("document")
        if documents is not None:
            rename = partial(_text_name, name, meeting=meeting)
            frame["document"] = documents.map(rename, na_action="ignore")
        frame.insert(0, "meeting", name)
    return found


def _check_names(
    meetings: Mapping[str, Meeting], actors: Mapping[str, pd.DataFrame], aliases: Mapping[str, str]
) -> None:
    """Check aliases and texts, and warn of names that are nearly the same."""
    before = [actor for one in meetings.values() for actor in one.actors["actor"]]
    for alias in aliases:
        if alias not in before:
            raise ValueError(f"No meeting has the actor {with_suggestion(alias, before)}.")
    for name, meeting in meetings.items():
        quoted = "quote" in meeting.statements and meeting.statements["quote"].notna().any()
        if quoted and not meeting.texts and any(one.texts for one in meetings.values()):
            raise ValueError(f"{name} has quotes but no text to find them in, unlike the others.")
    lists = {name: list(dict.fromkeys(frame["actor"])) for name, frame in actors.items()}
    near = []
    for name, own in lists.items():
        others = {a for other, found in lists.items() if other != name for a in found} - {*own}
        for actor in own:
            like = nearest(actor, sorted(others))
            if like and not any(actor in lists[n] for n in lists if like in lists[n]):
                near.append(" and ".join(sorted((actor, like))))
    if near:
        pairs = join_names(dict.fromkeys(near))
        words = f"Actors of different meetings have nearly the same name: {pairs}. They count "
        warnings.warn(f"{words}apart; if they are one, give `aliases`.", UserWarning, stacklevel=3)


def _merged(
    table: str, key: str, frames: Mapping[str, pd.DataFrame], faults: list[Fault]
) -> pd.DataFrame:
    """Merge tables of the same actors or codes; contradictions are faults."""
    rows = pd.concat([frame.assign(_of=name) for name, frame in frames.items()], ignore_index=True)
    for column in [column for column in rows.columns if column not in (key, "_of")]:
        known = rows.dropna(subset=[column]).drop_duplicates([key, column])
        clash = known[known.duplicated(key, keep=False)]
        if len(clash) and column == "speaking_order":
            rows = rows.drop(columns=column)
            continue
        for value, found in clash.groupby(key, sort=False):
            pairs = zip(found[column], found["_of"], strict=True)
            got = join_names(f"{v} in {name}" for v, name in pairs)
            faults.append(Fault(table, None, column, f"one {column} of {value}", got))
    return rows.drop(columns="_of").groupby(key, sort=False, as_index=False).first()
