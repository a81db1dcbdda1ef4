"""Several codings of the same texts put side by side: who coded, what each read, who said what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from camdata._display.checks import Choice, as_list, as_names, check_choice, wrong_type
from camdata._display.words import count, listed, shown
from camdata.analysis.labels import Integers
from camdata.model.meeting import Meeting

Read = str | Mapping[str, Any] | None
"""``"everything"``, or for each coder that or ``{"documents": […], "actors": […]}``."""

EVERYTHING = "everything"
PLACE = ["document", "actor"]
CELL = ["document", "actor", "code"]
UNNAMED = "statements"
"""The coder of a table of statements without a column `coder`."""
UNREAD, ABSENT = -1, 0


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
        `document` and `actor` of whom at least one of the coders recorded something.
    reads : numpy.ndarray of bool
        Coders × places.
    several : bool
        Whether there is more than one document.
    left_out : int
        How many statements are no independent coding, and were left out.
    """

    meeting: Meeting
    coders: list[str]
    rows: pd.DataFrame
    codes: list[str]
    places: pd.DataFrame
    reads: np.ndarray[Any, np.dtype[np.bool_]]
    several: bool
    left_out: int

    def units(self, places: pd.DataFrame) -> pd.DataFrame:
        """Return every code of every place, one row each."""
        return places.merge(pd.DataFrame({"code": self.codes}), how="cross")

    def ordered(self, cells: pd.DataFrame) -> Integers:
        """Return the places of cells in the order of documents, actors and codes."""
        known = {
            "code": pd.Index(self.codes),
            "actor": pd.Index(self.meeting.actors["actor"]),
            "document": pd.Index(self.rows["document"].unique()),
        }
        keys = [index.get_indexer(pd.Index(cells[name])) for name, index in known.items()]
        return np.lexsort(keys)

    def values(self, units: pd.DataFrame) -> tuple[Integers, list[tuple[int, ...]]]:
        """Return what each coder recorded on each unit.

        Returns
        -------
        numpy.ndarray of int
            Coders × units: `UNREAD`, `ABSENT`, or the number of a kind, from 1.
        list of tuple of int
            The stances of each kind, the first of them none.
        """
        held: dict[tuple[Any, ...], tuple[int, ...]] = {}
        cells = self.rows[[*CELL, "coder", "stance"]].drop_duplicates().sort_values("stance")
        for *cell, stance in cells.itertuples(index=False):
            held[tuple(cell)] = (*held.get(tuple(cell), ()), int(stance))
        kinds = [(), *sorted(set(held.values()))]
        number = {kind: i for i, kind in enumerate(kinds)}
        cells_of = [tuple(cell) for cell in units[CELL].itertuples(index=False)]
        index = pd.MultiIndex.from_frame(self.places)
        place = index.get_indexer(pd.MultiIndex.from_frame(units[PLACE]))
        values = np.full((len(self.coders), len(units)), UNREAD, dtype=np.int64)
        for i, who in enumerate(self.coders):
            found = np.array([number[held.get((*cell, who), ())] for cell in cells_of], np.int64)
            # of a place of which nobody recorded anything, silence is what each of them said
            read = np.append(self.reads[i], True)[place]
            values[i, read] = found[read]
        return values, kinds

    def told(self, units: pd.DataFrame, values: Integers, names: Sequence[str]) -> pd.DataFrame:
        """Return the units with what each coder said: ``value CODER`` and ``quote CODER``.

        `names` are those of the kinds; several quotes of one coder are joined.
        """
        table = units[CELL if self.several else CELL[1:]].reset_index(drop=True)
        cells = pd.MultiIndex.from_frame(units[CELL])
        for i, who in enumerate(self.coders):
            table[f"value {who}"] = pd.Series(
                [names[v] if v >= 0 else "not read" for v in values[i]], table.index, dtype="str"
            )
            quotes = [""] * len(table)
            if "quote" in self.rows:
                own = self.rows[self.rows["coder"] == who].dropna(subset=["quote"])
                joined = own.groupby(CELL)["quote"].agg(" / ".join)
                quotes = joined.reindex(cells).fillna("").tolist()
            table[f"quote {who}"] = pd.Series(quotes, table.index, dtype="str")
        return table

    def name(self, stances: tuple[int, ...]) -> str:
        """Return a value in words: absent, supports, opposes, both, or the levels."""
        if not stances:
            return "absent"
        known = {(1,): "supports", (-1,): "opposes", (-1, 1): "both"}
        if set(self.meeting.stances) <= {1, 0, -1} and stances in known:
            return known[stances]
        return " and ".join(str(stance) for stance in stances)


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
    table = _statements(meeting)
    present = table["coder"].drop_duplicates().tolist()
    coders = present if coder is None else list(dict.fromkeys(as_list("coder", coder, present)))
    if len(coders) < 2:
        got = (
            f"only {coders[0]} was chosen out of {listed(present)}."
            if len(present) > 1
            else f"the meeting has {listed(present) or 'none'}: it was coded once."
        )
        raise ValueError(f"{what} needs at least two coders, but {got}")
    table = table[table["coder"].isin(coders)]
    declared = _contributors(meeting)
    left_out = np.zeros(len(table), dtype=bool)
    if independent:
        for who in coders:
            later = declared.get(who, {}).get("after_comparison", ())
            if not isinstance(later, list | tuple):
                raise _wrong_metadata(who, "after_comparison", "a list of statements", later)
            ids = {str(number) for number in later}
            left_out |= (table["coder"].eq(who) & table["statement"].isin(ids)).to_numpy(dtype=bool)
    table = table[~left_out]
    coded = table[[*PLACE, "coder"]].drop_duplicates()  # also where a stance is missing
    rows = table[table["stance"].notna()].astype({"stance": "int64"}).reset_index(drop=True)
    actors = pd.Index(meeting.actors["actor"]).get_indexer(pd.Index(rows["actor"]))
    order = np.lexsort((actors, pd.factorize(rows["document"])[0]))
    places = rows[PLACE].iloc[order].drop_duplicates().reset_index(drop=True)
    said = _said(meeting, read, present, declared)
    known = meeting.codebook["code"].tolist() if "codebook" in meeting.given else []
    return Codings(
        meeting,
        coders,
        rows,
        known or rows["code"].drop_duplicates().tolist(),
        places,
        np.array([_reads(who, said.get(who), places, coded) for who in coders], dtype=bool),
        len(table["document"].unique()) > 1,
        int(left_out.sum()),
    )


