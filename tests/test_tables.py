"""Tables for the paper in three formats; the evidence as one table, searchable."""

import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import camdata as cam
from camdata.analysis.measures import as_agreement
from camdata.model.evidence import Evidence
from camdata.report.evidence_tables import EvidenceTable, evidence_table
from camdata.report.tables import to_table

FORMATS = ("latex", "html", "markdown")
AWFUL = "[A]*{x}$5&#_%\\^~<b>|\"`--'é“…”"


@pytest.fixture(scope="module")
def small():
    """Four actors on two codes: support, opposition, both, silence; with quotes and a codebook."""
    rows = [
        ("Ana", "tax", 1, "tax them"),
        ("Beto", "tax", -1, "no tax"),
        ("Cleo", "tax", 1, "yes"),
        ("Cleo", "tax", -1, "no"),
        ("Ana", "aid", 1, "more aid"),
        ("Beto", "aid", 1, "aid for all"),
    ]
    return cam.Meeting(
        pd.DataFrame(rows, columns=["actor", "code", "stance", "quote"]),
        actors=pd.DataFrame({"actor": ["Ana", "Beto", "Cleo", "Dora"], "iso3": [*"ABC", ""]}),
        codebook=pd.DataFrame({"code": ["tax", "aid"], "label": ["Raise taxes", "Give aid"]}),
    )


@pytest.fixture(scope="module")
def results(meeting, small):
    """One of everything that there is a table for, the bundled meeting's and a hostile one."""
    tally = meeting.tally()
    clusters = cam.cluster(cam.agreement(tally), n_clusters=3)
    codes = meeting.tally("code")
    names = {"actor": [AWFUL, "*B", "[C]"], "code": ["x", "x", AWFUL], "stance": [1, -1, 1]}
    return {
        "meeting": meeting,
        "positions": codes,
        "agreement": clusters.agreement,
        "clusters": clusters,
        "profile": cam.profile(clusters),
        "profile of codes": cam.profile(clusters, codes),
        "dyads": cam.dyads(codes, ["jaccard", "congruence", "kappa"], attributes=["process"]),
        "hostile": cam.Meeting(pd.DataFrame(names)),
    }


class _Cells(HTMLParser):
    """The rows of a table in HTML, and how each cell is marked up."""

    def __init__(self):
        super().__init__()
        self.rows, self.tags, self.inside = [], [], False

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.tags.append((tag, dict(attrs)))
            self.inside = True
        elif tag == "br" and self.inside:
            self.rows[-1][-1] += "\n"

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.inside = False

    def handle_data(self, data):
        if self.inside:
            self.rows[-1][-1] += data


def from_html(text):
    parser = _Cells()
    parser.feed(text)
    return parser.rows


def from_markdown(text):
    """Return the rows of a pipe table, read as a Markdown program does; headings as one cell."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rows = []
    for line in (lines[0], *lines[2:]):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if cells[0].startswith("**"):
            assert not any(cells[1:])
            cells = [cells[0][2:-2]]
        rows.append([re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", cell) for cell in cells])
    return rows


SPELLED = {
    r"\textbackslash ": "\\",
    r"\textasciicircum ": "^",
    r"\textasciitilde ": "~",
    r"$\blacksquare\boxminus$": "◧",
    r"$\blacksquare$": "■",
    r"$\boxminus$": "⊟",
    r"$\cdot$": "·",
}


def from_latex(text):
    """Return the rows of a tabular or longtable, headings as one cell."""
    inside = text[text.index(r"\toprule") + 8 :]
    if r"\endlastfoot" in text:  # the header stands twice, and more around page breaks
        inside = inside[: inside.index(r"\midrule")] + inside.partition(r"\endlastfoot")[2]
    else:
        inside = inside[: inside.index(r"\bottomrule")]
    lines = [line[: -len(r" \\")] for line in inside.splitlines() if line.endswith(r"\\")]
    rows = []
    for line in lines:
        if line.startswith(r"\multicolumn"):
            cells = [re.search(r"\\textit\{(.*)\}\\strut", line)[1]]
        else:
            cells = re.split(r"(?<!\\)&", line.removeprefix("{}"))
        plain = []
        for cell in (cell.strip() for cell in cells):
            pattern = "|".join([*map(re.escape, SPELLED), r"\\[{}$&#_%]"])
            plain.append(re.sub(pattern, lambda m: SPELLED.get(m[0], m[0][-1]), cell))
        rows.append(plain)
    return rows


READ = {"latex": from_latex, "html": from_html, "markdown": from_markdown}


def cells(result, **options):
    """Return the cells of a result's table, the same whatever the format."""
    found = [
        [
            row if any(row[1:]) else row[:1]
            for row in READ[format](to_table(result, format, **options))
        ]
        for format in FORMATS
    ]
    assert found[0] == found[1] == found[2]
    return found[1]


