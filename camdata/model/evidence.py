"""Evidence: the quotes behind positions, marked in their passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from camdata._display import html as _html
from camdata._display.results import Result
from camdata._display.spans import Span
from camdata._display.words import count
from camdata.model.source import PLACES
from camdata.model.text import paragraph


class Quotation(NamedTuple):
    """One coded statement with its quote and the passage around it.

    Attributes
    ----------
    statement, actor, code : str
        The statement's id, the actor and the code.
    stance : int, optional
        1 supports, -1 opposes; None where it was not coded.
    basis : str
        ``explicit`` or ``by_reference``; empty if unknown.
    quote : str
        The words, verbatim.
    document : str
        Name of the text; empty where the meeting has none.
    start, stop : int
        Where the quote is in the text (code points, half open); -1 without a text.
    passage : str
        The actor's own intervention if the quote is in one, else the paragraph of the text; the
        quote itself without a text.
    offset : int
        Where the passage starts in the text.
    coder : str
        Who coded it; empty if unknown.
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
    """The quotes behind a cell: a sequence of `Quotation`, shown marked in their passages.

    Attributes
    ----------
    quotations : tuple of Quotation
        In the order of the text.
    title : str
        The actor, and the code or dimension if one was chosen.
    """

    quotations: tuple[Quotation, ...]
    title: str

    def __getitem__(self, index: Any) -> Any:
        found = self.quotations[index]
        return Evidence(found, self.title) if isinstance(index, slice) else found

    def __len__(self) -> int:
        return len(self.quotations)

    @property
    def frame(self) -> pd.DataFrame:
        """One row per statement with the attributes of `Quotation` as columns; a fresh frame."""
        frame = pd.DataFrame(self.quotations, columns=list(Quotation._fields))
        numbers = ("stance", "start", "stop", "offset")
        return frame.astype({name: "Int64" if name in numbers else "str" for name in frame})

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
    places: pd.DataFrame | None,
    interventions: pd.DataFrame | None,
    texts: Mapping[str, str],
) -> tuple[Quotation, ...]:
    """Return statements with the passages around their quotes, in the order of the text.

    The passage is the actor's own intervention where the quote is in one, else the paragraph.

    Parameters
    ----------
    statements : pandas.DataFrame
        The statements, with their ids.
    places : pandas.DataFrame, optional
        `document`, `start` and `stop` of each quote, with the same index.
    interventions : pandas.DataFrame, optional
        `actor`, `document`, `start` and `stop` of each passage.
    texts : mapping of str to str
        The documents.
    """
    own: dict[tuple[str, str], list[Span]] = defaultdict(list)
    if interventions is not None:
        passages = interventions[["actor", *PLACES]].dropna()
        for actor, document, start, stop in passages.itertuples(index=False):
            own[actor, document].append((start, stop))
    if places is None:
        places = statements.reindex(columns=PLACES).assign(start=None)
    coded = statements.reindex(columns=["statement", "actor", "code", "stance"])
    words = statements.reindex(columns=["basis", "quote", "coder"]).astype("str").fillna("")
    rows = pd.concat([coded, words, places.loc[statements.index, PLACES]], axis=1).astype(object)
    found = []
    for row in rows.where(rows.notna(), None).itertuples(index=False):
        statement, actor, code, stance, basis, quote, coder, document, start, stop = row
        passage, offset = quote, -1
        if start is None:
            start = stop = -1
        else:
            around = (span for span in own[actor, document] if span[0] <= start and stop <= span[1])
            offset, end = next(around, None) or paragraph(texts[document], (start, stop))
            passage = texts[document][offset:end]
        where = (document or "", start, stop, passage, offset)
        found.append(Quotation(statement, actor, code, stance, basis, quote, *where, coder))
    return tuple(sorted(found, key=lambda q: (q.document, q.start)))
