"""Coders against a reference coding: precision, recall and F1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from camdata._display.checks import Choice, as_list, wrong_type
from camdata._display.results import Result
from camdata._display.words import count
from camdata.analysis.coders import decimals
from camdata.analysis.codings import CELL, PLACE, Codings, Read, collect
from camdata.model.meeting import Meeting


@dataclass(frozen=True, eq=False, repr=False)
class AgainstReference(Result):
    """How good each coder's coding is against a reference coding.

    Attributes
    ----------
    reference : str
        Whose coding is taken as right.
    coders : tuple of str
        Who is measured against it.
    overall, by_dimension, by_code : pandas.DataFrame
        By `coder` (and dimension or code): `reference` (how many positions the reference records),
        `recorded` (how many the coder), `right` (how many both; int), `precision` (right of those
        that the coder records), `recall` (right of the reference's) and `f1` (their harmonic mean).
        ``NaN`` where there is nothing to divide by.
    errors : pandas.DataFrame
        One row per position that only one of the two records: `coder`, `document` (where there are
        several), `actor`, `code`, `stance` (int), `error` (``missed``: the reference only;
        ``added``: the coder only) and `quote` (of the one who records it; empty without quotes).
    """

    reference: str
    coders: tuple[str, ...]
    overall: pd.DataFrame
    by_dimension: pd.DataFrame
    by_code: pd.DataFrame
    errors: pd.DataFrame

    @property
    def summary(self) -> str:
        """The result in words."""
        lines = [f"Against {self.reference}:"]
        for who, row in self.overall.iterrows():
            lines.append(
                f"  {who}: precision {decimals(row['precision'])}, recall "
                f"{decimals(row['recall'])}, F1 {decimals(row['f1'])} "
                f"({row['right']:,.0f} right of {row['recorded']:,.0f} recorded; "
                f"{count(int(row['reference']), 'position')} in the reference)"
            )
        return "\n".join(lines)

    @property
    def frame(self) -> pd.DataFrame:
        """Overall, by dimension and by code, one below the other."""
        overall = self.overall.assign(of="all").set_index("of", append=True)
        parts = {"": overall, "dimension": self.by_dimension, "code": self.by_code}
        return pd.concat(parts, names=["level", "coder", "of"])


def against_reference(
    meeting: Meeting, reference: str, *, coder: Choice = None, read: Read = None
) -> AgainstReference:
    """Measure coders against a reference coding: precision, recall and F1.

    For those who check a machine's coding, or coders in training, against one that is taken as
    right.

    Parameters
    ----------
    meeting : Meeting
        Its statements and its recodings are compared.
    reference : str
        The coder that is taken as right.
    coder : str or sequence of str, optional
        Whom to measure; by default everyone else.
    read : "everything" or mapping, optional
        As for `reliability`; each coder is measured on what both it and the reference read.

    Returns
    -------
    AgainstReference

    Raises
    ------
    TypeError, ValueError
        As for `reliability`; for a coder that the meeting does not have.

    Notes
    -----
    What is right or wrong is a position: an actor, a code and a stance (in a document, where there
    are several), however often it is recorded. With r positions that both record, of p that the
    coder and q that the reference records: precision r / p, recall r / q, F1 2 r / (p + q).
    Agreement on absence counts nowhere, so that chance plays less of a part than in percent
    agreement.

    Examples
    --------
    >>> import camdata as cam
    >>> result = cam.against_reference(cam.load_meeting(), "camdata", coder="full_codebook")
    >>> print(result)
    Against camdata:
      full_codebook: precision 0.96, recall 1.00, F1 0.98 (52 right of 54 recorded; 52 positions in
      the reference)
    """
    if not isinstance(reference, str):
        raise wrong_type("reference", "the name of a coder", reference)
    everyone = collect(meeting, None, read, what="A comparison")
    as_list("reference", reference, everyone.coders)
    others = [who for who in everyone.coders if who != reference]
    coders = others if coder is None else list(dict.fromkeys(as_list("coder", coder, others)))
    codebook = meeting.codebook
    dimension = pd.Series(dtype="str", index=pd.Index([], dtype="str"))
    if "dimension" in codebook:
        dimension = codebook.set_index("code")["dimension"]
    levels = {
        "all": ["all"],
        "dimension": dimension.dropna().unique().tolist(),
        "code": everyone.codes,
    }
    tables: dict[str, list[pd.DataFrame]] = {level: [] for level in levels}
    errors = []
    for who in coders:
        both = _positions(everyone, reference, who)
        both = both.assign(all="all", dimension=both["code"].map(dimension), coder=who)
        for level, known in levels.items():
            tables[level].append(pd.concat({who: _scores(both, level, known)}, names=["coder"]))
        errors.append(both[~(both["in_reference"] & both["in_coder"])])
    wrong = pd.concat(errors, ignore_index=True)
    wrong["error"] = wrong["in_reference"].map({True: "missed", False: "added"}).astype("str")
    place = PLACE if everyone.several else ["actor"]
    return AgainstReference(
        reference=reference,
        coders=tuple(coders),
        overall=pd.concat(tables["all"]).droplevel("all"),
        by_dimension=pd.concat(tables["dimension"]),
        by_code=pd.concat(tables["code"]),
        errors=wrong[["coder", *place, "code", "stance", "error", "quote"]],
    )


def _positions(codings: Codings, reference: str, who: str) -> pd.DataFrame:
    """Return each position that either records of what both read, and who of them does."""
    one, other = (codings.reads[codings.coders.index(name)] for name in (reference, who))
    rows = codings.rows[codings.rows["coder"].isin([reference, who])]
    inside = pd.MultiIndex.from_frame(codings.places.loc[one & other])
    rows = rows[pd.MultiIndex.from_frame(rows[PLACE]).isin(inside)]
    quotes = rows["quote"].fillna("") if "quote" in rows else pd.Series("", rows.index)
    rows = rows.assign(
        quote=quotes, in_reference=rows["coder"].eq(reference), in_coder=rows["coder"].eq(who)
    )
    grouped = rows.groupby([*CELL, "stance"], sort=False)
    table = grouped.agg(
        in_reference=("in_reference", "any"),
        in_coder=("in_coder", "any"),
        quote=("quote", " / ".join),
    )
    return table.reset_index()


def _scores(positions: pd.DataFrame, level: str, known: list[str]) -> pd.DataFrame:
    """Count positions by group, and divide."""
    counted = positions.assign(right=positions["in_reference"] & positions["in_coder"])
    sums = counted.groupby(level)[["in_reference", "in_coder", "right"]].sum()
    sums = sums.reindex(pd.Index(known, dtype="str", name=level)).fillna(0).astype("int64")
    sums.columns = pd.Index(["reference", "recorded", "right"])
    return sums.assign(
        precision=sums["right"] / sums["recorded"],
        recall=sums["right"] / sums["reference"],
        f1=2 * sums["right"] / (sums["recorded"] + sums["reference"]),
    )
