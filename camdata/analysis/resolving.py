"""A final coding from several: by majority, or by decisions that are written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from camdata._display.checks import Choice, check_choice, wrong_type
from camdata._display.results import Result
from camdata._display.words import count, listed, meant, shorten
from camdata.analysis.codings import ABSENT, CELL, Codings, Read, collect
from camdata.analysis.labels import Integers
from camdata.model.columns import check_table
from camdata.model.errors import MeetingError
from camdata.model.meeting import Meeting
from camdata.model.schema import Field, Table
from camdata.model.source import Source, Unread, decode, from_frames, parse_csv, read_bytes
from camdata.model.text import locate

RESOLVED = "resolved"
"""The coder of a final coding."""
UNDECIDED = -1
Stances = tuple[int, ...]


@dataclass(frozen=True, eq=False, repr=False)
class Resolution(Result):
    """A final coding from several, and what was decided for it.

    Attributes
    ----------
    coders : tuple of str
        Whose codings it is made of.
    decided : pandas.DataFrame
        One row per cell on which those who read it differ, or that a decision names: `document`
        (where there are several), `actor`, `code`; for each coder ``value CODER`` (absent,
        supports, opposes, both, or the level; "not read") and ``quote CODER``; `resolved` (the
        value; missing while it is undecided), `how` (majority, decision, undecided), `votes` (how
        many coders have that value; 0 while it is undecided) and `readers` (how many read it).
    n_agreed : int
        How many cells are recorded alike by all who read them, and were taken as they are.
    """

    coders: tuple[str, ...]
    decided: pd.DataFrame
    n_agreed: int
    _final: Meeting | None

    @property
    def frame(self) -> pd.DataFrame:
        """The cells that were decided, with who said what."""
        return self.decided

    @property
    def undecided(self) -> pd.DataFrame:
        """Those of them that still need a decision."""
        return self.decided.loc[self.decided["resolved"].isna()].reset_index(drop=True)

    @property
    def meeting(self) -> Meeting:
        """The meeting with the final coding as its statements, their `coder` "resolved".

        Raises
        ------
        ValueError
            While a cell is undecided.
        """
        if self._final is None:
            left = self.undecided
            cells = (f"{a}, {c}" for a, c in zip(left["actor"], left["code"], strict=True))
            raise ValueError(
                f"There is no final coding while {count(len(left), 'cell is', 'cells are')} "
                f"undecided ({listed(cells, 3)}): fill in decision_sheet(meeting), and pass it to "
                "resolve."
            )
        return self._final

    @property
    def summary(self) -> str:
        """The answer in words."""
        how = self.decided["how"].value_counts()
        words = {
            "majority": "decided by majority",
            "decision": "by a decision of its own",
            "undecided": "still to be decided",
        }
        parts = [f"{count(self.n_agreed, 'cell')} recorded alike by all who read them"]
        parts += [f"{how[name]:,} {said}" for name, said in words.items() if name in how]
        end = "."
        if self._final is not None:
            end = f"; {count(len(self._final.statements), 'statement')} in the final coding."
        return f"{listed(self.coders)}: {', '.join(parts)}{end}"


def resolve(
    meeting: Meeting,
    rule: Literal["majority"] | pd.DataFrame | Path = "majority",
    *,
    coder: Choice = None,
    read: Read = None,
) -> Resolution:
    """Make a final coding from several.

    Parameters
    ----------
    meeting : Meeting
        With the codings of two coders or more among its statements and recodings.
    rule : "majority", pandas.DataFrame or pathlib.Path
        How cells are decided on which coders differ. ``"majority"``: by what more than half of
        those who read them recorded; ties stay undecided. Or decisions, as `decision_sheet` lists
        them, or the CSV file of them: `actor`, `code` (and `document`, where there are several) and
        `decision`: absent, supports, opposes, both, or a level of the scale. An empty one leaves
        the cell undecided. Where a `quote` is given, it is the words that the final coding has.
    coder : sequence of str, optional
        Whose codings; by default everyone's.
    read : "everything" or mapping, optional
        What each coder read, as for `reliability`: silence counts only of those who read.

    Returns
    -------
    Resolution

    Raises
    ------
    MeetingError
        With every fault of the decisions: the row or line, what was expected, what was found.
    TypeError, ValueError
        For a rule that is none; as for `reliability`.

    Notes
    -----
    A cell is an actor and a code (in a document, where there are several). What is resolved is
    which stances are recorded on it; the words, basis and other columns are those of the first
    coder, in the order of `coders`, whose value the cell has got.

    Examples
    --------
    >>> import camdata as cam
    >>> resolution = cam.resolve(cam.load_meeting())
    >>> print(resolution)
    camdata, definitions_only, full_codebook: 51 cells recorded alike by all who read them, 5
    decided by majority; 59 statements in the final coding.
    >>> resolution.meeting.tally().n_statements
    38
    """
    codings = collect(meeting, coder, read, what="Resolving", independent=False)
    decisions: dict[tuple[str, ...], tuple[Stances, str]] = {}
    if isinstance(rule, str):
        check_choice("rule", rule, ["majority"])
    else:
        decisions = _decisions(codings, rule)
    named = pd.DataFrame(list(decisions), columns=CELL, dtype="str")
    cells = pd.concat([codings.rows[CELL], named]).drop_duplicates().reset_index(drop=True)
    values, kinds = codings.values(cells)
    kinds += sorted({stances for stances, _ in decisions.values()} - set(kinds))

    votes = np.stack([(values == kind).sum(axis=0) for kind in range(len(kinds))])
    readers = (values >= 0).sum(axis=0)
    most = votes.max(axis=0)
    alike = most == readers
    taken = 2 * most > readers if isinstance(rule, str) else alike
    final = np.where(taken, votes.argmax(axis=0), UNDECIDED)
    of_cell = [decisions.get(tuple(cell)) for cell in cells.itertuples(index=False)]
    decision = np.array([found is not None for found in of_cell], dtype=bool)
    for i in np.flatnonzero(decision):
        final[i] = kinds.index(of_cell[i][0])  # type: ignore[index]

    names = [codings.name(kind) for kind in kinds]
    shown = decision | ~alike
    rows = codings.ordered(cells)
    rows = rows[shown[rows]]
    decided = codings.told(cells.iloc[rows], values[:, rows], names)
    value = [names[kind] if kind != UNDECIDED else None for kind in final[rows]]
    decided["resolved"] = pd.Series(value, decided.index, dtype="str")
    how = np.where(decision, "decision", np.where(taken, "majority", "undecided"))
    decided["how"] = pd.Series(how[rows], decided.index, dtype="str")
    behind = votes[np.maximum(final, 0), np.arange(len(cells))]
    decided["votes"] = np.where(final == UNDECIDED, 0, behind)[rows]
    decided["readers"] = readers[rows]
    coding = None
    if (final != UNDECIDED).all():
        quotes = {i: found[1] for i, found in enumerate(of_cell) if found and found[1]}
        coding = _final(codings, cells, values, kinds, final, quotes)
    return Resolution(
        coders=tuple(codings.coders),
        decided=decided,
        n_agreed=int((~shown & (final != ABSENT)).sum()),
        _final=coding,
    )


def decision_sheet(
    meeting: Meeting,
    rule: Literal["majority"] | None = None,
    *,
    coder: Choice = None,
    read: Read = None,
) -> pd.DataFrame:
    """List the cells on which coders differ, to be filled in and given to `resolve`.

    Parameters
    ----------
    meeting : Meeting
        As for `resolve`.
    rule : "majority", optional
        What is filled in already; by default nothing.
    coder, read
        As for `resolve`.

    Returns
    -------
    pandas.DataFrame
        One row per cell: `document` (where there are several), `actor`, `code`, for each coder
        ``value CODER`` and ``quote CODER``, and the two columns to fill in: `decision` and, where
        other words than the coders' are to stand in the final coding, `quote`. All of them text.

    Raises
    ------
    TypeError, ValueError
        As for `resolve`.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> sheet = cam.decision_sheet(meeting, "majority")
    >>> sheet.loc[sheet["actor"] == "El Salvador", "decision"] = "supports"
    >>> resolution = cam.resolve(meeting, sheet)  # or to a CSV file and back: resolve(…, Path(…))
    >>> resolution.frame.set_index("actor").loc["El Salvador", ["resolved", "how"]].tolist()
    ['supports', 'decision']
    """
    if rule is not None:
        check_choice("rule", rule, ["majority"])
    sheet = resolve(meeting, coder=coder, read=read).decided
    decision = sheet["resolved"].fillna("") if rule else ""
    sheet = sheet.drop(columns=["resolved", "how", "votes", "readers"])
    sheet["decision"] = pd.Series(decision, sheet.index, dtype="str")
    sheet["quote"] = pd.Series("", sheet.index, dtype="str")
    return sheet


# decisions


def _decisions(codings: Codings, rule: object) -> dict[tuple[str, ...], tuple[Stances, str]]:
    """Check a table of decisions; return the stances and the words of each cell decided in it."""
    source = _read(rule)
    faults = list(source.faults)
    found: dict[tuple[str, ...], tuple[Stances, str]] = {}
    if "decisions" in source.tables:
        table = source.tables["decisions"]
        known = {"actor": codings.meeting.actors["actor"].tolist(), "code": codings.codes}
        checked = check_table(_spec(codings), table.frame, table.origin, known)
        faults += checked.faults
    if faults:
        raise MeetingError(faults, source.name)
    frame = checked.frame
    only = codings.places["document"].iloc[0] if len(codings.places) else ""
    documents = frame["document"] if codings.several else pd.Series(only, frame.index)
    quotes = frame["quote"].fillna("") if "quote" in frame else pd.Series("", frame.index)
    columns = [documents, frame["actor"], frame["code"], frame["decision"], quotes]
    texts = codings.meeting.source.texts
    for row, (*cell, words, quote) in enumerate(zip(*columns, strict=True)):
        if pd.isna(words):
            continue
        stances = _stances(words, codings)
        if stances is None:
            near = partial(meant, words, _words(codings))
            faults.append(
                table.origin.fault(
                    row, "decision", f"one of {listed(_words(codings), 20)}", shorten(words), near
                )
            )
            continue
        if quote and cell[0] in texts:
            try:
                locate(quote, texts[cell[0]])
            except LookupError as error:
                _, got, nearby = error.args
                expected = "words that stand once in the text"
                faults.append(table.origin.fault(row, "quote", expected, got, nearby))
        found[tuple(cell)] = (stances, quote)
    if faults:
        raise MeetingError(faults, source.name)
    return found


def _read(rule: object) -> Source:
    if isinstance(rule, pd.DataFrame):
        return from_frames({"decisions": rule}, name="the decisions")
    if not isinstance(rule, Path):
        raise wrong_type("rule", '"majority", a DataFrame of decisions or the Path of one', rule)
    try:
        table, faults = parse_csv(decode(read_bytes(rule, rule.name), rule.name), rule.name)
    except Unread as unread:
        return Source(str(rule), faults=(unread.fault,))
    return Source(str(rule), {"decisions": table}, faults=tuple(faults))


def _spec(codings: Codings) -> Table:
    several = codings.several
    return Table(
        "decisions",
        "One row per cell: what is to be recorded on it.",
        (
            Field("document", "name of the text", needed=several, filled=several),
            Field("actor", "whose position", needed=True, filled=True),
            Field("code", "what it is about", needed=True, filled=True),
            Field("decision", "what is recorded", needed=True),
            Field("quote", "words of the report, verbatim"),
        ),
        key=("document", "actor", "code") if several else ("actor", "code"),
        foreign={"actor": ("actors", "actor"), "code": ("codebook", "code")},
    )


def _words(codings: Codings) -> list[str]:
    """Return what can be written as a decision, in words."""
    levels = codings.meeting.stances
    words = [codings.name(stances) for stances in [(), *((level,) for level in levels)]]
    both = codings.name((-1, 1))
    return [*words, both] if both == "both" else [*words, "several levels joined by 'and'"]


def _stances(words: str, codings: Codings) -> Stances | None:
    """Read a decision: absent, supports, opposes, both, or levels of the scale joined by "and"."""
    words = words.strip().casefold()
    levels: dict[str, Stances] = {codings.name(()): ()}
    for level in codings.meeting.stances:
        for name in (codings.name((level,)), str(level), f"{level:+d}"):
            levels[name] = (level,)
    if codings.name((-1, 1)) == "both":
        levels["both"] = (-1, 1)
    parts = [levels.get(part.strip()) for part in words.split(" and ")]
    if len(parts) == 1:
        return parts[0]
    if any(not part for part in parts):
        return None
    return tuple(sorted({level for part in parts if part for level in part}))


# the final coding


def _final(
    codings: Codings,
    cells: pd.DataFrame,
    values: Integers,
    kinds: Sequence[Stances],
    final: Integers,
    quotes: Mapping[int, str],
) -> Meeting:
    """Return the meeting with the final coding as its statements."""
    rows, meeting = codings.rows, codings.meeting
    said: dict[tuple[Any, ...], list[int]] = {}
    for i, key in enumerate(rows[[*CELL, "stance", "coder"]].itertuples(index=False, name=None)):
        said.setdefault(key, []).append(i)
    picked: list[tuple[int, int, int]] = []  # cell, stance, row of words or -1
    for i, cell in enumerate(cells.itertuples(index=False, name=None)):
        # whoever has this very value speaks first
        order = np.argsort(values[:, i] != final[i], kind="stable")
        for stance in kinds[final[i]]:
            keys = [(*cell, stance, codings.coders[coder]) for coder in order]
            words = next((said[key] for key in keys if key in said), [-1])
            picked += [(i, stance, row) for row in (words[:1] if i in quotes else words)]
    of = [i for i, _, _ in picked]
    table = rows.reindex([row for *_, row in picked]).reset_index(drop=True)
    table[CELL] = cells.iloc[of].to_numpy()
    table["stance"] = np.array([stance for _, stance, _ in picked], dtype=np.int64)
    width = max(3, len(str(len(table))))
    table["statement"] = [f"r{n:0{width}d}" for n in range(1, len(table) + 1)]
    table["coder"] = pd.Series(RESOLVED, table.index, dtype="str")
    own = np.array([i in quotes for i in of], dtype=bool)
    if own.any():
        if "quote" not in table:
            table["quote"] = pd.Series(np.nan, table.index, dtype="str")
        table.loc[own, "quote"] = [quotes[i] for i in of if i in quotes]
        for name in {"start", "stop"} & set(table.columns):
            table.loc[own, name] = pd.NA
    if not any("document" in part for part in (meeting.statements, meeting.recodings)):
        table = table.drop(columns="document")
    else:
        table["document"] = table["document"].replace("", np.nan)
    metadata = meeting.metadata
    entries = metadata.get("contributors", [])
    if isinstance(entries, list):
        told = f"Made of the codings of {listed(codings.coders)}, cell by cell."
        entry = {"title": "Final coding", "role": "coder", "coder": RESOLVED, "description": told}
        metadata["contributors"] = [*entries, entry]
    # a part of the meeting in which no other coder is left
    named = pd.concat([p["coder"] for p in (meeting.statements, meeting.recodings) if "coder" in p])
    chosen = meeting.select(coder=[who for who in codings.coders if who in set(named)])
    return chosen.replace(statements=table, metadata=metadata)