def note(result, **options):
    return to_table(result, "markdown", **options).partition("*Note.* ")[2]


NAMES = "meeting positions agreement clusters profile dyads hostile"


@pytest.mark.parametrize("name", [*NAMES.split(), "profile of codes"])
def test_every_format_holds_the_same_cells(results, name):
    rows = cells(results[name])
    assert len({len(row) for row in rows if len(row) > 1}) == 1  # a table, and headings in it


def test_positions_are_signs_that_can_be_told_apart(small):
    assert cells(small) == [
        ["Actor", "Raise taxes", "Give aid", "Statements"],
        ["Ana", "■", "■", "2"],
        ["Beto", "⊟", "■", "2"],
        ["Cleo", "◧", "·", "2"],
        ["Dora", "·", "·", "0"],
    ]
    assert note(small).startswith(
        "Recorded positions of 4 actors on 2 codes, 6 statements. "
        "■ supports, ⊟ opposes, ◧ both ways, · nothing is recorded."
    )


def test_only_signs_that_occur_are_explained(small):
    assert "opposes" not in note(small.select(codes="aid"))
    assert "both" not in note(small.select(codes="aid"))


def test_a_frame_of_positions_has_no_statements_to_show(small):
    assert cells(small.positions())[0] == ["Actor", "tax", "aid"]
    assert "statement" not in note(small.positions()).lower()


def test_levels_are_numbers_with_the_same_digits():
    rows = {"actor": ["A", "A", "B"], "code": ["x", "x", "x"], "stance": [-2, 1, 2]}
    ordinal = cam.Meeting(pd.DataFrame(rows), stances=(-2, -1, 0, 1, 2))
    assert [row[1] for row in cells(ordinal)] == ["x", "−0.50", "2.00"]
    assert "levels of the scale −2, −1, 0, 1, 2" in note(ordinal)


def test_many_codes_stand_in_rows_below_their_dimensions(meeting):
    rows = cells(meeting.tally("code"), labels="iso3")
    assert rows[0][:3] == ["Code", "COL", "USA"]
    headings = [row[0] for row in rows if len(row) == 1]
    assert headings == ["terms definition", "pragmatism", "rights", "coordination", "All"]
    assert len(rows) == 1 + 17 + 5 + 1
    frame = meeting.positions("code")
    ticks = sum(row.count("■") for row in rows)
    assert ticks == int((frame == 1).sum().sum())
    canada = rows[0].index("CAN")
    held = [row[0] for row in rows[1:-1] if len(row) > 1 and row[canada] == "■"]
    labels = meeting.codebook.set_index("code")["label"]
    assert held == labels[frame.columns[frame.loc["Canada"] == 1]].tolist()


def test_columns_are_numbered_where_their_names_do_not_fit(meeting):
    rows = cells(meeting.tally("code"))
    assert rows[0] == ["Code", *map(str, range(1, 15))]
    assert "Columns: 1 Colombia, 2 United States," in note(meeting.tally("code"))


def test_agreement_is_the_lower_triangle(results):
    agreement = results["agreement"]
    rows = cells(agreement)
    n = len(agreement.actors)
    assert rows[0] == ["Actor", "Statements", *map(str, range(1, n))]
    for i, row in enumerate(rows[1:]):
        assert row[0] == f"{i + 1} {agreement.actors[i]}"
        for j, cell in enumerate(row[2:]):
            value = agreement.values[i, j]
            assert cell == ("" if j >= i else "–" if np.isnan(value) else f"{value:.2f}")
    assert note(agreement).startswith("Jaccard coefficient of 14 actors on 4 dimensions, 38 stat")
    assert "– nothing to compare" in note(agreement)


