"""The words behind positions, shown marked in their passages; two actors side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, overload

import pandas as pd

from camdata._display import html as _html
from camdata._display.results import Result
from camdata._display.spans import Span
from camdata._display.words import count
from camdata.model.text import paragraph

BOTH, OPPOSED = "both", "opposed"


@dataclass(frozen=True)
class Quotation:
    """One coded statement with its words and the passage that they stand in.

    Attributes
    ----------
    statement, actor, code : str
        The statement's id, who holds the position, and what it is about.
    stance : int, optional
        1 supports, -1 opposes; None where it was not coded.
    basis : str
        ``explicit`` or ``by_reference``; empty where the meeting does not say.
    quote : str
        The words, verbatim.
    document : str
        Name of the text; empty where the meeting has none.
    start, stop : int
        Where the quote stands in the text (code points, half open); -1 without a text.
    passage : str
        The actor's own intervention where the quote stands in one, else the paragraph of the text;
        the quote itself without a text.
    offset : int
        Where the passage starts in the text.
    coder : str
        Who coded it; empty where the meeting does not say.
    """

    statement: str
    actor: str
    code: str
    stance: int | None
    basis: str
    quote: str
    document: str
    start: int
    stop: int
    passage: str
    offset: int
    coder: str


@dataclass(frozen=True, eq=False, repr=False)
class Evidence(Result, Sequence[Quotation]):
    """The words behind a cell: a sequence of `Quotation`, shown marked in their passages.

    Attributes
    ----------
    quotations : tuple of Quotation
        In the order of the text.
    title : str
        What the evidence is for.
    """

    quotations: tuple[Quotation, ...]
    title: str

    @overload
    def __getitem__(self, index: int) -> Quotation: ...
    @overload
    def __getitem__(self, index: slice) -> Evidence: ...
    def __getitem__(self, index: int | slice) -> Quotation | Evidence:
        if isinstance(index, slice):
            return Evidence(self.quotations[index], self.title)
        return self.quotations[index]

    def __len__(self) -> int:
        return len(self.quotations)

    def __iter__(self) -> Iterator[Quotation]:
        return iter(self.quotations)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per statement with the attributes of `Quotation` as columns; a fresh frame."""
        columns = [field.name for field in fields(Quotation)]
        rows = [[getattr(q, name) for name in columns] for q in self.quotations]
        text = dict.fromkeys(columns, "str")
        numbers = dict.fromkeys(("stance", "start", "stop", "offset"), "Int64")
        return pd.DataFrame(rows, columns=columns).astype({**text, **numbers})

    @property
    def summary(self) -> str:
        """The quotes, each with its code and stance."""
        lines = [f"{self.title}: {self._number()}"]
        lines += [f"  {_note(q)}: “{q.quote}”" for q in self.quotations]
        return "\n".join(lines)

    def _number(self) -> str:
        return count(len(self), "statement") if len(self) else "nothing is recorded"

    def _repr_html_(self) -> str:
        parts = [_html.heading(self.title, self._number())]
        passages: dict[tuple[str, int, str], list[Quotation]] = {}
        for q in self.quotations:
            passages.setdefault((q.document, q.offset, q.passage), []).append(q)
        for (_, offset, passage), quotations in passages.items():
            spans = [(q.start - offset, q.stop - offset) for q in quotations if q.start >= 0]
            body = _html.marked(passage, spans or [(0, len(passage))])
            parts.append(_html.quotation(body, "; ".join(map(_note, quotations))))
        return "\n".join(parts)


def _note(quotation: Quotation) -> str:
    """Return a statement's code and stance in a few words."""
    stance = "" if quotation.stance is None else f" {quotation.stance:+d}"
    note = " (by reference)" if quotation.basis == "by_reference" else ""
    return f"{quotation.code}{stance}{note}"


def quotations(
    statements: pd.DataFrame,
    spans: pd.DataFrame | None,
    interventions: pd.DataFrame | None,
    texts: Mapping[str, str],
) -> tuple[Quotation, ...]:
    """Return statements with the passages that their quotes stand in, in the order of the text.

    Parameters
    ----------
    statements : pandas.DataFrame
        With their ids.
    spans : pandas.DataFrame, optional
        `document`, `start` and `stop` of each quote, by the same row index.
    interventions : pandas.DataFrame, optional
        `actor`, `document`, `start` and `stop` of each passage.
    texts : mapping of str to str
        The documents.
    """
    found = []
    for row, record in zip(statements.index, statements.to_dict("records"), strict=True):
        document, start, stop = "", -1, -1
        if spans is not None:
            name, first, last = spans.loc[row, ["document", "start", "stop"]]
            document = "" if pd.isna(name) else str(name)
            start, stop = (-1, -1) if pd.isna(first) else (int(first), int(last))
        elif not pd.isna(record.get("document")):
            document = str(record["document"])
        quote = _text(record, "quote")
        passage, offset = quote, -1
        if start >= 0:
            low, high = _passage(record["actor"], document, (start, stop), interventions, texts)
            passage, offset = texts[document][low:high], low
        found.append(
            Quotation(
                statement=record["statement"],
                actor=record["actor"],
                code=record["code"],
                stance=None if pd.isna(record["stance"]) else int(record["stance"]),
                basis=_text(record, "basis"),
                quote=quote,
                document=document,
                start=start,
                stop=stop,
                passage=passage,
                offset=offset,
                coder=_text(record, "coder"),
            )
        )
    return tuple(sorted(found, key=lambda q: (q.document, q.start)))


def _text(record: Mapping[Any, Any], name: str) -> str:
    value = record.get(name)
    return "" if pd.isna(value) else str(value)


