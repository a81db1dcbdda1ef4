"""Several codings of the same texts: put side by side, and made into one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from camdata._display.checks import Choice, as_list, as_names, check_choice, wrong_type
from camdata._display.results import Result
from camdata._display.words import count, join_names, short_repr, with_suggestion
from camdata.analysis.labels import Integers
from camdata.analysis.trees import Flags
from camdata.model.meeting import Meeting

Read = str | Mapping[str, Any] | None
"""``"everything"``, or for each coder that or ``{"documents": […], "actors": […]}``."""
Kind = tuple[int, ...]

EVERYTHING = "everything"
PLACE = ["document", "actor"]
CELL = ["document", "actor", "code"]
NO_CODER = "statements"
"""The coder of a table of statements without a column `coder`."""
RESOLVED = "resolved"
"""The coder of a final coding."""
UNCODED, ABSENT = -1, 0


@dataclass(frozen=True)
class Codings:
    """The statements of several coders, and what each of them read.

    Attributes
    ----------
    meeting : Meeting
        Whose codings they are.
    coders : list of str
        Those compared, the coder of the statements first.
    rows : pandas.DataFrame
        Their statements: `document` (filled in everywhere), `actor`, `code`, `stance` (int),
        `coder` and whatever else the tables hold.
    codes : list of str
        Every code of the codebook, also those that nobody used.
    places : pandas.DataFrame
        `document` and `actor` wherever one of the coders recorded something.
    reads : numpy.ndarray of bool
        Coders × places.
    several : bool
        Whether there is more than one document.
    left_out : int
        How many statements were left out because they are no independent coding.
    """

    meeting: Meeting
    coders: list[str]
    rows: pd.DataFrame
    codes: list[str]
    places: pd.DataFrame
    reads: Flags
    several: bool
    left_out: int

    def of(self, coders: Sequence[str]) -> Codings:
        """Return the codings of some of the coders, as if nobody else had coded."""
        rows = self.rows[self.rows["coder"].isin(coders)].reset_index(drop=True)
        inside = _inside(self.places, rows)
        places = self.places[inside].reset_index(drop=True)
        reads = self.reads[[self.coders.index(name) for name in coders]][:, inside]
        return replace(self, coders=list(coders), rows=rows, places=places, reads=reads)

    def cells(self) -> pd.DataFrame:
        """Return every code of every place that two or more coders read, one row each."""
        return cross(self.places[self.reads.sum(axis=0) >= 2], "code", self.codes)

    def grouped(self, units: pd.DataFrame, column: str) -> tuple[Integers, list[Any]]:
        """Return what each coder recorded in a column on each unit, several values together.

        Parameters
        ----------
        units : pandas.DataFrame
            One row per unit: two or more columns of `rows` that identify it.
        column : str
            The column of `rows`.

        Returns
        -------
        numpy.ndarray of int
            Coders × units: `UNCODED`, or the number of a kind, from 1.
        list of tuple
            The different values of each kind, sorted; the first kind has none.
        """
        key = [str(name) for name in units]
        rows = self.rows[[*key, "coder", column]].drop_duplicates().sort_values(column)
        found = rows.groupby([*key, "coder"], sort=False)[column].agg(tuple)
        kinds = [(), *sorted(set(found))]
        numbers = found.map({kind: i for i, kind in enumerate(kinds)})
        each = cross(units, "coder", self.coders)
        values = numbers.reindex(index_of(each, [*key, "coder"]), fill_value=UNCODED)
        return values.to_numpy(dtype=np.int64).reshape(len(units), len(self.coders)).T, kinds

    def values(self, cells: pd.DataFrame) -> tuple[Integers, list[Kind]]:
        """Return which stances each coder recorded on each cell, as `grouped`.

        `ABSENT` is the number of the first kind: nothing recorded where a coder read.
        """
        values, kinds = self.grouped(cells[CELL], "stance")
        place = index_of(self.places, PLACE).get_indexer(index_of(cells, PLACE))
        # where nobody recorded anything of an actor, silence is what each coder said
        read = np.column_stack([self.reads, np.ones(len(self.coders), dtype=bool)])[:, place]
        return np.where((values == UNCODED) & read, ABSENT, values), kinds

    def describe(self, units: pd.DataFrame, values: Integers, names: Sequence[str]) -> pd.DataFrame:
        """Return units with each coder's ``value``, ``quote`` and ``passage``.

        `values` are what each coder said, coders × units, as numbers of `names`; several quotes are
        joined by a slash, as are the passages that they stand in.
        """
        key = [str(name) for name in units]
        table = units.drop(columns=[] if self.several else "document").reset_index(drop=True)
        cells = index_of(units, key)
        quoted = self.rows[index_of(self.rows, key).isin(cells) & self.rows["quote"].notna()]
        quoted = quoted.assign(passage=pd.array([*self._passages(quoted)], dtype="str"))
        joined = quoted.groupby([*key, "coder"])[["quote", "passage"]].agg(_join)
        for who, said in zip(self.coders, values, strict=True):
            table[f"value {who}"] = [names[value] for value in said]
            own = joined[joined.index.get_level_values("coder") == who].droplevel("coder")
            for name, column in own.reindex(cells).fillna("").items():
                table[f"{name} {who}"] = column.tolist()
        added = dict.fromkeys(table.columns.difference(units.columns), "str")
        return table.astype(added)

    def _passages(self, quoted: pd.DataFrame) -> Iterator[str]:
        """Yield the actor's intervention, else the paragraph, that each quote stands in."""
        interventions = self.meeting.interventions
        own = interventions.groupby("actor")["passage"].agg(list)
        lines = {name: text.splitlines() for name, text in self.meeting.source.texts.items()}
        for document, actor, quote in quoted[[*PLACE, "quote"]].itertuples(index=False):
            around = [*own.get(actor, []), *lines.get(document, [])]
            yield next((words.strip() for words in around if quote in words), quote)

    def name(self, stances: Kind) -> str:
        """Return a value in words: absent, supports, opposes, both, or the levels."""
        if not stances:
            return "absent"
        known = {(1,): "supports", (-1,): "opposes", (-1, 1): "both"}
        sides = known if set(self.meeting.stances) <= {1, 0, -1} else {}
        return sides.get(stances) or " and ".join(map(str, stances))

    def in_words(self, kinds: Sequence[Kind]) -> list[str]:
        """Return the kinds of values in words, and last what `UNCODED` means."""
        return [*map(self.name, kinds), "not read"]


