"""A meeting: its checked tables and texts, its parts, counts, positions and evidence."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from camdata._display import html as _html
from camdata._display.checks import Choice, as_list, as_names, check_choice, wrong_type
from camdata._display.words import count, join_names
from camdata.model import grid as _grid
from camdata.model.columns import Flags
from camdata.model.errors import SeveralCodersError
from camdata.model.evidence import Evidence, quotations
from camdata.model.schema import STANCES, tables_for
from camdata.model.selecting import Date, part_of
from camdata.model.source import Quotes, Source, SourceTable, from_frames
from camdata.model.tally import DUPLICATES, By, Coded, Duplicates, Tally, make_tally, units_of
from camdata.model.text import coverage
from camdata.model.validate import Checked, check
from camdata.model.vocabulary import fold_stance


class Meeting:
    """The coded positions of one meeting, each traceable to the report's own words.

    A meeting is frozen: its tables are fresh frames, so that assigning into one of them changes
    nothing. `replace` makes a changed copy, `select` a meeting of a part of it.

    Parameters
    ----------
    statements : pandas.DataFrame
        One row per coded statement: `actor` and `code` are required; `stance` (default 1; a missing
        one is counted nowhere), `statement`, `basis`, `quote`, `coder`, `document`, `date`, `start`
        and `stop` are understood, other columns kept.
    actors, codebook, interventions, references, recodings : pandas.DataFrame, optional
        The other tables. Without `actors`, they are those of the statements, in order of first
        appearance. `recodings` are statements by other coders, which count nowhere until `select`
        chooses a coder.
    texts : str or mapping of str to str, optional
        The text of the report, or several by name. Quotes and passages are located in them.
    stances : sequence of int
        The stances that statements may take; ``(1, -1)`` unless the scale is ordinal.
    metadata : mapping, optional
        What else ``datapackage.json`` says: title, sources, licences, contributors, …
    quotes : {"strict", "triage"}
        What happens to a statement whose quote is not in its text. ``"strict"``: it is a fault.
        ``"triage"``: each quote is graded; where only white space, quotation marks, dashes, case
        or accents differ, the words of the text are the quote; every other statement waits in
        `queue` and counts nowhere until somebody accepts it (`accept`).

    Attributes
    ----------
    source : Source
        What was read; `Source.changes` lists what the reader changed.

    Raises
    ------
    MeetingError
        With every fault of every table: missing columns and values, unknown actors and codes,
        repeated keys, quotes that are not in the text.
    TypeError, ValueError
        If a table is not a DataFrame, or `stances` is not a scale.

    Examples
    --------
    >>> import pandas as pd
    >>> import camdata as cam
    >>> meeting = cam.Meeting(pd.DataFrame({"actor": ["A", "B"], "code": ["tax", "tax"]}))
    >>> meeting.positions()
    code   tax
    actor
    A        1
    B        1
    """

    _checked: Checked

    def __init__(
        self,
        statements: pd.DataFrame,
        *,
        actors: pd.DataFrame | None = None,
        codebook: pd.DataFrame | None = None,
        interventions: pd.DataFrame | None = None,
        references: pd.DataFrame | None = None,
        recodings: pd.DataFrame | None = None,
        texts: str | Mapping[str, str] | None = None,
        stances: Sequence[int] = STANCES,
        metadata: Mapping[str, Any] | None = None,
        quotes: Quotes = "strict",
    ) -> None:
        frames = (actors, codebook, interventions, statements, references, recodings)
        given = dict(zip(tables_for(), frames, strict=False))
        vars(self)["_checked"] = check(from_frames(given, texts, metadata, stances), quotes)

    @classmethod
    def from_source(cls, source: Source, *, quotes: Quotes = "strict") -> Meeting:
        """Make a meeting from what a reader has read.

        Parameters
        ----------
        source : Source
            Tables as read, texts, and where each of them comes from.
        quotes : {"strict", "triage"}
            As for `Meeting`.

        Returns
        -------
        Meeting

        Raises
        ------
        MeetingError
            As for `Meeting`, every fault named by the user's own file, row and column.
        """
        if not isinstance(source, Source):
            raise wrong_type("source", "a Source", source)
        return cls._of(check(source, quotes))

    @classmethod
    def _of(cls, checked: Checked) -> Meeting:
        meeting = cls.__new__(cls)
        vars(meeting)["_checked"] = checked
        return meeting

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A meeting is frozen: make a changed copy with replace({name}=…).")

    # the tables

    @property
    def statements(self) -> pd.DataFrame:
        """One row per coded statement: one actor, one code, one stance, one quote.

        Columns `statement`, `actor`, `code` (str), `stance` (Int8 where it is small enough, missing
        where it was not coded) and, where the meeting has them, `basis`, `quote`, `coder`,
        `document` (str), `date` (datetime64[s]), `start`, `stop` (Int64, code points of the text,
        half open) and any others. A fresh frame.
        """
        return self._table("statements")

    @property
    def actors(self) -> pd.DataFrame:
        """One row per actor who spoke.

        Columns `actor` and, where the meeting has them, `iso3`, `kind`, `process` (str) and
        `speaking_order` (Int64, missing for those who did not speak in the dialogue). Without the
        table, the names in the others in order of appearance. A fresh frame.
        """
        return self._checked.actors.copy()

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

        Columns `order` (Int64), `actor` and `passage` (str, verbatim). An actor without recorded
        words has no row. A fresh frame; without the table it has no rows.
        """
        return self._table("interventions")

    @property
    def references(self) -> pd.DataFrame:
        """One row per mention of one actor by another.

        Columns `actor`, `target`, `relation` and `quote` (str); an unnamed end is missing. A fresh
        frame; without the table it has no rows.
        """
        return self._table("references")

    @property
    def recodings(self) -> pd.DataFrame:
        """One row per coded statement of another coder, with the columns of `statements`.

        A fresh frame; without the table it has no rows.
        """
        return self._table("recodings")

    @property
    def queue(self) -> pd.DataFrame:
        """One row per statement whose quote is not in its text; it counts nowhere.

        The columns of `statements`, and `grade` (str: ``near`` or ``absent``), `nearest` (str, the
        most similar passage, missing where the quote is absent), `similarity` (float64, 0 to 100)
        and `accepted` (boolean, missing where it is undecided). A fresh frame; with no rows
        unless the meeting was read with ``quotes="triage"``.
        """
        return self._table("queue")

    def accept(self, statements: str | Iterable[str] | pd.DataFrame) -> Meeting:
        """Return a meeting that counts statements of the queue.

        Parameters
        ----------
        statements : str, sequence of str or pandas.DataFrame
            The ids; or the queue with yes (true, 1) in its column `accepted`, and no (false, 0) or
            nothing where a statement waits on. Of a ``near`` statement the nearest passage becomes
            the quote; an ``absent`` one has none.

        Returns
        -------
        Meeting
            Its ``source.changes`` lists what was accepted.

        Raises
        ------
        ValueError
            For an id that is not in the queue, or another word in `accepted`.
        MeetingError
            For a nearest passage that was changed and is not in the text.

        Examples
        --------
        >>> import pandas as pd
        >>> import camdata as cam
        >>> coded = pd.DataFrame({"actor": ["A"], "code": ["tax"], "quote": ["wants new tax"]})
        >>> meeting = cam.Meeting(coded, texts="A wants a new tax.", quotes="triage")
        >>> meeting.queue[["statement", "grade", "nearest"]]
          statement grade          nearest
        0        s1  near  wants a new tax
        >>> meeting.accept("s1").statements["quote"].item()
        'wants a new tax'
        """
        queue = self.queue
        if isinstance(statements, pd.DataFrame):
            edited = statements.set_index(statements["statement"].astype("str"))
            names = edited.index[_decisions(edited["accepted"])].tolist()
            if "nearest" in edited:
                nearest = queue["statement"].map(edited["nearest"].astype("str"))
                queue["nearest"] = nearest.where(queue["statement"].isin(names), queue["nearest"])
        else:
            names = as_names("statements", statements)
        if names:
            as_list("statements", names, queue["statement"])
        queue["accepted"] = queue["accepted"].mask(queue["statement"].isin(names), True)
        old = self.source
        changed = SourceTable(queue, old.tables["queue"].origin)
        return self._again(replace(old, tables={**old.tables, "queue": changed}))

    def _again(self, source: Source) -> Meeting:
        """Check a changed source, and keep the selected actors and coders."""
        checked, old = check(source), self._checked
        counted = old.counted
        if counted is not None:
            before = set(old.actors["actor"])
            names = checked.actors["actor"].tolist()
            counted = tuple(name for name in names if name in counted or name not in before)
        return self._of(replace(checked, counted=counted, coders=old.coders))

    def _table(self, name: str) -> pd.DataFrame:
        if name in self.source.tables:
            return self.source.tables[name].frame.copy()
        spec = tables_for(self.stances)[name]
        fields = [f for f in spec.fields if f.needed or f.name == "statement"]
        return pd.DataFrame({f.name: pd.Series(dtype=f.dtype) for f in fields})

    @property
    def given(self) -> tuple[str, ...]:
        """The names of the tables that the meeting has, in the order in which they are written."""
        return tuple(name for name in tables_for() if name in self.source.tables)

    @property
    def counted(self) -> tuple[str, ...]:
        """The actors that count in `tally` and `positions`, in speaking order.

        Those that `select` chose by `actors` or `kinds`; else the delegations, and everyone where
        there are none.
        """
        actors, chosen = self.actors, self._checked.counted
        if "speaking_order" in actors:
            actors = actors.sort_values("speaking_order", kind="stable", na_position="last")
        if chosen is not None:
            actors = actors[actors["actor"].isin(chosen)]
        elif "kind" in actors and (actors["kind"] == "delegation").any():
            actors = actors[actors["kind"] == "delegation"]
        return tuple(actors["actor"])

    @property
    def source(self) -> Source:
        """The tables and texts as read and checked, and what the reader changed; frozen."""
        return self._checked.source

    @property
    def texts(self) -> dict[str, str]:
        """The texts by name, in their order; empty where the meeting has none."""
        return dict(self.source.texts)

    @property
    def text(self) -> str:
        """The only text of the meeting; a clear error where there are none or several."""
        texts = self.source.texts
        if len(texts) != 1:
            names = f" ({join_names(texts)})" if texts else ""
            raise ValueError(f"This meeting has {len(texts)} texts, not one: see `texts`{names}.")
        return next(iter(texts.values()))

    @property
    def metadata(self) -> dict[str, Any]:
        """What ``datapackage.json`` says beside the tables: title, sources, licences, …"""
        return copy.deepcopy(dict(self.source.metadata))

    @property
    def stances(self) -> tuple[int, ...]:
        """The stances that statements may take."""
        return self.source.stances

    @property
    def title(self) -> str:
        """The meeting's title; empty where none is given."""
        return str(self.source.metadata.get("title", ""))

    def replace(
        self,
        *,
        statements: pd.DataFrame | None = None,
        actors: pd.DataFrame | None = None,
        codebook: pd.DataFrame | None = None,
        interventions: pd.DataFrame | None = None,
        references: pd.DataFrame | None = None,
        recodings: pd.DataFrame | None = None,
        texts: str | Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> Meeting:
        """Return a copy with some of its parts changed; everything is checked again.

        Parameters
        ----------
        statements, actors, codebook, interventions, references, recodings, texts, metadata
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
        57
        """
        frames = (actors, codebook, interventions, statements, references, recodings)
        old = self.source
        given = dict(zip(tables_for(), frames, strict=False))
        new = from_frames(given, texts, metadata, self.stances)
        named = old.texts if texts is None else new.texts
        about = old.metadata if metadata is None else new.metadata
        tables = {**old.tables, **new.tables}
        return self._again(replace(old, tables=tables, texts=named, metadata=about))

    # parts

    def select(
        self,
        *,
        kinds: Choice = None,
        basis: Choice = None,
        coder: Choice = None,
        documents: Choice = None,
        since: Date | None = None,
        until: Date | None = None,
        actors: Choice = None,
        codes: Choice = None,
        meeting: Choice = None,
        keep_silent: bool = True,
    ) -> Meeting:
        """Select a part of the meeting, which is a meeting again.

        Actors without a statement in the part stay, and their positions are missing: selecting
        days, texts, codes, basis or coders does not remove participants.

        Parameters
        ----------
        kinds : str or sequence of str, optional
            Which kinds of actors; ``"all"`` means every kind. By default the delegations count in
            `tally` and `positions` where kinds are known, and all actors in `evidence`.
        basis : str or sequence of str, optional
            ``"explicit"``, ``"by_reference"``.
        coder : str or sequence of str, optional
            Whose coding, of the statements or the recodings. Several coders count together.
        documents : str or sequence of str, optional
            Which texts.
        since, until : str or datetime.date, optional
            From which day and to which day, both included; a statement without a date is left out.
        actors, codes : str or sequence of str, optional
            Which actors, of any kind, and which codes.
        meeting : str or sequence of str, optional
            Which of the meetings that `camdata.combine` combined.
        keep_silent : bool
            Whether actors without a statement in the part stay.

        Returns
        -------
        Meeting
            The order of its actors is that of the whole meeting.

        Raises
        ------
        ValueError
            For a value that the meeting does not have, or a choice by a column that it does not
            have.

        Examples
        --------
        >>> import camdata as cam
        >>> meeting = cam.load_meeting()
        >>> meeting.select(basis="explicit").tally().n_statements
        36
        >>> meeting.select(kinds=["chair", "secretariat"]).positions("code").shape
        (5, 17)
        """
        choices = {"kinds": kinds, "basis": basis, "coder": coder, "documents": documents}
        choices |= {"actors": actors, "codes": codes, "meeting": meeting}
        rest = {"since": since, "until": until, "keep_silent": keep_silent}
        return self._of(part_of(self._checked, {**choices, **rest}))

    # counts and positions

    def tally(self, by: By | None = None, *, duplicates: Duplicates = "once") -> Tally:
        """Count statements: how often is each actor recorded with each stance on each code?

        Parameters
        ----------
        by : {"dimension", "code"}, optional
            What is counted on: the codebook's dimensions, or its codes. By default the dimensions
            where there are any.
        duplicates : {"once", "document", "week", "month", "year", "all"}
            Whether an actor's repeated statements of one stance on one code (or dimension) count
            once, once for each document, once for each week, month or year (those of different
            years are different), or every time.

        Returns
        -------
        Tally
            Every actor that counts in speaking order, with or without statements, and every code
            or dimension of the codebook.

        Raises
        ------
        ValueError
            For dimensions without a codebook that has them; if several coders coded the same actor
            and none is selected.

        Examples
        --------
        >>> import camdata as cam
        >>> tally = cam.load_meeting().tally(duplicates="all")
        >>> tally.frame.loc["El Salvador", "coordination"].to_list()
        [5, 0]
        """
        check_choice("duplicates", duplicates, DUPLICATES)
        statements, names, codes = self.statements, list(self.counted), self._keys("code")
        book = self.codebook.set_index("code").reindex(codes)
        usual: By = "dimension" if "dimension" in book else "code"
        by = usual if by is None else by
        check_choice("by", by, ("dimension", "code"))
        labels, groups = pd.Series(codes, codes, dtype="str"), None
        if "label" in book:
            labels = book["label"].fillna(labels)
        keys, key_labels, key_of = codes, tuple(labels), labels.index.to_series()
        if "dimension" in book:
            groups = tuple(book["dimension"].fillna(""))
        if by == "dimension":
            keys = self._keys(by)
            groups, key_labels, key_of = tuple(keys), tuple(keys), book[by]

        def number(options: Sequence[Any], values: pd.Series[Any]) -> NDArray[Any]:
            return pd.Index(options, dtype=values.dtype).get_indexer(pd.Index(values))

        self._check_one_coder(statements[statements["actor"].isin(names)])
        who, what = number(names, statements["actor"]), number(codes, statements["code"])
        key = number(keys, statements["code"].map(key_of))
        level = number(self.stances, statements["stance"])
        rows = np.flatnonzero((who >= 0) & (key >= 0) & (level >= 0))
        table = self.source.tables["statements"]
        unit = units_of(table.column("document"), table.column("date"), duplicates)
        places = (who[rows], key[rows], level[rows], None if unit is None else unit[rows])
        of_codes: Any = {"code": what[rows], "codes": tuple(codes), "labels": tuple(labels)}
        coded = Coded(*places, **of_codes, frame=statements, rows=rows, meeting=self)
        attributes = self.actors.set_index("actor").reindex(names)
        more = {"labels": key_labels, "groups": groups, "attributes": attributes}
        return make_tally(coded, names, keys, self.stances, by=by, duplicates=duplicates, **more)

    def positions(self, by: By | None = None) -> pd.DataFrame:
        """Return the position of each actor on each code or dimension.

        Parameters
        ----------
        by : {"dimension", "code"}, optional
            As for `tally`.

        Returns
        -------
        pandas.DataFrame
            Index `actor` in speaking order, columns codes or dimensions in the order of the
            codebook. ``Int8``: 1 supports, -1 opposes, 0 both are recorded, ``<NA>`` nothing is.
            On an ordinal scale ``Float64``: the level, or the mean of several (`Tally.several`
            marks them).

        Examples
        --------
        >>> import camdata as cam
        >>> cam.load_meeting().positions().loc[["Canada", "Bolivia"]]
        dimension  terms definition  pragmatism  rights  coordination
        actor
        Canada                    1           1    <NA>          <NA>
        Bolivia                <NA>        <NA>    <NA>          <NA>
        """
        return self.tally(by).positions

    def _keys(self, by: By) -> list[str]:
        """Return the codes or dimensions in the order of the codebook (else of appearance)."""
        codebook = self.codebook if "codebook" in self.given else self.statements[["code"]]
        if by not in codebook:
            raise ValueError(
                "This meeting has no dimensions: they come from the codebook's column `dimension`. "
                "Use by='code', or add a codebook."
            )
        return codebook[by].dropna().drop_duplicates().tolist()

    def _check_one_coder(self, statements: pd.DataFrame) -> None:
        """Raise if several coders coded one actor and none was selected: it would count twice."""
        coders = statements.get("coder", pd.Series(dtype="str"))
        if self._checked.coders is not None or coders.nunique() < 2:
            return
        # one coder of one document and one of another do not count anything twice
        place = ["actor", *(name for name in ("meeting", "document") if name in statements)]
        coders = statements.groupby(place, sort=False, dropna=False)["coder"].nunique()
        twice = coders[coders > 1].reset_index()["actor"].unique().tolist()
        if twice:
            names = statements.loc[statements["actor"].isin(twice), "coder"].dropna().unique()
            raise SeveralCodersError(
                f"{count(len(twice), 'actor was', 'actors were')} coded by more than one coder "
                f"({join_names(twice, 3)}); choose with select(coder=…), one of {list(names)}, "
                "or name several to count them together. cam.reliability(meeting) compares the "
                "coders, cam.analysis.resolve(meeting) makes one coding of theirs."
            )

    # words

    def evidence(
        self, actor: str, code: str | None = None, dimension: str | None = None
    ) -> Evidence:
        """Return the quotes behind a cell.

        Parameters
        ----------
        actor : str
            The actor, of any kind.
        code : str, optional
            Only those on this code.
        dimension : str, optional
            Only those on the codes of this dimension.

        Returns
        -------
        Evidence
            A sequence of `Quotation` in the order of the text, with a `frame`; in Jupyter each
            quote is marked in its passage. Empty where nothing is recorded.

        Raises
        ------
        ValueError
            For an actor, code or dimension that the meeting does not have; if the meeting has no
            quotes; if several coders coded the actor and none is selected.

        Examples
        --------
        >>> import camdata as cam
        >>> cam.load_meeting().evidence("Paraguay", dimension="pragmatism")
        Paraguay, pragmatism: 1 statement
          pragmatism_appeal +1: “Paraguay indicated a need for pragmatism”
        """
        chosen = self.statements_of(actor)
        if "quote" not in chosen:
            raise ValueError("This meeting has no quotes: its statements have no column `quote`.")
        if code is not None:
            check_choice("code", code, self._keys("code"))
            chosen = chosen[chosen["code"] == code]
        if dimension is not None:
            check_choice("dimension", dimension, self._keys("dimension"))
            codebook = self.codebook
            inside = codebook.loc[codebook["dimension"] == dimension, "code"]
            chosen = chosen[chosen["code"].isin(inside)]
        title = ", ".join(part for part in (actor, dimension, code) if part)
        places = self.source.tables["statements"].places
        return Evidence(quotations(chosen, places, self._passages(), self.source.texts), title)

    def _passages(self) -> pd.DataFrame | None:
        """Return actor, order and place of each intervention, or None where there are none."""
        table = self.source.tables.get("interventions")
        if table is None or table.places is None:
            return None
        return table.places.join(table.frame[["order", "actor"]])

    def statements_of(self, *actors: str) -> pd.DataFrame:
        """Return the statements of some actors, if one coder coded them or coders were selected.

        Parameters
        ----------
        *actors : str
            The actors, of any kind.

        Returns
        -------
        pandas.DataFrame
            Their rows of `statements`.

        Raises
        ------
        ValueError
            For an actor that the meeting does not have; if several coders coded one of them and
            none is selected.

        Examples
        --------
        >>> import camdata as cam
        >>> len(cam.load_meeting().statements_of("Canada", "Uruguay"))
        9
        """
        for actor in actors:
            check_choice("actor", actor, self.actors["actor"])
        statements = self.statements
        chosen = statements[statements["actor"].isin(actors)]
        self._check_one_coder(chosen)
        return chosen

    def coverage(self) -> pd.DataFrame:
        """Measure how much of each sentence of each intervention is covered by coded quotes.

        Returns
        -------
        pandas.DataFrame
            One row per sentence: `order` of the intervention (Int64), `actor`, `sentence` (its
            number within the intervention, from 1), `covered` (float, 0 to 1: the share of its
            letters and digits inside some quote, of any actor), `text`, `document`,
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
        passages = self._passages()
        if passages is None:
            raise ValueError(
                "Coverage needs interventions and the text that they stand in: give them as "
                "cam.Meeting(…, interventions=…, texts=…), or as interventions.csv and report.txt "
                "in the folder."
            )
        if "quote" not in self.statements:
            raise ValueError("Coverage needs quotes: the statements have no column `quote`.")
        quotes: Any = self.source.tables["statements"].places
        ordered = passages.sort_values(["document", "order"])
        return coverage(ordered, quotes.dropna(), self.source.texts)

    # display

    def _counts(self) -> dict[str, str]:
        statements, actors, codebook = self.statements, self.actors, self.codebook
        recorded = f"{len(actors):,}, {statements['actor'].nunique():,} of them with statements"
        codes = f"{statements['code'].nunique():,}"
        if "codebook" in self.given:
            codes += f" used of {len(codebook)}"
        if "dimension" in codebook:
            codes += f", in {count(codebook['dimension'].nunique(), 'dimension')}"
        queue, made = self.queue, self.source.made
        waiting = f"{len(queue):,} not counted{_in_brackets(queue, 'grade')}: see .queue"
        graded = (f"{c.after} {c.rows:,}" for c in made if c.what == "quotes graded")
        texts = (f"{name} ({len(text):,} characters)" for name, text in self.texts.items())
        counts = {"actors": recorded + _in_brackets(actors, "kind")}
        counts["statements"] = f"{len(statements):,}" + _in_brackets(statements, "basis")
        counts["codes"] = codes
        others = [n for n in ("interventions", "references", "recodings") if n in self.given]
        counts |= {name: f"{len(self._table(name)):,}" for name in others}
        counts |= {"quotes": join_names(graded), "queue": waiting if len(queue) else ""}
        counts["texts"] = join_names(texts)
        counts["changes"] = f"{len(made)} on reading: see .source.changes" if made else ""
        return {name: words for name, words in counts.items() if words}

    def __repr__(self) -> str:
        counts = (f"  {name}: {number}" for name, number in self._counts().items())
        return "\n".join([f"Meeting: {self.title}" if self.title else "Meeting", *counts])

    def _repr_html_(self) -> str:
        rows = [[_html.escape(cell) for cell in row] for row in self._counts().items()]
        grid = _grid.compact(self.statements, self.counted, self.codebook, self.stances)
        return _html.rows(["", ""], rows, self.title) + grid


def _in_brackets(table: pd.DataFrame, column: str) -> str:
    """Return how often each value of a column occurs, in brackets; empty without values."""
    if column not in table or table[column].isna().all():
        return ""
    numbers = table[column].value_counts(sort=False)
    parts = (f"{str(name).replace('_', ' ')} {n}" for name, n in numbers.items())
    return f" ({join_names(parts, 9)})"


_YES = "true yes sí sim oui ja 1 1.0".split()
_NO = "false no não non nein 0 0.0".split()


def _decisions(accepted: pd.Series[Any]) -> Flags:
    """Return which rows of a queue are accepted; a word that is neither yes nor no is an error."""
    words = ["" if pd.isna(word) else fold_stance(str(word)) for word in accepted]
    yes, no = ([*map(fold_stance, own)] for own in (_YES, _NO))
    if strange := dict.fromkeys(word for word in words if word not in ("", *yes, *no)):
        raise ValueError(
            f"The column `accepted` must hold yes or no (one of {join_names(_YES)}; "
            f"{join_names(_NO)}; or nothing), but holds {join_names(map(repr, strange), 5)}."
        )
    return np.isin(words, yes)
