"""Two actors side by side: what both say, what only one of them is recorded on."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import pandas as pd

BOTH, OPPOSED = "both", "opposed"


@dataclass(frozen=True, repr=False)
class Comparison:
    """What two actors are recorded as saying, code by code.

    Attributes
    ----------
    a, b : str
        The actors.
    frame : pandas.DataFrame
        One row per code on which either is recorded, in the order of the codebook: `dimension`
        (where the meeting has them), `code`, `label` (the code where there is no label), `held_by`
        (``both`` with the same stances, ``opposed`` with different ones, else the actor's name),
        `stance_a`, `stance_b` (Int8, 0 where both ways are recorded, missing where nothing is),
        `quotes_a` and `quotes_b` (lists of str).
    """

    a: str
    b: str
    frame: pd.DataFrame

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
        return self.frame[self.frame["stance_b"].isna()]

    @property
    def _only_b(self) -> pd.DataFrame:
        return self.frame[self.frame["stance_a"].isna()]

    def _joint(self, held_by: str) -> pd.DataFrame:
        joint = self.frame["stance_a"].notna() & self.frame["stance_b"].notna()
        return self.frame[joint & self.frame["held_by"].eq(held_by)]

    def _sections(self) -> list[tuple[str, pd.DataFrame]]:
        """Return what is shown, each with its heading: what is shared even where it is nothing."""
        sections = [
            ("recorded on both, with different stances", self._joint(OPPOSED)),
            (f"recorded on {self.a} only", self._only_a),
            (f"recorded on {self.b} only", self._only_b),
        ]
        return [("recorded on both", self._joint(BOTH)), *(s for s in sections if len(s[1]))]

    def __repr__(self) -> str:
        lines = [f"{self.a} and {self.b}"]
        for heading, part in self._sections():
            lines.append(f"  {heading}: {'; '.join(part['label']) or 'nothing'}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        style = "text-align:left;vertical-align:top;white-space:normal"
        rows = []
        for heading, part in self._sections():
            number = f"{heading} ({len(part)})"
            rows.append(f"<tr><th colspan='3' style='{style}'>{escape(number)}</th></tr>")
            for label, *both in part[["label", "quotes_a", "quotes_b"]].to_numpy().tolist():
                cells = [f"<td style='{style}'>{escape(str(label))}</td>"]
                for quotes in both:
                    words = "<br>".join(f"“{escape(quote)}”" for quote in quotes)
                    cells.append(f"<td style='{style}'>{words or '–'}</td>")
                rows.append(f"<tr>{''.join(cells)}</tr>")
        head = "".join(f"<th style='{style}'>{escape(name)}</th>" for name in ("", self.a, self.b))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def compare_actors(
    statements: pd.DataFrame, codebook: pd.DataFrame | None, a: str, b: str
) -> Comparison:
    """Compare two actors; see `Meeting.compare`."""
    if a == b:
        raise ValueError(f"Two different actors are needed to compare, but both are {a!r}.")
    codes = statements["code"] if codebook is None else codebook["code"]
    described = (
        pd.DataFrame({"code": codes.drop_duplicates()})
        if codebook is None
        else codebook.set_index("code", drop=False)
    )
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


def _quotes(statements: pd.DataFrame) -> list[str]:
    if "quote" not in statements:
        return []
    return statements["quote"].dropna().drop_duplicates().tolist()