@pytest.mark.parametrize(
    ("value", "measure", "shown"),
    [(-0.5, "kappa", "−0.50"), (-0.001, "kappa", "0.00"), (3, "congruence", "3"), (1, "s", "1.00")],
)
def test_numbers_have_the_digits_of_their_measure(value, measure, shown):
    names = ("A", "B")
    agreement = cam.analysis.Agreement(names, np.array([[0.0, value], [value, 0.0]]), measure)
    assert cells(agreement)[2] == ["2 B", shown]


def test_an_actor_alone_has_a_table(small):
    assert cells(as_agreement(pd.DataFrame([[1.0]], ["A"], ["A"]))) == [["Actor"], ["1 A"]]


def test_dyads_have_words_for_headings(results):
    rows = cells(results["dyads"])
    assert rows[0] == [
        *("Actor A", "Actor B", "Recorded by both", "Jaccard coefficient", "Congruence"),
        *("Cohen's kappa", "Process A", "Process B"),
    ]
    assert len(rows) == 92
    assert ["Colombia", "United States", "1", "0.20", "1", "–", "SACM", "RCM"] in rows
    assert note(results["dyads"]).startswith("91 pairs of actors.")


def test_clusters_name_their_members_and_who_is_not_placed(results):
    rows = cells(results["clusters"])
    assert rows[2] == ["2", "4", "Canada (6), Paraguay (3), Peru (1), Uruguay (3)"]
    assert "Bolivia (nothing to compare" in note(results["clusters"])
    assert "average; agreement: Jaccard coefficient on 4 dimensions" in note(results["clusters"])


def test_a_profile_counts_members_and_others(results):
    rows = cells(results["profile"])
    place = rows.index(["Cluster 2: Canada, Paraguay, Peru, Uruguay"])
    assert rows[place + 1] == ["terms definition", "4 of 4", "0 of 9", "1.00"]
    assert rows[place + 3] == ["coordination", "1 of 4", "8 of 9", "−0.64"]
    codes = [row[0] for row in cells(results["profile of codes"]) if len(row) > 1]
    assert "Migrants are subjects of law" in codes


def test_a_profile_of_everyone_has_no_others(small):
    profile = cam.profile({"Ana": 1, "Beto": 1}, small.tally())
    rows = cells(profile)
    assert ["Give aid", "2 of 2", "–", "–"] in rows
    assert ["against Raise taxes", "1 of 2", "–", "–"] in rows
    assert "– there are no others" in note(profile)


# what the caller says


def test_labels_rename_actors_and_codes(small):
    rows = cells(small, labels={"Ana": "Anna", "tax": "Taxes"})
    assert rows[0][1:3] == ["Taxes", "Give aid"]
    assert [row[0] for row in rows[1:3]] == ["Anna", "Beto"]
    assert [row[0] for row in cells(small, labels="iso3")[1:]] == ["A", "B", "C", "Dora"]
    dyads = cells(cam.dyads(small.tally()), labels={"Ana": "Anna"})
    assert dyads[1][:2] == ["Anna", "Beto"]


@pytest.mark.parametrize(
    ("labels", "error", "words"),
    [
        ("iso33", ValueError, "did you mean 'iso3'"),
        (["Ana"], TypeError, "a mapping of names or the name of a column"),
    ],
)
def test_wrong_labels_are_an_error(small, labels, error, words):
    with pytest.raises(error, match=re.escape(words)):
        to_table(small, labels=labels)


def test_a_column_needs_a_table_of_actors(results):
    for name in ("dyads",):
        with pytest.raises(ValueError, match="which are here not known"):
            to_table(results[name], labels="iso3")


@pytest.mark.parametrize("name", ["hostile", "profile"])
def test_markdown_is_read_by_the_program_that_notebooks_are_shown_with(results, name):
    mistune = pytest.importorskip("mistune")
    text = to_table(results[name], "markdown", notes=False)
    rows = from_html(mistune.create_markdown(plugins=["table"])(text))
    assert [row if any(row[1:]) else row[:1] for row in rows] == cells(results[name])


