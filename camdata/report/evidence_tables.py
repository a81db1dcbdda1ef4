"""The words behind all positions in one table, searchable in Jupyter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from camdata._display import html as _html
from camdata._display.checks import import_optional, wrong_type
from camdata._display.typeset import NOTHING, OPPOSES, SUPPORTS
from camdata._display.words import count, minus
from camdata.model.evidence import Evidence, Quotation
from camdata.model.meeting import Meeting

MOST_SHOWN = 500
"""How many statements plain HTML shows; each brings its whole passage."""


@dataclass(frozen=True, eq=False, repr=False)
class EvidenceTable(Evidence):
    """The words behind all positions: `Evidence` of everyone, shown as one table.

    Attributes
    ----------
    quotations : tuple of Quotation
        In the order of the texts.
    title : str
        What the evidence is for.
    labels : mapping of str to str
        What the codes are called.
    stances : tuple of int
        The scale.
    searchable : bool
        Whether it shows itself, in Jupyter, with a search box and columns that sort.
    """

    labels: Mapping[str, str]
    stances: tuple[int, ...]
    searchable: bool = False

    @property
    def frame(self) -> pd.DataFrame:
        """One row per statement, as in `Evidence`, with the `label` of its code; a fresh frame."""
        table = super().frame
        labels = table["code"].map(self._label).astype("str")
        table.insert(list(table).index("code") + 1, "label", labels)
        return table

    def _label(self, code: str) -> str:
        return self.labels.get(code, code)

    @property
    def several(self) -> bool:
        """Whether the words are from several documents."""
        return len({q.document for q in self.quotations}) > 1

    def _cells(self, most: int | None = None) -> pd.DataFrame:
        """Return what is shown, as HTML: each quote marked in its passage."""
        rows = []
        for q in self.quotations[:most]:
            sign, meaning = sign_of(q, self.stances)
            note = " (by reference)" if q.basis == "by_reference" else ""
            spans = [(q.start - q.offset, q.stop - q.offset)] if q.start >= 0 else []
            words = _html.mark_spans(q.passage, spans or [(0, len(q.passage))])
            stance = f"{sign} {meaning}{note}".strip()
            plain = [q.document, q.actor, self._label(q.code), stance]
            # pandas would spell line breaks and tabs out as \n and \t
            cells = [*map(_html.escape, plain), words]
            rows.append([cell.replace("\t", " ").replace("\n", "<br>") for cell in cells])
        columns = ["Document", "Actor", "On", "Stance", "Words"]
        table = pd.DataFrame(rows, columns=columns, dtype="str")
        return table if self.several else table.drop(columns="Document")

    def _repr_html_(self) -> str:
        title = _html.heading(self.title, count(len(self), "statement"))
        if not self.searchable:
            table = self._cells(MOST_SHOWN)
            more = len(self) - len(table)
            shown = _html.rows(list(table.columns), table.to_numpy().tolist())
            rest = _html.paragraph(f"… and {count(more, 'more row')} in .frame") if more else ""
            return title + shown + rest
        itables = import_optional("itables.javascript", "notebooks")
        shown = itables.to_html_datatable(
            self._cells(),
            connected=False,
            allow_html=True,  # every text in it is escaped
            maxBytes=0,  # all rows
            showIndex=False,
            classes="display",
            style="width:100%;margin:0",
            css=".dt-container td { vertical-align: top }",
            layout={"topStart": "pageLength", "topEnd": "search", "bottomEnd": "paging"},
            columnDefs=[
                {"targets": "_all", "className": "dt-left"},
                {"targets": -1, "width": "60%"},
            ],
            display_logo_when_loading=False,
        )
        # the library itself goes with the table, so that neither needs a network or another cell
        bundle = itables.generate_init_offline_itables_html(itables.opt.dt_bundle)
        return f"{title}{bundle}{shown}"


def evidence_table(meeting: Meeting, *, searchable: bool = False) -> EvidenceTable:
    """Return the words behind all positions in one table, each quote marked in its passage.

    Parameters
    ----------
    meeting : Meeting
        The meeting, or a part of it: ``meeting.select(actors=…, codes=…)``.
    searchable : bool
        Show it, in Jupyter, with a search box and columns that sort. This takes itables, works
        without a network, and adds about a megabyte to the notebook for each table that is kept in
        it. Otherwise it is plain HTML, which every preview of a notebook shows.

    Returns
    -------
    EvidenceTable

    Raises
    ------
    ValueError
        If the meeting has no quotes, or several coders coded an actor and none is selected.
    ImportError
        If it is to be searchable and itables, which comes with ``camdata[notebooks]``, is missing.

    Examples
    --------
    >>> import camdata as cam
    >>> from camdata.report.evidence_tables import evidence_table
    >>> table = evidence_table(cam.load_meeting().select(codes="key_terms"))
    >>> table.frame[["actor", "label", "stance"]].head(2)
        actor                 label  stance
    0  Canada  Define the key terms       1
    1    Peru  Define the key terms       1
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    if not isinstance(searchable, bool | np.bool_):
        raise wrong_type("searchable", "True or False", searchable)
    if searchable:
        import_optional("itables", "notebooks")
    recorded = set(meeting.statements["actor"])
    found = [q for a in meeting.actors["actor"] if a in recorded for q in meeting.evidence(a)]
    order = {name: place for place, name in enumerate(meeting.texts)}
    found.sort(key=lambda q: (order.get(q.document, len(order)), q.document, q.start))
    codebook = meeting.codebook
    labels = {}
    if "label" in codebook:
        named = codebook.dropna(subset=["label"])
        labels = dict(zip(named["code"], named["label"], strict=True))
    title = meeting.title or "Evidence"
    return EvidenceTable(tuple(found), title, labels, meeting.stances, bool(searchable))


def sign_of(quotation: Quotation, stances: Sequence[int]) -> tuple[str, str]:
    """Return the sign of a stance and what it means, which a level says itself."""
    stance = quotation.stance
    if stance is None:
        return NOTHING, "not coded"
    if not set(stances) <= {1, -1}:
        return minus(str(stance)), ""
    return (SUPPORTS, "supports") if stance > 0 else (OPPOSES, "opposes")
