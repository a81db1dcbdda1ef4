"""Two actors side by side: their agreement, the words behind it, and what each statement adds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from camdata._display import html as _html
from camdata._display.checks import wrong_type
from camdata._display.results import Result
from camdata._display.words import count, with_suggestion
from camdata.analysis.measures import Agreement, MeasureName, agreement, remeasure
from camdata.analysis.pairs import pairs_of_counts
from camdata.analysis.robustness import described
from camdata.analysis.trees import TIE
from camdata.model.meeting import Meeting
from camdata.model.tally import By

SHARED, OPPOSED, ONE_SIDED = "shared", "opposed", "one-sided"


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Result):
    """What two actors are recorded as saying, code by code, and how much they agree.

    Attributes
    ----------
    a, b : str
        The actors.
    table : pandas.DataFrame
        One row per code on which either is recorded, in the order of the codebook: `dimension`
        (where the meeting has them), `code`, `label`, `relation` (``shared`` with the same stances,
        ``opposed`` with different ones, ``one-sided``), `stance_a`, `stance_b` (Float64, the mean
        of the stances recorded, 0 where both ways are; missing where nothing is), `quotes_a` and
        `quotes_b` (tuples of str). Also as `frame`.
    without : pandas.DataFrame
        One row per statement of either, the largest effect first: `statement`, `actor`, `code`,
        `quote` (where the meeting has them), and `agreement`, what the two would agree without it
        (``NaN`` where nothing would be left to compare).
    agreement : Agreement
        The agreement of all actors that the value is from.
    """

    a: str
    b: str
    table: pd.DataFrame
    without: pd.DataFrame
    agreement: Agreement

    @property
    def value(self) -> float:
        """How much the two agree; ``NaN`` where there is nothing to compare."""
        actors = self.agreement.actors
        return float(self.agreement.values[actors.index(self.a), actors.index(self.b)])

    def codes(self, relation: str) -> list[str]:
        """Return the codes that are ``shared``, ``opposed`` or ``one-sided``."""
        return self.table.loc[self.table["relation"] == relation, "code"].tolist()

    def _sections(self) -> list[tuple[str, pd.DataFrame]]:
        table = self.table
        relation = (
            table["relation"]
            .mask(table["stance_b"].isna(), "a")
            .mask(table["stance_a"].isna(), "b")
        )
        both = {SHARED: "both, the same stance", OPPOSED: "both, different stances"}
        headings = {**both, "a": f"{self.a} only", "b": f"{self.b} only"}
        sections = [(words, table[relation == key]) for key, words in headings.items()]
        return [section for section in sections if len(section[1])]

    @property
    def summary(self) -> str:
        """How much they agree, what both say, and which statement that depends on most."""
        words = "nothing to compare" if np.isnan(self.value) else f"{self.value:.2f}"
        lines = [f"{self.a} and {self.b}: {words} ({self.agreement.label}: {self.agreement.why})"]
        for heading, part in self._sections():
            lines.append(f"  {heading}: {'; '.join(part['label'])}")
        changed = self.without[~((self.without["agreement"] - self.value).abs() <= TIE)]
        if len(changed) and not np.isnan(self.value):
            first = changed.iloc[0]
            after = first["agreement"]
            left = "nothing to compare" if np.isnan(after) else f"{after:.2f}"
            lines.append(
                f"  without {first['statement']} of {first['actor']}: {left}; "
                f"{count(len(changed), 'statement')} of {len(self.without)} change it"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        body: list[list[str]] = []
        for heading, part in self._sections():
            body.append([_html.escape(heading)])
            for label, *both in part[["label", "quotes_a", "quotes_b"]].to_numpy().tolist():
                words = ["<br>".join(f"“{_html.escape(q)}”" for q in quotes) for quotes in both]
                body.append([_html.escape(label), *(cell or "–" for cell in words)])
        return _html.paragraph(self.summary.split("\n")[0]) + _html.rows(["", self.a, self.b], body)


def compare(
    meeting: Meeting, a: str, b: str, *, by: By | None = None, measure: MeasureName | None = None
) -> Comparison:
    """Compare what two actors are recorded as saying, in their own words.

    Parameters
    ----------
    meeting : Meeting
        The meeting; of several coders one is selected before.
    a, b : str
        The actors.
    by : {"dimension", "code"}, optional
        The level of the agreement; by default the dimension where there is one.
    measure : str, optional
        As for `camdata.agreement`.

    Returns
    -------
    Comparison
        The agreement, what they share, where their stances differ and what only one of them is
        recorded on, with the quotes, and what the agreement would be without each statement.

    Raises
    ------
    ValueError
        For an actor that the meeting does not have, or the same one twice; if several coders coded
        the actors and none is selected.

    Examples
    --------
    >>> import camdata as cam
    >>> pair = cam.compare(cam.load_meeting(), "Canada", "Uruguay")
    >>> pair.codes("shared"), pair.value
    (['key_terms'], 1.0)
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    tally = meeting.tally(by)
    for name, actor in (("a", a), ("b", b)):
        if not isinstance(actor, str):
            raise wrong_type(name, "the name of an actor", actor)
        if actor not in tally.actors:
            raise ValueError(f"The meeting has no actor {with_suggestion(actor, tally.actors)}.")
    if a == b:
        raise ValueError(f"Two different actors are needed to compare, but both are {a!r}.")
    found = agreement(tally, measure)
    coded = tally.coded
    assert coded is not None
    pair = [tally.actors.index(a), tally.actors.index(b)]
    own = np.flatnonzero(np.isin(coded.actor, pair))
    rows = [coded.counts(tally, np.setdiff1d(own, [one]))[pair] for one in own.tolist()]
    counts = np.array(rows).reshape(-1, 2, len(tally.keys), len(tally.stances))
    statements = described(tally, coded).assign(stance=np.array(tally.stances)[coded.stance])
    statements = statements.loc[own].reset_index(drop=True)
    without = statements.drop(columns=["label", "stance"])
    without["agreement"] = remeasure(found, pairs_of_counts(counts, tally.stances))[:, 0, 1]
    change = (without["agreement"] - found.values[pair[0], pair[1]]).abs()
    order = change.sort_values(ascending=False, kind="stable", na_position="first").index
    without = without.loc[order].reset_index(drop=True)
    table = _table(statements, coded.codes, a, b)
    if "dimension" in meeting.codebook:
        dimension = meeting.codebook.set_index("code")["dimension"]
        table.insert(0, "dimension", dimension.reindex(table["code"]).array)
    return Comparison(a, b, table, without, found)


def _table(statements: pd.DataFrame, codes: tuple[str, ...], a: str, b: str) -> pd.DataFrame:
    """Return what two actors say, one row per code."""
    rows = []
    for code in codes:
        said = statements[statements["code"] == code]
        each = [said[said["actor"] == name] for name in (a, b)]
        sets = [set(part["stance"]) for part in each]
        if not any(sets):
            continue
        relation = ONE_SIDED if not all(sets) else SHARED if sets[0] == sets[1] else OPPOSED
        row: list[Any] = [code, said["label"].iloc[0], relation]
        for part, stances in zip(each, sets, strict=True):
            row.append(float(np.mean(list(stances))) if stances else pd.NA)
            row.append(tuple(part["quote"].dropna()) if "quote" in part else ())
        rows.append(row)
    columns = ["code", "label", "relation", "stance_a", "quotes_a", "stance_b", "quotes_b"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"stance_a": "Float64", "stance_b": "Float64"})