def _statements(meeting: Meeting) -> pd.DataFrame:
    """Return statements and recodings in one table, each with its coder and its document."""
    parts = [meeting.statements]
    if "coder" not in parts[0] or (parts[0]["coder"].isna().all() and len(parts[0])):
        parts[0]["coder"] = UNNAMED
    if "recodings" in meeting.given:
        parts.append(meeting.recodings)
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    unnamed = int(table["coder"].isna().sum())
    if unnamed:
        raise ValueError(
            f"{count(unnamed, 'statement names', 'statements name')} no coder: fill in the column "
            "`coder`, or leave these statements out."
        )
    texts = list(meeting.source.texts)
    only = texts[0] if len(texts) == 1 else ""
    if "document" not in table:
        table["document"] = only
    return table.assign(document=table["document"].fillna(only))


def _contributors(meeting: Meeting) -> dict[str, Mapping[str, Any]]:
    """Return what the data package says of each coder among its contributors."""
    entries = meeting.source.metadata.get("contributors", ())
    if not isinstance(entries, list | tuple):
        return {}
    return {str(c["coder"]): c for c in entries if isinstance(c, Mapping) and "coder" in c}


def _wrong_metadata(who: str, key: str, expected: str, got: object) -> ValueError:
    return ValueError(
        f"The data package says of the coder {who!r} that `{key}` is {shown(got)}; it must be "
        f"{expected}."
    )


_PARTS = '"everything", or {"documents": [names], "actors": [names]} with one of the two or both'


def _said(
    meeting: Meeting,
    read: Read,
    coders: Sequence[str],
    declared: Mapping[str, Mapping[str, Any]],
) -> dict[str, Mapping[str, list[str]]]:
    """Return for each coder who is said to have read something what that is: {} is everything."""
    said: dict[str, Mapping[str, list[str]]] = {}
    for who, entry in declared.items():
        if "read" in entry:
            parts = _parts(entry["read"])
            if parts is None:
                raise _wrong_metadata(who, "read", _PARTS, entry["read"])
            said[who] = parts
    if read is None:
        return said
    if isinstance(read, str):
        check_choice("read", read, [EVERYTHING])
        return {who: {} for who in coders}
    if not isinstance(read, Mapping):
        raise wrong_type("read", '"everything" or a mapping of coders to what they read', read)
    for who in as_list("read", list(read), coders) if read else ():
        parts = _parts(read[who])
        if parts is None:
            raise ValueError(
                f"The value for `read` must say of each coder {_PARTS}, but of {who!r} it says "
                f"{shown(read[who])}."
            )
        known: dict[str, list[str]] = {
            "documents": [*meeting.source.texts, *_statements(meeting)["document"].unique()],
            "actors": meeting.actors["actor"].tolist(),
        }
        for part, names in parts.items():
            as_list(f"read[{who!r}][{part!r}]", names, known[part])
        said[who] = parts
    return said


def _parts(read: object) -> Mapping[str, list[str]] | None:
    """Return the documents and actors that were read, or None for what says neither."""
    if isinstance(read, str):
        return {} if read == EVERYTHING else None
    if not isinstance(read, Mapping) or not read or set(read) - {"documents", "actors"}:
        return None
    try:
        return {part: as_names(part, names) for part, names in read.items()}
    except TypeError:
        return None


def _reads(
    who: str,
    said: Mapping[str, list[str]] | None,
    places: pd.DataFrame,
    coded: pd.DataFrame,
) -> pd.Series[bool]:
    """Say which places a coder read: what is said of it, or else what it coded."""
    own = pd.MultiIndex.from_frame(coded.loc[coded["coder"] == who, PLACE])
    seen = pd.Series(pd.MultiIndex.from_frame(places).isin(own), places.index)
    if said is None:
        return seen
    inside = pd.Series(True, places.index)
    for part, column in (("documents", "document"), ("actors", "actor")):
        if part in said:
            inside &= places[column].isin(said[part])
    beyond = places[seen & ~inside]
    if len(beyond):
        words = [
            f"{actor} in {document}" if "documents" in said else actor
            for document, actor in beyond.itertuples(index=False)
        ]
        raise ValueError(
            f"{who} coded more than it is said to have read: {listed(words)}. Correct `read`, or "
            "choose a part of the meeting by select(…)."
        )
    return inside