@pytest.mark.parametrize("format", FORMATS)
def test_title_and_notes_are_escaped_and_may_be_left_out(small, format):
    bare = to_table(small, format, notes=False)
    assert "Recorded positions" not in bare
    full = to_table(small, format, title=AWFUL)
    title = {"latex": r"\caption{[A]*\{x\}\$5\&", "html": "<caption>[A]*{x}$5&amp;#_%"}
    assert title.get(format, r"**\[A\]\*{x}\$5\&#\_%") in full
    assert "Recorded positions" in full


def test_latex_is_a_float_where_it_has_a_title_and_long_where_it_is_long(results):
    bare, titled = to_table(results["agreement"]), to_table(results["agreement"], title="T")
    assert r"\begin{table}" not in bare
    assert titled.startswith(r"\begin{table}")
    assert titled.endswith("\\end{table}\n")
    long = to_table(results["dyads"], title="T")
    assert r"\begin{longtable}" in long
    assert r"\begin{table}" not in long
    assert r"\caption{T} \\" in long


def test_numbers_stand_on_the_right(results):
    text = to_table(results["agreement"], "html")
    assert all(f".col{i} {{\n  text-align: right;" in text for i in range(1, 15))
    assert re.search(r"\| ?-+: \|", to_table(results["agreement"], "markdown"))
    assert r"{@{}lrrrrrrrrrrrrrr@{}}" in to_table(results["agreement"])


def test_html_is_a_document_with_borders(small):
    text = to_table(small, "html", title="Who & what")
    assert text.startswith("<!DOCTYPE html>")
    assert '<meta charset="utf-8">' in text
    assert "<caption>Who &amp; what</caption>" in text
    assert "border-bottom: 1.5pt solid" in text
    assert "<script" not in text


@pytest.mark.parametrize("format", FORMATS)
def test_names_of_several_lines_and_control_signs_become_one_line(format):
    odd = cam.Meeting(pd.DataFrame({"actor": ["A\nB\x0cC\x01"], "code": ["x"]}))
    assert READ[format](to_table(odd, format))[1][0] == "A B C"


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"format": "docx"}, ValueError, "must be one of ['latex', 'html', 'markdown']"),
        ({"title": 3}, TypeError, "`title` must be a text or None"),
        ({"notes": "yes"}, TypeError, "`notes` must be True or False"),
    ],
)
def test_wrong_arguments_are_an_error(small, options, error, words):
    with pytest.raises(error, match=re.escape(words)):
        to_table(small, **options)


def test_what_has_no_table_is_an_error_that_says_what_has(small):
    with pytest.raises(TypeError, match="must be a Meeting, Tally, Agreement"):
        to_table("table")
    with pytest.raises(TypeError, match="a Meeting, Tally, Agreement, Clusters, Profile"):
        to_table(small.evidence("Ana"))


LATEX = shutil.which("pdflatex") or shutil.which("lualatex") or shutil.which("xelatex")