def cross(frame: pd.DataFrame, name: str, values: Sequence[str]) -> pd.DataFrame:
    """Return each row of a frame with each of some values of another column."""
    rows: pd.DataFrame = frame.merge(pd.DataFrame({name: values}, dtype="str"), how="cross")
    return rows


def index_of(frame: pd.DataFrame, key: list[str]) -> pd.MultiIndex:
    """Return the rows of a frame as an index."""
    return pd.MultiIndex.from_frame(frame[key])


def _join(words: pd.Series[str]) -> str:
    return " / ".join(dict.fromkeys(words))


def _inside(places: pd.DataFrame, rows: pd.DataFrame) -> Flags:
    """Say of which places some rows are."""
    return np.asarray(index_of(places, PLACE).isin(index_of(rows, PLACE)), dtype=bool)


def collect(
    meeting: Meeting, coder: Choice, read: Read, *, what: str, independent: bool = True
) -> Codings:
    """Put the codings of a meeting side by side.

    Parameters
    ----------
    meeting : Meeting
        With two coders or more among its statements and recodings.
    coder : sequence of str, optional
        Whom to compare; by default everyone.
    read : str or mapping, optional
        What each coder read, where the data package does not say it.
    what : str
        What needs two coders, for the error.
    independent : bool
        Whether to leave out statements that a coder added after the codings had been compared.

    Raises
    ------
    TypeError, ValueError
        For a thing that is no meeting, fewer than two coders, statements without one, and a `read`
        that cannot be or that is less than a coder coded.
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    table = _every_statement(meeting)
    present = table["coder"].drop_duplicates().tolist()
    coders = present if coder is None else list(dict.fromkeys(as_list("coder", coder, present)))
    if len(coders) < 2:
        got = f"only {join_names(coders)} was chosen out of {join_names(present)}."
        if len(present) < 2:
            got = f"the meeting has {join_names(present) or 'none'}: it was coded once."
        raise ValueError(f"{what} needs at least two coders, but {got}")
    codes = list(meeting.codebook.get("code", ()))
    codes = codes or table.loc[table["stance"].notna(), "code"].drop_duplicates().tolist()
    several = len(table["document"].drop_duplicates()) > 1
    table = table[table["coder"].isin(coders)]
    declared = _contributors(meeting)
    left_out = np.zeros(len(table), dtype=bool)
    for who in coders if independent else ():
        later = as_names("after_comparison", declared.get(who, {}).get("after_comparison", []))
        left_out |= (table["coder"].eq(who) & table["statement"].isin(later)).to_numpy(dtype=bool)
    table = table[~left_out]
    rows = table[table["stance"].notna()].astype({"stance": "int64"}).reset_index(drop=True)
    actors = pd.Index(meeting.actors["actor"]).get_indexer(pd.Index(rows["actor"]))
    order = np.lexsort((actors, pd.factorize(rows["document"])[0]))
    places = rows[PLACE].iloc[order].drop_duplicates().reset_index(drop=True)
    said = {who: entry["read"] for who, entry in declared.items() if "read" in entry}
    if isinstance(read, Mapping):
        said |= {who: read[who] for who in (as_list("read", list(read), present) if read else ())}
    elif read is not None:
        check_choice("read", read, [EVERYTHING])
        said = dict.fromkeys(coders, EVERYTHING)
    # a statement whose stance is missing was read, too
    reads = [_reads(who, said.get(who), places, table[table["coder"] == who]) for who in coders]
    n = int(left_out.sum())
    return Codings(meeting, coders, rows, codes, places, np.array(reads), several, n)


def _every_statement(meeting: Meeting) -> pd.DataFrame:
    """Return statements and recodings in one table, each with its coder and its document."""
    first, second = meeting.statements, meeting.recodings
    if "coder" not in first or (first["coder"].isna().all() and len(first)):
        first["coder"] = NO_CODER
    parts = [part for part in (first, second) if len(part)] or [first]
    table = pd.concat(parts, ignore_index=True)
    if "quote" not in table:
        table["quote"] = pd.Series(np.nan, table.index, dtype="str")
    unnamed = int(table["coder"].isna().sum())
    if unnamed:
        names = count(unnamed, "statement names", "statements name")
        raise ValueError(f"{names} no coder: fill in `coder`, or leave these statements out.")
    texts = list(meeting.source.texts)
    only = texts[0] if len(texts) == 1 else ""
    return table.assign(document=table["document"].fillna(only) if "document" in table else only)


def _contributors(meeting: Meeting) -> dict[str, Mapping[str, Any]]:
    """Return what the data package says of each coder among its contributors."""
    entries = meeting.source.metadata.get("contributors", ())
    known = [c for c in entries if isinstance(c, Mapping)] if isinstance(entries, list) else []
    return {str(entry["coder"]): entry for entry in known if "coder" in entry}


def _reads(who: str, said: object, places: pd.DataFrame, own: pd.DataFrame) -> Flags:
    """Say which places a coder read: what is said of it, or else what it coded."""
    coded = _inside(places, own)
    if said is None:
        return coded
    inside = np.ones(len(places), dtype=bool)
    parts = {} if said == EVERYTHING else said
    if not isinstance(parts, Mapping) or set(parts) - {"documents", "actors"} or said == {}:
        raise ValueError(
            f'`read` must say of each coder "everything", or {{"documents": [names], "actors": '
            f"[names]}} with one of the two or both, but of {who!r} it says {short_repr(said)}."
        )
    for part, names in parts.items():
        inside &= places[part.removesuffix("s")].isin(as_names(part, names)).to_numpy(dtype=bool)
    beyond = places[coded & ~inside]
    if len(beyond):
        words = beyond.drop(columns=[] if "documents" in parts else "document")
        raise ValueError(
            f"{who} coded more than it is said to have read: "
            f"{join_names(map(' in '.join, words.iloc[:, ::-1].to_numpy()))}. Correct `read`, or "
            "choose a part of the meeting by select(…)."
        )
    return inside


@dataclass(frozen=True, eq=False, repr=False)
class Resolution(Result):
    """A final coding made from several.

    Attributes
    ----------
    coders : tuple of str
        Whose codings it is made of.
    decided : pandas.DataFrame
        One row per cell on which those who read it differ, or that a decision names: `document`
        (where there are several), `actor`, `code`; for each coder ``value CODER`` (absent,
        supports, opposes, both, or the level; "not read"), ``quote CODER`` and ``passage CODER``
        (what the quote stands in); `resolved` (the value; missing while it is undecided), `how`
        (majority, decision, undecided), `votes` (how many coders have that value) and `readers`
        (how many read it). Also as `frame`.
    n_agreed : int
        How many cells all who read them recorded alike; these were taken as they are.
    """

    coders: tuple[str, ...]
    decided: pd.DataFrame
    n_agreed: int
    _final: Meeting | None

    @property
    def frame(self) -> pd.DataFrame:
        return self.decided

    @property
    def meeting(self) -> Meeting:
        """The meeting with the final coding as its statements, their `coder` "resolved".

        Raises
        ------
        ValueError
            While a cell is undecided.
        """
        if self._final is None:
            left = count(int(self.decided["resolved"].isna().sum()), "cell is", "cells are")
            raise ValueError(
                f"There is no final coding while {left} undecided: fill in the column `resolved` "
                "of the frame, and pass the frame to resolve."
            )
        return self._final

    @property
    def summary(self) -> str:
        """How many cells were decided, and how."""
        how = self.decided["how"].value_counts()
        final = self._final
        end = "" if final is None else f": {count(len(final.statements), 'statement')}"
        names = ["majority", "decision", "undecided"]
        majority, decision, undecided = how.reindex(names, fill_value=0)
        return (
            f"{join_names(self.coders)}: {count(self.n_agreed, 'cell')} recorded alike by all who "
            f"read them; {majority} decided by majority, {decision} by a decision, {undecided} "
            f"undecided{end}."
        )


def resolve(
    meeting: Meeting,
    rule: Literal["majority"] | pd.DataFrame = "majority",
    *,
    coder: Choice = None,
    read: Read = None,
) -> Resolution:
    """Make a final coding from several.

    Parameters
    ----------
    meeting : Meeting
        With the codings of two coders or more among its statements and recodings.
    rule : "majority" or pandas.DataFrame
        How cells are decided on which coders differ. ``"majority"``: by what more than half of
        those who read them recorded; ties stay undecided. Or a frame of decisions, such as the
        `frame` of an earlier call, filled in: `actor`, `code` (and `document`, where there are
        several) and `resolved`: absent, supports, opposes, both, or a level of the scale. A missing
        one leaves the cell undecided unless all agree. Words in a column `quote` stand in the final
        coding.
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
        If a `quote` does not stand in the text.
    TypeError, ValueError
        For a rule that is neither, an unknown actor, code or value, a cell decided twice; as for
        `reliability`.

    Notes
    -----
    A cell is an actor and a code (in a document, where there are several). What is resolved is
    which stances are recorded on it; the words, basis and other columns are those of the first
    coder, in the order of `coders`, who recorded what was decided.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> resolution = cam.analysis.resolve(meeting)
    >>> print(resolution)
    camdata, definitions_only, full_codebook: 51 cells recorded alike by all who read them; 5
    decided by majority, 0 by a decision, 0 undecided: 59 statements.
    >>> decisions = resolution.frame  # or to a CSV file, filled in there and read by pandas
    >>> decisions.loc[decisions["actor"] == "El Salvador", "resolved"] = "supports"
    >>> cam.analysis.resolve(meeting, decisions).meeting.tally().n_statements
    39
    """
    codings = collect(meeting, coder, read, what="Resolving", independent=False)
    if not isinstance(rule, pd.DataFrame):
        check_choice("rule", rule, ["majority"])
    decisions = _decisions(codings, rule) if isinstance(rule, pd.DataFrame) else {}
    named = pd.DataFrame(list(decisions), columns=CELL, dtype="str")
    cells = cross(codings.places, "code", codings.codes)
    cells = cells[index_of(cells, CELL).isin(index_of(codings.rows, CELL))]
    cells = pd.concat([cells, named]).drop_duplicates().reset_index(drop=True)
    values, kinds = codings.values(cells)
    kinds += sorted({stances for stances, _ in decisions.values()} - set(kinds))
    votes = np.stack([(values == kind).sum(axis=0) for kind in range(len(kinds))])
    readers, most = (values != UNCODED).sum(axis=0), votes.max(axis=0)
    alike = most == readers
    taken = 2 * most > readers if isinstance(rule, str) else alike
    final = np.where(taken, votes.argmax(axis=0), UNCODED)
    how = np.where(taken, "majority", "undecided").astype("<U9")
    quotes: dict[int, str] = {}
    for i in np.flatnonzero(index_of(cells, CELL).isin(list(decisions))).tolist():
        stances, quote = decisions[tuple(cells.iloc[i])]
        final[i], how[i] = kinds.index(stances), "decision"
        if quote:
            quotes[i] = quote
    rows = np.flatnonzero(~alike | (how == "decision"))
    table = codings.describe(cells.iloc[rows], values[:, rows], codings.in_words(kinds))
    resolved = [None if i == UNCODED else codings.name(kinds[i]) for i in final[rows]]
    table["resolved"] = pd.Series(resolved, table.index, dtype="str")
    table["how"] = pd.Series(how[rows], table.index, dtype="str")
    table["votes"] = np.where(final == UNCODED, 0, votes[final, np.arange(len(cells))])[rows]
    table["readers"] = readers[rows]
    coding = None
    if (final != UNCODED).all():
        coding = _final(codings, cells, values != final, [kinds[i] for i in final], quotes)
    n_agreed = int((final != ABSENT).sum() - (final[rows] != ABSENT).sum())
    return Resolution(tuple(codings.coders), table, n_agreed, coding)


def _decisions(codings: Codings, table: pd.DataFrame) -> dict[tuple[str, ...], tuple[Kind, str]]:
    """Check a table of decisions; return the stances and the words of each cell decided in it."""
    needed = [*(CELL if codings.several else CELL[1:]), "resolved"]
    if missing := [name for name in needed if name not in table]:
        raise ValueError(f"`rule` needs {join_names(needed)}, but has no {missing[0]}.")
    table = table[table["resolved"].notna()]
    documents = codings.rows["document"].unique().tolist()
    if not codings.several:
        table = table.assign(document=documents[0])
    known = [documents, codings.meeting.actors["actor"].tolist(), codings.codes]
    for name, names in zip(CELL, known, strict=True):
        as_list(f"rule[{name!r}]", table[name].tolist() or names, names)
    quotes = table["quote"].fillna("") if "quote" in table else pd.Series("", table.index)
    levels: dict[str, Kind] = {codings.name(()): (), codings.name((-1, 1)): (-1, 1)}
    for level in codings.meeting.stances:
        levels[codings.name((level,))] = levels[str(level)] = (level,)
    found: dict[tuple[str, ...], tuple[Kind, str]] = {}
    cells = table[CELL].itertuples(index=False, name=None)
    for row, cell, words, quote in zip(table.index, cells, table["resolved"], quotes, strict=True):
        # a spreadsheet, and pandas where a cell is empty, write the level 2 as 2.0
        text = f"{words:g}" if isinstance(words, float) else str(words).strip().casefold()
        parts = [text] if text in levels else text.split(" and ")
        if not set(parts) <= set(levels):
            raise ValueError(
                f"In row {row} of the decisions, `resolved` must be one of "
                f"{join_names(levels, 20)} (several with 'and' between them), but is "
                f"{with_suggestion(text, levels)}."
            )
        if cell in found:
            raise ValueError(f"Row {row} of the decisions decides {join_names(cell[1:])} again.")
        found[cell] = (tuple(sorted({level for part in parts for level in levels[part]})), quote)
    return found


def _final(
    codings: Codings,
    cells: pd.DataFrame,
    differs: Flags,
    final: Sequence[Kind],
    quotes: Mapping[int, str],
) -> Meeting:
    """Return the meeting with the final coding as its statements.

    `differs` says which coder recorded something else on which cell, coders × cells; `quotes` are
    the words that decisions give to cells.
    """
    rows = codings.rows.drop(columns=CELL)
    rows["cell"] = index_of(cells, CELL).get_indexer(index_of(codings.rows, CELL))
    rows["who"] = pd.Index(codings.coders).get_indexer(pd.Index(rows["coder"]))
    rows["differs"] = differs[rows["who"], rows["cell"]]
    # the words are those of the first coder who recorded just this, else of any who did in part
    rows = rows.sort_values(["cell", "differs", "who"], kind="stable")
    rows = rows[rows["who"] == rows.groupby(["cell", "stance"])["who"].transform("first")]
    rows = rows[~(rows["cell"].isin(list(quotes)) & rows.duplicated(["cell", "stance"]))]
    decided = [(cell, stance) for cell, stances in enumerate(final) for stance in stances]
    wanted = pd.DataFrame(decided, columns=["cell", "stance"], dtype="int64")
    table = wanted.merge(rows.drop(columns=["who", "differs"]), how="left")
    table[CELL] = cells.iloc[table["cell"]].to_numpy()
    if quotes:
        words = table["cell"].map(quotes).astype("str")
        table["quote"] = words.fillna(table["quote"])
        table.loc[words.notna(), [n for n in ("start", "stop") if n in table]] = pd.NA
    table["statement"] = [f"r{n:03d}" for n in range(1, len(table) + 1)]
    table["coder"] = pd.Series(RESOLVED, table.index, dtype="str")
    table["document"] = table["document"].replace("", np.nan)
    meeting = codings.meeting
    given = {*meeting.statements, *meeting.recodings, "coder", *["quote"] * bool(quotes)}
    # select leaves no other coder in the meeting
    names = [who for who in codings.coders if who != NO_CODER]
    table = table[[name for name in table if name in given]]
    return meeting.select(coder=names).replace(statements=table)
