"""Two actors side by side: what both say, where they differ, what only one of them says."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from camdata._display import html as _html
from camdata._display.checks import wrong_type
from camdata._display.results import Result
from camdata.model.meeting import Meeting

BOTH, OPPOSED = "both", "opposed"


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
        return self.table

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


def compare(meeting: Meeting, a: str, b: str) -> Comparison:
    """Compare what two actors are recorded as saying, in their own words.

    Parameters
    ----------
    meeting : Meeting
        The meeting, or a part of it.
    a, b : str
        The actors, of any kind.

    Returns
    -------
    Comparison
        What they share, where their stances differ, and what only one of them is recorded on, with
        the quotes; in Jupyter side by side.

    Raises
    ------
    ValueError
        For an actor that the meeting does not have, or the same one twice; if several coders coded
        one of them and none is selected.

    Examples
    --------
    >>> import camdata as cam
    >>> cam.compare(cam.load_meeting(), "Canada", "Uruguay").shared
    ['key_terms']
    """
    if not isinstance(meeting, Meeting):
        raise wrong_type("meeting", "a Meeting", meeting)
    statements = meeting.statements_of(a, b)
    codebook = meeting.codebook if "codebook" in meeting.given else None
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
