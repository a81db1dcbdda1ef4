"""The sections of the page: results of a meeting, ready for the template."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Any

import pandas as pd

from camdata._display.words import count, decimals, join_names
from camdata.analysis.chance import cluster_choice
from camdata.analysis.clustering import MOST_ACTORS, Clusters, cluster
from camdata.analysis.coders import reliability
from camdata.analysis.measures import agreement
from camdata.analysis.profiles import profile
from camdata.analysis.robustness import sensitivity
from camdata.analysis.shares import CHOICES, Multiverse
from camdata.analysis.specifications import multiverse
from camdata.io.datapackage import files_of
from camdata.model.meeting import Meeting
from camdata.model.source import sha256
from camdata.model.tally import Tally
from camdata.report._page_parts import Line, Said, lines_of, passages_of
from camdata.report.pictures import Picture, picture

MOST_STATEMENTS = 500
"""With more statements than this, the effect of each takes too long to compute."""

LISTED_ROWS = 500
"""How many disagreements of coders, or specifications, the page lists."""

MOST_COMPARED, MOST_DRAWN = 60, 200
"""With more actors the page does not compare all choices, and does not draw agreement."""


MANY_ACTORS, MANY_CODES = 24, 40
"""A grid of more actors and more codes than this gets an overview."""

SHEET = (10.0, 6.8)
"""The size of an overview in inches: a sheet of paper on its side."""


@dataclass(frozen=True)
class Section:
    """A part of the page, or in one line why it is left out."""

    value: Any = None
    why: str = ""


def attempt(make: Callable[..., Any], *given: Any) -> Section:
    """Return a section, or the library's error message as the reason why it is left out."""
    try:
        return Section(make(*given))
    except (ValueError, ImportError) as error:
        return Section(why=str(error))


# verdict and clusters


@dataclass(frozen=True)
class Found:
    """Clusters and multiverse as far as there are any, and why not.

    Attributes
    ----------
    tally : Tally
    clusters : Clusters, optional
    no_clusters : str
        Why there are none.
    universe : Multiverse, optional
    no_universe : str
        Why there is none.
    """

    tally: Tally
    clusters: Clusters | None
    no_clusters: str
    universe: Multiverse | None
    no_universe: str

    @property
    def verdict(self) -> list[str]:
        """Which actors stand together and how certain that is, in one or more lines."""
        if self.universe is not None:
            return self.universe.verdict.splitlines()
        if self.clusters is None:
            return [f"Who stands together was not computed: {self.no_clusters}"]
        return self.clusters.summary.splitlines()

    @property
    def finding(self) -> str:
        """The answer in one sentence, or what most actors speak on where no groups are known."""
        if self.universe is not None:
            return self.universe.finding
        if self.clusters is not None:
            return f"{count(self.clusters.n_clusters, 'cluster')}, not compared over all choices"
        held = self.tally.positions.notna()
        numbers, actors = held.sum().to_numpy(), int(held.any(axis=1).sum())
        top = numbers == numbers.max(initial=0)
        who = count(actors, "actor is recorded", "actors are recorded")
        if not actors or top.sum() > 1:
            return f"{who} on {count(int((numbers > 0).sum()), self.tally.by)}"
        return f"{who}, {numbers.max()} of them on {self.tally.labels[int(top.argmax())][:60]}"

    @property
    def cluster_of(self) -> dict[str, int]:
        """The cluster of each placed actor."""
        if self.clusters is None:
            return {}
        return {str(name): int(label) for name, label in self.clusters.labels.dropna().items()}


def clustered(
    meeting: Meeting, tally: Tally, universe: Multiverse | None, clusters: Clusters | None
) -> Found:
    """Return clusters and multiverse, computed where they are not given."""
    no_universe = no_clusters = ""
    if universe is None and len(tally.actors) > MOST_COMPARED:
        no_universe = (
            f"there are more than {MOST_COMPARED} actors, for whom camdata.multiverse takes long; "
            "it can be given to camdata.write_page"
        )
    elif universe is None:
        try:
            universe = multiverse(meeting)
        except ValueError as error:
            no_universe = str(error)
    if clusters is None and len(tally.actors) > MOST_ACTORS:
        no_clusters = f"there are more than {MOST_ACTORS} actors, for whom it takes long."
    elif clusters is None:
        try:
            shared = agreement(tally)
            clusters = cluster(shared, cluster_choice(shared))
        except ValueError as error:
            no_clusters = str(error)
    if clusters is not None and not clusters.placed:
        no_clusters = no_universe = "no two actors are recorded on anything to compare."
        clusters = universe = None
    return Found(tally, clusters, no_clusters, universe, no_universe)


