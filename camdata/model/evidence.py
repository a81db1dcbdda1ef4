"""The words behind positions, shown marked in their passages."""

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
            body = _html.mark_spans(passage, spans or [(0, len(passage))])
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
    places = statements.reindex(columns=["document", "start", "stop"]).assign(start=None)
    if spans is not None:
        places = spans.loc[statements.index]
    found = []
    for record, place in zip(statements.to_dict("records"), places.to_dict("records"), strict=True):
        document, quote = _text(place, "document"), _text(record, "quote")
        start, stop, passage, offset = -1, -1, quote, -1
        if not pd.isna(place["start"]):
            start, stop = int(place["start"]), int(place["stop"])
            offset, end = _passage(record["actor"], document, (start, stop), interventions, texts)
            passage = texts[document][offset:end]
        actor, code, statement = record["actor"], record["code"], record["statement"]
        stance = None if pd.isna(record["stance"]) else int(record["stance"])
        basis, coder = _text(record, "basis"), _text(record, "coder")
        where = (document, start, stop, passage, offset)
        found.append(Quotation(statement, actor, code, stance, basis, quote, *where, coder))
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