def _passage(
    actor: str,
    document: str,
    span: Span,
    interventions: pd.DataFrame | None,
    texts: Mapping[str, str],
) -> Span:
    """Return the actor's own intervention around a quote, else its paragraph."""
    if interventions is not None:
        around = (
            (interventions["actor"] == actor)
            & (interventions["document"] == document)
            & (interventions["start"] <= span[0]).fillna(False)
            & (interventions["stop"] >= span[1]).fillna(False)
        )
        if around.any():
            row = interventions[around].iloc[0]
            return int(row["start"]), int(row["stop"])
    return paragraph(texts[document], span)


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """What two actors are recorded as saying, code by code.

    Attributes
    ----------
    a, b : str
        The actors.
    table : pandas.DataFrame
        One row per code on which either is recorded, in the order of the codebook: `dimension`
        (where the meeting has them), `code`, `label` (the code where there is no label), `held_by`
        (``both`` with the same stances, ``opposed`` with different ones, else the actor's name),
        `stance_a`, `stance_b` (Int8, 0 where both ways are recorded, missing where nothing is),
        `quotes_a` and `quotes_b` (tuples of str). Also as `frame`.
    """

    a: str
    b: str
    table: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        return self.table.copy()

    @property
    def shared(self) -> list[str]:
        """The codes on which both are recorded with the same stances."""
        return self._joint(BOTH)["code"].tolist()

    @property
    def opposed(self) -> list[str]:
        """The codes on which both are recorded, with different stances."""
        return self._joint(OPPOSED)["code"].tolist()

    @property
    def only_a(self) -> list[str]:
        """The codes on which only the first is recorded."""
        return self._only_a["code"].tolist()

    @property
    def only_b(self) -> list[str]:
        """The codes on which only the second is recorded."""
        return self._only_b["code"].tolist()

    # by the stances, since an actor may be called "both"
    @property
    def _only_a(self) -> pd.DataFrame:
        table = self.table
        return table[table["stance_b"].isna()]

    @property
    def _only_b(self) -> pd.DataFrame:
        table = self.table
        return table[table["stance_a"].isna()]

    def _joint(self, held_by: str) -> pd.DataFrame:
        table = self.table
        joint = table["stance_a"].notna() & table["stance_b"].notna()
        return table[joint & table["held_by"].eq(held_by)]

    def _sections(self) -> list[tuple[str, pd.DataFrame]]:
        """Return what is shown, each with its heading: what is shared even where it is nothing."""
        sections = [
            ("recorded on both, with different stances", self._joint(OPPOSED)),
            (f"recorded on {self.a} only", self._only_a),
            (f"recorded on {self.b} only", self._only_b),
        ]
        return [("recorded on both", self._joint(BOTH)), *(s for s in sections if len(s[1]))]

    @property
    def summary(self) -> str:
        """What both say, and what only one of them does, by the labels of the codes."""
        lines = [f"{self.a} and {self.b}"]
        for heading, part in self._sections():
            lines.append(f"  {heading}: {'; '.join(part['label']) or 'nothing'}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows: list[list[str]] = []
        for heading, part in self._sections():
            rows.append([_html.escape(f"{heading} ({len(part)})")])
            for label, *both in part[["label", "quotes_a", "quotes_b"]].to_numpy().tolist():
                words = ["<br>".join(f"“{_html.escape(q)}”" for q in quotes) for quotes in both]
                rows.append([_html.escape(str(label)), *(cell or "–" for cell in words)])
        return _html.rows(["", self.a, self.b], rows)


def compare_actors(
    statements: pd.DataFrame, codebook: pd.DataFrame | None, a: str, b: str
) -> Comparison:
    """Compare two actors by their statements; see `Meeting.compare`."""
    if a == b:
        raise ValueError(f"Two different actors are needed to compare, but both are {a!r}.")
    codes = statements["code"] if codebook is None else codebook["code"]
    described = (
        pd.DataFrame({"code": codes.drop_duplicates()})
        if codebook is None
        else codebook.set_index("code", drop=False)
    )
    statements = statements[statements["stance"].notna()]
    held = {name: statements[statements["actor"] == name] for name in (a, b)}
    rows = []
    for row in described.to_dict("records"):
        code = row["code"]
        mine, theirs = (held[name][held[name]["code"] == code] for name in (a, b))
        if mine.empty and theirs.empty:
            continue
        label = row.get("label")
        entry = {
            "dimension": row.get("dimension"),
            "code": code,
            "label": code if label is None or pd.isna(label) else label,
            "held_by": _held_by(set(mine["stance"]), set(theirs["stance"]), a, b),
            "stance_a": _stance(mine["stance"]),
            "stance_b": _stance(theirs["stance"]),
            "quotes_a": _quotes(mine),
            "quotes_b": _quotes(theirs),
        }
        rows.append(entry)
    columns = [
        "dimension",
        "code",
        "label",
        "held_by",
        "stance_a",
        "stance_b",
        "quotes_a",
        "quotes_b",
    ]
    frame = pd.DataFrame(rows, columns=columns)
    text = dict.fromkeys(("code", "label", "held_by"), "str")
    frame = frame.astype({**text, "stance_a": "Int8", "stance_b": "Int8"})
    if codebook is None or "dimension" not in codebook:
        frame = frame.drop(columns="dimension")
    return Comparison(a, b, frame)


def _held_by(mine: set[int], theirs: set[int], a: str, b: str) -> str:
    if not theirs:
        return a
    if not mine:
        return b
    return BOTH if mine == theirs else OPPOSED


def _stance(stances: pd.Series[int]) -> int | None:
    different = stances.unique()
    if len(different) == 0:
        return None
    return int(different[0]) if len(different) == 1 else 0


def _quotes(statements: pd.DataFrame) -> tuple[str, ...]:
    if "quote" not in statements:
        return ()
    return tuple(statements["quote"].dropna().drop_duplicates())