def pictures(tally: Tally, found: Found) -> dict[str, Picture | None]:
    """Return the charts of the page, None where one cannot be read or is not needed.

    The overview shows on one sheet a grid that is too large for the table of the page.
    """
    from camdata import plots

    made: dict[str, Picture | None] = {"shares": None, "agreement": None, "overview": None}
    if len(tally.actors) > MANY_ACTORS and len(tally.keys) > MANY_CODES:
        made["overview"] = picture(
            lambda _: plots.positions(tally, clusters=found.clusters, title="", figsize=SHEET),
            narrow=False,
        )
    if (universe := found.universe) is not None:
        made["shares"] = picture(
            lambda width: plots.shares(universe, most=12, title="", figsize=width)
        )
    clusters = found.clusters
    if clusters is not None and len(clusters.labels) <= MOST_DRAWN:
        made["agreement"] = picture(
            lambda width: plots.agreement(clusters, title="", figsize=width)
        )
    return made


def facts(tally: Tally) -> list[str]:
    """Return sentences on the basis and the limits of the verdict."""
    level = count(len(tally.keys), tally.by)
    who = count(len(tally.actors), "actor")
    lines = [f"Basis: {count(tally.n_statements or 0, 'statement')} by {who} on {level}."]
    if tally.statements is not None:
        numbers = tally.statements
        silent = [str(name) for name in numbers.index[numbers == 0]]
        if silent:
            lines.append(
                f"Nothing is recorded for {join_names(silent)}, which is neither agreement nor "
                "opposition."
            )
    held = {tally.stances[number] for number in tally.cells.stance.tolist()}
    if not tally.ordinal and held and min(held) > 0:
        lines.append("No opposition is recorded, so groups are groups of emphasis, not camps.")
    return lines


def standing(meeting: Meeting, tally: Tally, clusters: Clusters | None) -> list[dict[str, Any]]:
    """Return for each cluster its members, and what sets it apart at each level."""
    if clusters is None:
        return []
    levels = [tally, *([meeting.tally("code")] if tally.by == "dimension" else [])]
    profiles = [profile(clusters, level) for level in levels]
    return [
        {
            "label": label,
            "actors": actors,
            "apart": {one.tally.by: one.words(label, 4) for one in profiles},
        }
        for label, actors in clusters.members.items()
    ]


def carried(tally: Tally, clusters: Clusters | None) -> dict[str, Any]:
    """Return the effect of single statements: a summary, and those that change clusters."""
    if clusters is None:
        raise ValueError("There are no clusters.")
    if (tally.n_statements or 0) > MOST_STATEMENTS:
        raise ValueError(
            f"There are more than {MOST_STATEMENTS} statements; use camdata.analysis.sensitivity."
        )
    result = sensitivity(clusters)
    rows = result.frame[result.effect].head(20).to_dict("records")
    moves = result.moves.astype("object").fillna("unplaced")
    for row in rows:
        own = moves.loc[moves["statement"] == row["statement"], ["actor", "before", "after"]]
        steps = own.itertuples(index=False)
        row["effect"] = "; ".join(f"{actor}: {a} → {b}" for actor, a, b in steps)
    return {"summary": result.summary.splitlines()[0], "rows": rows}


def universe_table(universe: Multiverse) -> list[tuple[Any, ...]]:
    """Return the specifications, at most the first of them, as rows."""
    table = universe.specifications[[*CHOICES, "silhouette"]].head(LISTED_ROWS)
    return list(table.itertuples(index=False, name=None))


# the report