@pytest.mark.skipif(LATEX is None, reason="no LaTeX here")
@pytest.mark.parametrize("title", ["All & everything, 100%", None])
def test_latex_compiles_and_fits_on_its_page(results, title, tmp_path):
    body = "\n\\clearpage\n".join(to_table(result, title=title) for result in results.values())
    source = (
        "\\documentclass{article}\n\\usepackage[margin=2cm]{geometry}\n"
        "\\usepackage{array,booktabs,amssymb,longtable}\n"
        f"\\begin{{document}}\n{body}\n\\end{{document}}\n"
    )
    (tmp_path / "all.tex").write_text(source, encoding="utf-8")
    draft = ["-draftmode"] if LATEX.endswith("pdflatex") else []
    command = [LATEX, *draft, "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    output = done.stdout.decode("utf-8", "replace")
    assert done.returncode == 0, output[-2000:]
    assert "Overfull" not in output
    assert "Missing character" not in output


# the evidence as one table


def test_the_evidence_table_holds_every_statement_with_its_label(meeting):
    table = evidence_table(meeting)
    frame = table.frame
    assert isinstance(table, Evidence)
    assert sorted(frame["statement"]) == sorted(meeting.statements["statement"])
    labels = meeting.codebook.set_index("code")["label"]
    assert frame["label"].tolist() == labels[frame["code"]].tolist()
    assert frame["start"].is_monotonic_increasing
    part = evidence_table(meeting.select(actors="Canada"))
    assert [q.statement for q in part] == [q.statement for q in meeting.evidence("Canada")]


def test_the_plain_table_marks_each_quote_in_its_passage(meeting):
    table = evidence_table(meeting)
    rows = from_html(table._repr_html_())
    assert rows[0] == ["Actor", "On", "Stance", "Words"]
    assert [row[3] for row in rows[1:]] == [q.passage for q in table]
    marks = re.findall("<mark>(.*?)</mark>", table._repr_html_(), re.DOTALL)
    assert [re.sub("&#x27;|&quot;", "'", mark).replace("<br>", "\n") for mark in marks] == [
        q.quote.replace('"', "'") for q in table
    ]
    assert "script" not in table._repr_html_()


def test_a_table_without_a_text_marks_the_quotes_themselves(small):
    shown = evidence_table(small)._repr_html_()
    assert "<mark>no tax</mark>" in shown
    assert "⊟ opposes" in shown


@pytest.mark.parametrize("searchable", [False, True])
def test_words_of_the_text_are_never_markup(searchable):
    if searchable:
        pytest.importorskip("itables")
    bad = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"
    frame = pd.DataFrame({"actor": [bad], "code": [bad], "quote": [bad]})
    table = evidence_table(cam.Meeting(frame), searchable=searchable)
    shown = table._repr_html_()
    assert "<img src=x" not in shown
    assert "<script>alert" not in shown
    assert "alert(2)" in shown


def test_very_many_statements_are_cut_where_they_are_shown():
    many = cam.Meeting(pd.DataFrame({"actor": "A", "code": "x", "quote": ["q"] * 503}))
    table = evidence_table(many)
    assert len(from_html(table._repr_html_())) == 501
    assert "… and 3 more rows in .frame" in table._repr_html_()
    assert len(table.frame) == 503


def test_what_has_no_quotes_or_several_coders_is_an_error():
    frame = pd.DataFrame({"actor": ["A", "A"], "code": ["x", "x"], "coder": ["E", "L"]})
    with pytest.raises(ValueError, match="no quotes"):
        evidence_table(cam.Meeting(frame[["actor", "code"]]))
    with pytest.raises(ValueError, match="coded by more than one coder"):
        evidence_table(cam.Meeting(frame.assign(quote="q")))
    with pytest.raises(TypeError, match="must be a Meeting"):
        evidence_table(frame)
    with pytest.raises(TypeError, match="`searchable` must be True or False"):
        evidence_table(cam.Meeting(frame.assign(quote="q", coder="E")), searchable="yes")


def test_searching_without_itables_says_which_extra_brings_it(small, monkeypatch):
    monkeypatch.setitem(sys.modules, "itables", None)
    with pytest.raises(ImportError, match=r"camdata\[notebooks\]"):
        evidence_table(small, searchable=True)
    assert "<table>" in evidence_table(small)._repr_html_()


def test_an_evidence_table_of_nothing_is_empty(small):
    table = EvidenceTable((), "Nothing", {}, (1, -1))
    assert len(table) == 0
    assert from_html(table._repr_html_()) == [["Actor", "On", "Stance", "Words"]]
    assert len(table.frame) == 0


@pytest.mark.browser
def test_the_searchable_table_searches_without_a_network(meeting, tmp_path):
    pytest.importorskip("itables")
    api = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is not installed")
    page_of = f"<!doctype html><meta charset='utf-8'>{_searchable(meeting)}"
    (tmp_path / "table.html").write_text(page_of, encoding="utf-8")
    asked, errors = [], []
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto((tmp_path / "table.html").as_uri())
        search = page.locator("input[type=search]")
        search.wait_for()
        search.fill("roadmap")
        words = page.locator("table.dataTable tbody tr").all_inner_texts()
        marked = page.locator("table.dataTable tbody mark").all_inner_texts()
        browser.close()
    assert words
    assert all("roadmap" in row for row in words)
    assert not any("\\n" in row for row in words)  # a line break is one, not its spelling
    assert set(marked) <= {re.sub(r"\s+", " ", q.quote) for q in evidence_table(meeting)}
    assert marked
    assert not errors
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []


def _searchable(meeting):
    return evidence_table(meeting, searchable=True)._repr_html_()
