"""A meeting: its tables, its texts, and what is asked of them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from camdata import evidence as _evidence
from camdata import positions as _positions
from camdata.comparison import Comparison, compare_actors
from camdata.evidence import Evidence, Quotation
from camdata.positions import By, Choice, Duplicates
from camdata.reading import (
    RawMeeting,
    meeting_files,
    raw_table,
    read_folder,
    sha256,
    unix_newlines,
)
from camdata.schema import (
    STANCES,
    TABLES,
    Fault,
    did_you_mean,
    resource_descriptor,
    tables_for,
)
from camdata.validation import Checked, check_meeting

BUNDLED = Path(__file__).parent / "data"


class Meeting:
    """The coded positions of one meeting, each traceable to the report's own words.

    A meeting is frozen: its tables are handed out as fresh frames, so that assigning into one of
    them changes nothing. `replace` makes a changed copy.

    Parameters
    ----------
    statements : pandas.DataFrame
        One row per coded statement: `actor` and `code` are required; `stance` (default 1),
        `statement`, `basis`, `quote`, `coder`, `document`, `date`, `start` and `stop` are
        understood, other columns kept.
    actors, codebook, interventions, references : pandas.DataFrame, optional
        The other tables. Without `actors`, they are those of the statements, in order of first
        appearance.
    texts : str or mapping of str to str, optional
        The text of the report, or several by name. Quotes and passages are located in them.
    stances : sequence of int
        The stances that statements may take; ``(1, -1)`` unless the scale is ordinal.
    metadata : mapping, optional
        What else ``datapackage.json`` says: title, sources, licences, contributors, …

    Raises
    ------
    MeetingError
        With every fault of every table: missing columns and values, unknown actors and codes,
        repeated keys, quotes that are not in the text.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> meeting = cam.Meeting(pd.DataFrame({"actor": ["A", "B"], "code": ["tax", "tax"]}))
    >>> meeting.positions(by="code")
    code   tax
    actor
    A        1
    B        1
    """

    def __init__(
        self,
        statements: pd.DataFrame,
        *,
        actors: pd.DataFrame | None = None,
        codebook: pd.DataFrame | None = None,
        interventions: pd.DataFrame | None = None,
        references: pd.DataFrame | None = None,
        texts: str | Mapping[str, str] | None = None,
        stances: Sequence[int] = STANCES,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        given = {
            "actors": actors,
            "codebook": codebook,
            "interventions": interventions,
            "statements": statements,
            "references": references,
        }
        raw = RawMeeting(metadata=copy.deepcopy(dict(metadata or {})))
        raw.tables = {
            name: raw_table(name, table, raw.faults)
            for name, table in given.items()
            if table is not None
        }
        named = {"report": texts} if isinstance(texts, str) else dict(texts or {})
        raw.texts = {name: unix_newlines(text) for name, text in named.items()}
        raw.faults += [
            Fault("texts", None, None, "a name that can be a file's", repr(name))
            for name in named
            if not name or name.startswith(".") or set(name) & set("/\\\0")
        ]
        self._fill(raw, stances, "the meeting")

    def _fill(self, raw: RawMeeting, stances: Sequence[int], source: str) -> None:
        checked = check_meeting(raw, stances, source)
        self._checked: Checked = checked
        self._texts = raw.texts
        self._metadata = raw.metadata
        self._stances = tuple(stances)
        self._frozen = True

    @classmethod
    def _from_raw(cls, raw: RawMeeting, source: str) -> Meeting:
        meeting = cls.__new__(cls)
        stances = raw.metadata.pop("stances", STANCES)
        levels = stances if isinstance(stances, list | tuple) else []
        if not levels or not all(type(level) is int for level in levels):
            got = json.dumps(stances, ensure_ascii=False)
            fault = Fault("datapackage.json", None, "stances", "a list of whole numbers", got)
            raw.faults.append(fault)
            levels = list(STANCES)
        meeting._fill(raw, tuple(levels), source)
        return meeting

    def __setattr__(self, name: str, value: object) -> None:
        if getattr(self, "_frozen", False):
            raise AttributeError(
                f"A meeting is frozen: make a changed copy with meeting.replace({name}=…)."
            )
        super().__setattr__(name, value)

    # the tables

    @property
    def statements(self) -> pd.DataFrame:
        """One row per coded statement: one actor, one code, one stance, one quote.

        Columns `statement`, `actor`, `code` (str), `stance` (Int8) and, where the meeting has
        them, `basis`, `quote`, `coder`, `document`, `date` (str), `start`, `stop` (Int64, code
        points of the text, half open) and any others. A fresh frame.
        """
        return self._table("statements")

    @property
    def actors(self) -> pd.DataFrame:
        """One row per actor who spoke.

        Columns `actor` and, where the meeting has them, `iso3`, `kind`, `process` (str) and
        `speaking_order` (Int64, missing for those who did not speak in the dialogue). A fresh
        frame.
        """
        return self._table("actors")

    @property
    def codebook(self) -> pd.DataFrame:
        """One row per code.

        Columns `code` and, where the meeting has them, `dimension`, `label`, `definition`,
        `include` and `exclude` (str). A fresh frame; without a codebook it has no rows.
        """
        return self._table("codebook")

    @property
    def interventions(self) -> pd.DataFrame:
        """One row per recorded intervention; passages never overlap.

        Columns `order` (Int64), `actor` and `passage` (str, verbatim). An actor of whom the report
        records no words has no row. A fresh frame; without the table it has no rows.
        """
        return self._table("interventions")

    @property
    def references(self) -> pd.DataFrame:
        """One row per mention of one actor by another.

        Columns `actor`, `target`, `relation` and `quote` (str); an unnamed end is missing. A fresh
        frame; without the table it has no rows.
        """
        return self._table("references")

    def _table(self, name: str) -> pd.DataFrame:
        if name in self._checked.tables:
            return self._checked.tables[name].copy()
        spec = TABLES[name]
        return pd.DataFrame({c: pd.Series(dtype=_dtype(name, c)) for c in spec.mandatory})

    @property
    def texts(self) -> dict[str, str]:
        """The texts by name; empty where the meeting has none."""
        return dict(self._texts)

    @property
    def text(self) -> str:
        """The only text of the meeting; a clear error where there are none or several."""
        if len(self._texts) != 1:
            raise ValueError(
                f"This meeting has {len(self._texts)} texts, not one: see `texts`"
                + (f" ({', '.join(self._texts)})." if self._texts else ".")
            )
        return next(iter(self._texts.values()))

    @property
    def metadata(self) -> dict[str, Any]:
        """What ``datapackage.json`` says beside the tables: title, sources, licences, …"""
        return copy.deepcopy(self._metadata)

    @property
    def stances(self) -> tuple[int, ...]:
        """The stances that statements may take."""
        return self._stances

    @property
    def title(self) -> str:
        """The meeting's title; empty where none is given."""
        return str(self._metadata.get("title", ""))

    def replace(
        self,
        *,
        statements: pd.DataFrame | None = None,
        actors: pd.DataFrame | None = None,
        codebook: pd.DataFrame | None = None,
        interventions: pd.DataFrame | None = None,
        references: pd.DataFrame | None = None,
        texts: str | Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Meeting:
        """Return a copy with some of its parts changed, checked as a whole.

        Parameters
        ----------
        statements, actors, codebook, interventions, references, texts, metadata
            The new parts, as for `Meeting`; what is not given stays.

        Returns
        -------
        Meeting

        Raises
        ------
        MeetingError
            As for `Meeting`.

        Examples
        --------
        >>> import camdata as cam
        >>> meeting = cam.load_meeting()
        >>> explicit = meeting.statements.query("basis == 'explicit'")
        >>> len(meeting.replace(statements=explicit).statements)
        55
        """
        tables = {name: self._checked.tables[name] for name in self._checked.given}
        return Meeting(
            tables["statements"] if statements is None else statements,
            actors=tables.get("actors") if actors is None else actors,
            codebook=tables.get("codebook") if codebook is None else codebook,
            interventions=tables.get("interventions") if interventions is None else interventions,
            references=tables.get("references") if references is None else references,
            texts=self._texts if texts is None else texts,
            stances=self._stances,
            metadata=self._metadata if metadata is None else metadata,
        )

    # counts and positions

    def select(
        self, *, kinds: Choice = None, basis: Choice = None, coder: Choice = None
    ) -> tuple[list[str], pd.DataFrame]:
        """Return the chosen actors, in speaking order, and their statements.

        Parameters
        ----------
        kinds, basis, coder
            As for `tally`.

        Returns
        -------
        actors : list of str
        statements : pandas.DataFrame
            With their `document`, where the meeting has texts.

        Examples
        --------
        >>> import camdata as cam
        >>> actors, statements = cam.load_meeting().select(basis="explicit")
        >>> len(actors), len(statements)
        (14, 36)
        """
        actors = _positions.select_actors(self._checked.tables["actors"], kinds)
        statements = self._checked.tables["statements"]
        if "statements" in self._checked.spans and self._texts:
            document = self._checked.spans["statements"]["document"]
            statements = statements.assign(document=document)
        return actors, _positions.select_statements(statements, actors, basis, coder)

    def tally(
        self,
        by: By = "dimension",
        *,
        kinds: Choice = None,
        basis: Choice = None,
        coder: Choice = None,
        duplicates: Duplicates = "once",
    ) -> pd.DataFrame:
        """Count statements, actors × (code or dimension, stance).

        Parameters
        ----------
        by : {"dimension", "code"}
            What the columns are: the codebook's dimensions, or its codes.
        kinds : str or sequence of str, optional
            Which kinds of actors. By default the delegations where kinds are known, everyone
            otherwise.
        basis : str or sequence of str, optional
            ``"explicit"``, ``"by_reference"`` or, by default, both.
        coder : str or sequence of str, optional
            Whose coding; needed where several coders coded the same actor.
        duplicates : {"once", "document", "all"}
            Whether an actor's repeated statements of one column count once, once for each
            document, or every time.

        Returns
        -------
        pandas.DataFrame
            Index `actor` in speaking order, every chosen actor, whether anything is recorded of it
            or not; columns a MultiIndex (`by`, ``"stance"``) with every code or dimension of the
            codebook and every stance; int64.

        Raises
        ------
        ValueError
            For an unknown choice; for dimensions without a codebook that has them; if several
            coders coded the same actor and none is chosen.

        Examples
        --------
        >>> import camdata as cam
        >>> cam.load_meeting().tally(duplicates="all").loc["El Salvador", "coordination"].to_list()
        [5, 0]
        """
        codebook = self._checked.tables.get("codebook")
        keys = _positions.keys_of(codebook, self._checked.tables["statements"], by)
        actors, statements = self.select(kinds=kinds, basis=basis, coder=coder)
        return _positions.tally(
            statements,
            actors=actors,
            keys=keys,
            by=by,
            stances=self._stances,
            codebook=codebook,
            duplicates=duplicates,
        )

    def positions(
        self,
        by: By = "dimension",
        *,
        kinds: Choice = None,
        basis: Choice = None,
        coder: Choice = None,
        duplicates: Duplicates = "once",
    ) -> pd.DataFrame:
        """Read who is recorded on what, and with which stance.

        Parameters
        ----------
        by, kinds, basis, coder, duplicates
            As for `tally`. `duplicates` changes counts, and so no position.

        Returns
        -------
        pandas.DataFrame
            Index `actor` in speaking order, columns codes or dimensions in the order of the
            codebook, ``Int8``: 1 supports, -1 opposes, 0 both are recorded, ``<NA>`` nothing is.

        Examples
        --------
        >>> import camdata as cam
        >>> cam.load_meeting().positions().loc[["Canada", "Bolivia"]]
        dimension  terms definition  pragmatism  rights  coordination
        actor
        Canada                    1           1    <NA>          <NA>
        Bolivia                <NA>        <NA>    <NA>          <NA>
        """
        tally = self.tally(by, kinds=kinds, basis=basis, coder=coder, duplicates=duplicates)
        return _positions.positions(tally)

    # words

    def evidence(
        self,
        actor: str,
        code: str | None = None,
        dimension: str | None = None,
        *,
        basis: Choice = None,
        coder: Choice = None,
    ) -> Evidence:
        """Return the words behind a cell.

        Parameters
        ----------
        actor : str
            Whose positions.
        code : str, optional
            Only those on this code.
        dimension : str, optional
            Only those on the codes of this dimension.
        basis, coder
            As for `tally`.

        Returns
        -------
        Evidence
            A sequence of `Quotation` in the order of the text, with a `frame`; in Jupyter each
            quote is marked in the passage that it stands in. Empty where nothing is recorded.

        Raises
        ------
        ValueError
            For an actor, code or dimension that the meeting does not have; if the meeting has no
            quotes; if several coders coded the actor and none is chosen.

        Examples
        --------
        >>> import camdata as cam
        >>> cam.load_meeting().evidence("Paraguay", dimension="pragmatism")
        Paraguay, pragmatism: 1 statement
          pragmatism_appeal +1: “Paraguay indicated a need for pragmatism”
        """
        statements = self._checked.tables["statements"]
        known = self._checked.tables["actors"]["actor"].tolist()
        self._check("actor", actor, known)
        if "quote" not in statements:
            raise ValueError("This meeting has no quotes: its statements have no column `quote`.")
        chosen = _positions.select_statements(statements, [actor], basis, coder)
        if code is not None:
            codes = self._checked.tables.get("codebook", statements)["code"].unique()
            self._check("code", code, codes)
            chosen = chosen[chosen["code"] == code]
        if dimension is not None:
            codebook = self._checked.tables.get("codebook")
            known = _positions.keys_of(codebook, statements, "dimension")
            self._check("dimension", dimension, known)
            assert codebook is not None
            inside = codebook.loc[codebook["dimension"] == dimension, "code"]
            chosen = chosen[chosen["code"].isin(inside)]
        title = ", ".join(part for part in (actor, dimension, code) if part)
        return Evidence(self._quotations(chosen), title)

    @staticmethod
    def _check(name: str, value: str, known: Iterable[str]) -> None:
        options = list(known)
        if value not in options:
            raise ValueError(
                f"This meeting has no {name} {did_you_mean(str(value), options)}; it has: "
                f"{', '.join(options)}."
            )

    def _quotations(self, statements: pd.DataFrame) -> list[Quotation]:
        """Return the chosen statements with their passages, in the order of the text."""
        spans = self._checked.spans["statements"].loc[statements.index]
        quotations = []
        for row, start, stop, document in zip(
            statements.to_dict("records"),
            spans["start"],
            spans["stop"],
            spans["document"],
            strict=True,
        ):
            quote = "" if pd.isna(row["quote"]) else str(row["quote"])
            located = not pd.isna(start)
            at = (int(start), int(stop)) if located else (-1, -1)
            passage, offset = quote, -1
            if located:
                low, high = self._passage(row["actor"], str(document), at)
                passage, offset = self._texts[str(document)][low:high], low
            quotations.append(
                Quotation(
                    statement=row["statement"],
                    actor=row["actor"],
                    code=row["code"],
                    stance=int(row["stance"]),
                    basis="" if pd.isna(row.get("basis")) else str(row["basis"]),
                    quote=quote,
                    document="" if pd.isna(document) else str(document),
                    start=at[0],
                    stop=at[1],
                    passage=passage,
                    offset=offset,
                    coder="" if pd.isna(row.get("coder")) else str(row["coder"]),
                )
            )
        return sorted(quotations, key=lambda q: (q.document, q.start))

    def _passage(self, actor: str, document: str, span: tuple[int, int]) -> tuple[int, int]:
        """Return the actor's own intervention around a quote, else its paragraph."""
        if "interventions" in self._checked.tables:
            table = self._checked.tables["interventions"]
            spans = self._checked.spans["interventions"]
            around = (
                (table["actor"] == actor)
                & (spans["document"] == document)
                & (spans["start"] <= span[0]).fillna(False)
                & (spans["stop"] >= span[1]).fillna(False)
            )
            if around.any():
                row = spans[around].iloc[0]
                return int(row["start"]), int(row["stop"])
        return _evidence.paragraph(self._texts[document], span)

    def compare(self, a: str, b: str, *, basis: Choice = None, coder: Choice = None) -> Comparison:
        """Compare what two actors are recorded as saying, in their own words.

        Parameters
        ----------
        a, b : str
            The actors.
        basis, coder
            As for `tally`.

        Returns
        -------
        Comparison
            What they share, where their stances differ, and what only one of them is recorded on,
            with the quotes; in Jupyter side by side.

        Raises
        ------
        ValueError
            For an actor that the meeting does not have, or the same one twice; if several coders
            coded one of them and none is chosen.

        Examples
        --------
        >>> import camdata as cam
        >>> cam.load_meeting().compare("Canada", "Uruguay").shared
        ['key_terms']
        """
        known = self._checked.tables["actors"]["actor"].tolist()
        for actor in (a, b):
            self._check("actor", actor, known)
        codebook = self._checked.tables.get("codebook")
        statements = self._checked.tables["statements"]
        chosen = _positions.select_statements(statements, [a, b], basis, coder)
        return compare_actors(chosen, codebook, a, b)

    def coverage(self) -> pd.DataFrame:
        """Measure how much of each sentence of each intervention is covered by coded quotes.

        Returns
        -------
        pandas.DataFrame
            One row per sentence: `order` of the intervention (Int64), `actor`, `sentence` (its
            number within the intervention, from 1), `covered` (float, 0 to 1: the share of its
            letters and digits inside some quote, whoever it is coded for), `text`, `document`,
            `start` and `stop` (code points, half open).

        Raises
        ------
        ValueError
            If the meeting has no interventions, quotes or texts.

        Examples
        --------
        >>> import camdata as cam
        >>> coverage = cam.load_meeting().coverage()
        >>> coverage.query("actor == 'Dominican Republic'")["covered"].round(2).tolist()
        [0.23]
        """
        tables = self._checked.tables
        if "interventions" not in tables or not self._texts:
            raise ValueError("Coverage needs the table of interventions and the text.")
        if "quote" not in tables["statements"]:
            raise ValueError("Coverage needs quotes: the statements have no column `quote`.")
        spans = self._checked.spans
        passages = spans["interventions"].assign(
            order=tables["interventions"]["order"], actor=tables["interventions"]["actor"]
        )
        quotes = spans["statements"].dropna()
        return _evidence.coverage(passages.sort_values("order"), quotes, self._texts)

    # files

    def write(self, folder: str | Path) -> None:
        """Write the meeting as a folder that `load_meeting` reads, with its ``datapackage.json``.

        Parameters
        ----------
        folder : str or pathlib.Path
            Where to; made if it is not there. Files of these names are overwritten.

        Raises
        ------
        FileExistsError
            If the folder holds a table or a text that this meeting does not have, and that would
            be read as a part of it. Nothing is written then.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import pandas as pd
        >>> import camdata as cam
        >>> meeting = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["tax"]}))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     meeting.write(folder)
        ...     sorted(path.name for path in pathlib.Path(folder).iterdir())
        ['datapackage.json', 'statements.csv']
        """
        folder = Path(folder)
        written = [name for name in TABLES if name in self._checked.given]
        own = {TABLES[name].file for name in written} | {_text_file(name) for name in self._texts}
        foreign = sorted(set(meeting_files(folder)) - own)
        if foreign:
            raise FileExistsError(
                f"{folder} already holds {', '.join(foreign)}, which this meeting does not have "
                "and which would be read with it: write to another folder, or remove what is there."
            )
        folder.mkdir(parents=True, exist_ok=True)
        resources = []
        for name in written:
            table = self._checked.tables[name]
            path = folder / TABLES[name].file
            table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
            spec = tables_for(self._stances)[name]
            resources.append(resource_descriptor(spec, list(table.columns), written))
        for name, text in self._texts.items():
            file = _text_file(name)
            (folder / file).parent.mkdir(exist_ok=True)
            data = text.encode()
            (folder / file).write_bytes(data)
            resources.append(
                {
                    "name": _resource_name(name, [str(r["name"]) for r in resources]),
                    "type": "text",
                    "path": file,
                    "description": "The text that quotes and passages are located in.",
                    "format": "txt",
                    "mediatype": "text/plain",
                    "encoding": "utf-8",
                    "bytes": len(data),
                    "hash": sha256(data),
                }
            )
        descriptor: dict[str, Any] = {**self._metadata}
        if self._stances != STANCES:
            descriptor["stances"] = list(self._stances)
        descriptor["resources"] = resources
        text = json.dumps(descriptor, indent=2, ensure_ascii=False) + "\n"
        (folder / "datapackage.json").write_bytes(text.encode())

    # display

    def _counts(self) -> dict[str, str]:
        tables = self._checked.tables
        statements, actors = tables["statements"], tables["actors"]
        recorded = statements["actor"].nunique()
        counts = {
            "actors": f"{len(actors)}, {recorded} of them with statements",
            "statements": str(len(statements)),
            "codes": str(statements["code"].nunique()),
        }
        if "kind" in actors:
            kinds = actors["kind"].value_counts(sort=False)
            counts["actors"] += " (" + ", ".join(f"{kind} {n}" for kind, n in kinds.items()) + ")"
        if "codebook" in tables:
            codebook = tables["codebook"]
            counts["codes"] += f" used of {len(codebook)}"
            if "dimension" in codebook:
                counts["codes"] += f", in {codebook['dimension'].nunique()} dimensions"
        if "basis" in statements:
            basis = statements["basis"].value_counts(sort=False)
            counts["statements"] += (
                " ("
                + ", ".join(f"{str(name).replace('_', ' ')} {n}" for name, n in basis.items())
                + ")"
            )
        for name in ("interventions", "references"):
            if name in tables:
                counts[name] = str(len(tables[name]))
        if self._texts:
            names = ", ".join(
                f"{name} ({len(text):,} characters)" for name, text in self.texts.items()
            )
            counts["texts"] = names
        return counts

    def __repr__(self) -> str:
        lines = [f"Meeting: {self.title}" if self.title else "Meeting"]
        lines += [f"  {name}: {count}" for name, count in self._counts().items()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:left'>{escape(count)}</td></tr>"
            for name, count in self._counts().items()
        )
        title = f"<caption>{escape(self.title)}</caption>" if self.title else ""
        return f"<table>{title}<tbody>{rows}</tbody></table>"


def _text_file(name: str) -> str:
    return "report.txt" if name == "report" else f"texts/{name}.txt"


def _resource_name(text: str, taken: Sequence[str]) -> str:
    """Return a name for a text that a Data Package allows and that is not taken."""
    name = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-") or "text"
    while name in taken:
        name += "-text"
    return name


def _dtype(table: str, column: str) -> str:
    spec = TABLES[table].field(column)
    return spec.dtype if spec else "str"


def load_meeting(folder: str | Path | None = None) -> Meeting:
    """Load a meeting from a folder, by default the bundled meeting of the CAM.

    Parameters
    ----------
    folder : str or pathlib.Path, optional
        A folder with ``statements.csv`` and, if wished, ``actors.csv``, ``codebook.csv``,
        ``interventions.csv``, ``references.csv``, ``report.txt`` or ``texts/NAME.txt``, and
        ``datapackage.json``. CSV files are UTF-8, cells separated by commas; only an empty cell is
        missing.

    Returns
    -------
    Meeting

    Raises
    ------
    MeetingError
        With every fault of the folder: the file, the physical line, the column, what was expected
        and what was found.

    Examples
    --------
    >>> import camdata as cam
    >>> meeting = cam.load_meeting()
    >>> meeting.positions().shape
    (14, 4)
    """
    path = BUNDLED if folder is None else Path(folder)
    return Meeting._from_raw(read_folder(path), str(path) if folder else "the bundled meeting")