def report(meeting: Meeting, entries: Sequence[Said]) -> dict[str, Any]:
    """Return the marked texts, and how much of what was recorded is coded."""
    texts = meeting.texts
    if not texts:
        raise ValueError("This meeting has no text.")
    if "quote" not in meeting.statements:
        raise ValueError("This meeting has no quotes, so nothing can be marked in its text.")
    passages = passages_of(meeting) if "interventions" in meeting.given else {}
    documents: list[tuple[str, list[Line]]] = []
    for name, text in texts.items():
        own = [entry for entry in entries if entry.document == name]
        documents.append((name, lines_of(text, own, passages.get(name, []))))
    covered = ""
    if passages:
        coverage = meeting.coverage()
        touched = int((coverage["covered"] > 0).sum())
        covered = f"{touched:,} of {count(len(coverage), 'recorded sentence')} contain coded words"
    return {"documents": documents, "passages": bool(passages), "covered": covered}


# coders


def coders(meeting: Meeting) -> dict[str, Any]:
    """Return how far the coders agree, and their disagreements with quotes."""
    statements = meeting.statements
    named = statements["coder"].nunique() if "coder" in statements else 0
    if named < 2 and not len(meeting.recodings):
        raise ValueError("There is only one coding, so coders cannot be compared.")
    result = reliability(meeting)
    who = count(len(result.coders), "coder")
    return {
        "finding": f"{who}: alpha is {decimals(result.alpha)} over all units",
        "result": result,
        "rows": result.frame.reset_index().to_dict("records"),
        "differ": result.disagreements.head(LISTED_ROWS).fillna("").to_dict("records"),
    }


# cover and sources


def cover(meeting: Meeting) -> list[tuple[str, str]]:
    """Return the facts of the cover: place, date, who coded, version, how to cite."""
    about, statements = meeting.metadata, meeting.statements
    coders = sorted(set(statements["coder"].dropna())) if "coder" in statements else []
    people = [one["title"] for one in _entries(about.get("contributors"))][:1]
    days = pd.to_datetime(statements["date"]).dropna() if "date" in statements else pd.Series()
    dated = [str(about.get(name) or "") for name in ("date", "temporal", "created")]
    if len(days):
        first, last = days.min().date(), days.max().date()
        dated.append(f"{first}" if first == last else f"{first} to {last}")
    version = str(about.get("version", ""))
    cite = ". ".join(word for word in (*people, meeting.title) if word)
    facts = {
        "Place": str(about.get("place") or about.get("spatial") or ""),
        "Date": next((word for word in dated if word), ""),
        "Coded by": join_names(coders, 20),
        "Version of the data": version,
        "Cite as": f"{cite}{f', version {version}' if version else ''}." if cite else "",
    }
    return [(name, words) for name, words in facts.items() if words]


def csv_of(meeting: Meeting) -> str:
    """Return the statements as a data URI of CSV, for download."""
    table = meeting.statements.to_csv(index=False, lineterminator="\n")
    return f"data:text/csv;base64,{base64.b64encode(table.encode()).decode('ascii')}"


def sources(meeting: Meeting) -> dict[str, Any]:
    """Return what the data package says of itself, what made the page, and hashes of the data."""
    about = meeting.metadata
    tables = {name: getattr(meeting, name) for name in meeting.given}
    files = files_of(tables, meeting.source)
    return {
        "version": str(about.get("version", "")),
        "sources": _entries(about.get("sources")),
        "licenses": _entries(about.get("licenses")),
        "contributors": _entries(about.get("contributors")),
        "made": metadata.version("camdata"),
        "changes": meeting.source.made,
        "files": [
            (name, len(data), sha256(data).removeprefix("sha256:")) for name, data in files.items()
        ],
    }


def _entries(given: object) -> list[dict[str, str]]:
    """Return a list of the data package, whatever it holds, as titles, addresses and so on."""
    fields = ("title", "name", "path", "role", "coder", "description")
    result = []
    for entry in given if isinstance(given, list) else [given] if given else []:
        known = entry if isinstance(entry, Mapping) else {"title": entry}
        words = {name: str(known.get(name) or "") for name in fields}
        words["title"] = words["title"] or words["name"] or words["path"]
        # only an address of the web is a link: others could run scripts
        words["link"] = words["path"] if re.match(r"https?://", words["path"]) else ""
        result.append(words)
    return result
