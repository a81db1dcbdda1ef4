"""The page: what stands in it, that it is escaped and asks for nothing, for any meeting."""

import base64
import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib import resources
from itertools import pairwise

import pandas as pd
import pytest

import camdata as cam
from camdata._display.words import p_words
from camdata.model import grid as _grid
from camdata.report._page_parts import isolated, lines_of, passages_of, said
from camdata.report.page import write_page

NASTY = "</style></script><script>alert('x')</script> & \"q\" <img src=x onerror=alert(1)>"
RIGHT_TO_LEFT = "الوفد المصري"
VOID = {"meta", "input", "br", "img", "link", "path", "hr", "source"}
TEXT = "A says x and y now.\nB says x. And not y.\n\nC wants z and\ny too."
ROWS = pd.DataFrame(
    [("A", "x", 1), ("B", "x", 1), ("B", "y", -1), ("C", "y", 1), ("C", "z", 1)],
    columns=["actor", "code", "stance"],
)
QUOTED = ROWS.assign(quote=["x and y", "B says x", "not y", "y too", "z and\ny"])


class Page(HTMLParser):
    """A page as elements: every tag with its attributes, and the texts within some of them."""

    def __init__(self, path):
        super().__init__(convert_charrefs=True)
        self.source = path.read_text(encoding="utf-8")
        self.tags, self.open, self.texts = [], [], []
        self.feed(self.source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs), len(self.texts)))
            self.texts.append("")

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        for _, _, place in self.open:
            self.texts[place] += data

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]

    def text_of(self, tag, **wanted):
        """Return the texts of the elements of a tag with these attributes."""
        opened = [(t, a) for t, a in self.tags if t not in VOID]
        return [
            " ".join(text.split())
            for (t, a), text in zip(opened, self.texts, strict=False)
            if t == tag and all(a.get(name.rstrip("_")) == value for name, value in wanted.items())
        ]

    @property
    def ids(self):
        return [attrs["id"] for _, attrs in self.tags if "id" in attrs]

    @property
    def reasons(self):
        return self.text_of("p", class_="why")


@pytest.fixture
def write(tmp_path):
    def make(meeting, **options):
        path = tmp_path / "page.html"
        write_page(meeting, path, **options)
        return Page(path)

    return make


@pytest.fixture(scope="module")
def bundled(meeting, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    write_page(meeting, path, multiverse=cam.multiverse(meeting, coder="camdata", n_resamples=19))
    return Page(path)


# what stands in it


def test_sections_stand_in_their_order(bundled):
    names = ["The answer", "Grid", "Report", "Comparison", "Clusters", "Coders", "Codebook"]
    starts = zip(bundled.text_of("h2"), [*names, "Sources"], strict=True)
    assert all(heading.startswith(name) for heading, name in starts)
    assert len(bundled.text_of("h1")[0]) <= 100
    assert bundled.reasons == []


def test_headings_never_skip_a_level(bundled):
    levels = [int(tag[1]) for tag, _ in bundled.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_verdict_is_that_of_the_multiverse(meeting, write):
    universe = cam.multiverse(meeting, coder="camdata", n_resamples=19)
    page = write(meeting, multiverse=universe)
    for line in universe.verdict.splitlines():
        assert line in page.text_of("p")
    assert "Nothing is recorded for Bolivia, which is neither agreement nor opposition." in (
        page.text_of("li")
    )


def test_every_id_is_unique_and_every_link_inside_leads_somewhere(bundled):
    ids = bundled.ids
    assert len(ids) == len(set(ids))
    inside = [a["href"][1:] for a in bundled.all("a") if a["href"].startswith("#")]
    assert len(inside) > 300
    assert set(inside) <= set(ids)


def test_every_statement_is_told_with_its_words_and_linked_both_ways(meeting, bundled):
    links = [attrs["href"] for attrs in bundled.all("a")]
    quotes = bundled.text_of("mark")
    for number in range(1, len(meeting.statements) + 1):
        assert f"q{number}" in bundled.ids  # in the report
        assert f"#q{number}" in links  # from its note and from the words
        assert f"#n{number}" in links  # from the report to its note
        assert f"#s{number}" in links  # from the note to the words
    for quote in meeting.statements["quote"]:
        assert " ".join(quote.split()) in quotes


@pytest.mark.parametrize("by", ["dimension", "code"])
def test_cells_of_the_grid_are_the_tally(meeting, bundled, by):
    tally = meeting.tally(by)
    labels = dict(zip(tally.keys, tally.labels, strict=True))
    cells = {attrs["aria-label"] for attrs in bundled.all("a") if "aria-label" in attrs}
    positions = tally.positions
    for actor in positions.index:
        for key in positions.columns:
            there = any(cell.startswith(f"{actor}, {labels[key]}: ") for cell in cells)
            assert there == pd.notna(positions.at[actor, key])


def test_support_by_reference_opposition_and_both_are_told_apart_in_shape(write):
    rows = pd.DataFrame(
        {
            "actor": ["A", "B", "C", "D", "D", "E"],
            "code": "x",
            "stance": pd.array([1, 1, -1, 1, -1, None], dtype="Int8"),
            "basis": ["explicit", "by_reference", *["explicit"] * 4],
        }
    )
    page = write(cam.Meeting(rows))
    signs = {
        attrs["aria-label"].split(",")[0]: text
        for attrs, text in zip(page.all("a"), page.text_of("a"), strict=True)
        if ": " in attrs.get("aria-label", "")
    }
    assert signs == {"A": "■", "B": "□", "C": "⊟", "D": "◧×2", "E": "?"}
    shown = " ".join(page.text_of("ul", class_="legend"))
    for words in ("supports", "by reference", "opposes", "both ways", "without a stance"):
        assert words in shown


def test_votes_are_in_words(write):
    rows = [("A", "x", 1), ("B", "x", -1), ("C", "x", 0), ("D", "x", 1), ("D", "x", -1)]
    votes = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    page = write(cam.Meeting(votes, stances=(1, 0, -1)))
    told = [attrs.get("aria-label", "") for attrs in page.all("a")]
    for actor, words in zip(
        "ABCD", ("for", "against", "abstains or neutral", "for and against"), strict=True
    ):
        assert any(label.startswith(f"{actor}, x: {words}, ") for label in told)
    assert "level" not in " ".join(page.text_of("li") + page.text_of("figcaption"))


def test_tables_name_their_rows_and_columns(bundled):
    assert all(attrs.get("scope") in ("row", "col") for attrs in bundled.all("th"))


def test_charts_are_the_librarys_own_for_each_screen(bundled):
    images = [a["src"] for a in bundled.all("img")] + [a["srcset"] for a in bundled.all("source")]
    assert len(images) == 8
    for image in images:
        svg = base64.b64decode(image.removeprefix("data:image/svg+xml;base64,")).decode()
        assert "Dominican Republic" in svg or "Dominican" in svg
    assert all(len(a["alt"]) > 40 for a in bundled.all("img"))


def test_numbers_in_charts_keep_their_digits(meeting):
    from camdata import plots
    from camdata.report.pictures import picture

    universe = cam.multiverse(meeting, coder="camdata", n_resamples=19)
    made = picture(lambda width: plots.shares(universe, title="", figsize=width))
    svg = base64.b64decode(made.image.partition(",")[2]).decode()
    assert p_words(universe.pairs["p_adjusted"].iloc[0]) in svg
    assert made.title == universe.finding


def test_coders_disagreements_stand_with_all_quotes(meeting, bundled):
    result = cam.reliability(meeting)
    quoted = bundled.text_of("q")
    assert len(result.disagreements)
    for row in result.disagreements.to_dict("records"):
        for coder in result.coders:
            words = row[f"quote {coder}"]
            assert not words or " ".join(words.split()) in quoted


def test_codebook_and_sources_are_told(meeting, bundled):
    told = " ".join(bundled.text_of("main"))
    for row in meeting.codebook.to_dict("records"):
        assert row["definition"] in told
        assert " ".join(row["exclude"].split()) in told
    for entry in meeting.metadata["sources"] + meeting.metadata["licenses"]:
        assert entry["title"] in told
    assert hashlib.sha256(meeting.text.encode()).hexdigest() in told
    assert f"camdata {cam.__version__}" in told


@pytest.mark.slow
def test_clusters_of_ones_own_are_shown_and_said_to_be_others(meeting, write):
    clusters = cam.cluster(cam.agreement(meeting.tally()), n_clusters=3)
    page = write(meeting, clusters=clusters)
    assert [h for h in page.text_of("h4") if h.startswith("Cluster ")] == [
        f"Cluster {label}" for label in clusters.members
    ]


# nothing from outside, nothing but text from the meeting


def test_policy_allows_only_the_pages_own_style_and_script(bundled):
    (meta,) = [a for a in bundled.all("meta") if a.get("http-equiv")]
    policy = dict(part.split(" ", 1) for part in meta["content"].split("; "))
    assert policy["default-src"] == "'none'"
    assert "unsafe" not in meta["content"]
    for tag in ("style", "script"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", bundled.source, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert policy[f"{tag}-src"] == f"'sha256-{digest}'"
    # what the policy would refuse is not there either
    assert not [a for _, a in bundled.tags if "style" in a or any(n.startswith("on") for n in a)]


def test_page_asks_for_nothing(bundled):
    images = [a.get("src", a.get("srcset")) for _, a in bundled.tags if "src" in a or "srcset" in a]
    assert all(image.startswith("data:image/svg+xml;base64,") for image in images)
    assert not bundled.all("link")
    assert "@import" not in bundled.source
    assert "url(" not in bundled.source
    outside = {a["href"] for a in bundled.all("a") if not a["href"].startswith("#")}
    assert all(re.match("https?://|data:text/csv;", address) for address in outside)


def test_page_is_small_and_the_same_to_the_byte(tmp_path, bundled):
    assert len(bundled.source.encode()) < 1_000_000
    code = (
        "import sys, camdata as cam; from camdata.report.page import write_page; "
        "m = cam.load_meeting(); u = cam.multiverse(m, coder='camdata', n_resamples=19); "
        "write_page(m, sys.argv[1], multiverse=u)"
    )
    path = tmp_path / "again.html"
    command = [sys.executable, "-c", code, str(path)]
    subprocess.run(command, check=True, env={"PYTHONHASHSEED": "7", "PATH": ""})
    assert path.read_bytes() == bundled.source.encode()


def nasty_meeting():
    rows = QUOTED.assign(
        actor=QUOTED["actor"].map({"A": NASTY, "B": RIGHT_TO_LEFT, "C": "C"}), coder=NASTY
    )
    codebook = pd.DataFrame(
        {
            "code": ["x", "y", "z"],
            "label": [NASTY, "y", RIGHT_TO_LEFT],
            "dimension": [NASTY, NASTY, "two"],
            "definition": NASTY,
            "include": NASTY,
            "exclude": NASTY,
        }
    )
    rows.loc[0, "quote"] = "x and y " + NASTY
    return cam.Meeting(
        rows,
        codebook=codebook,
        texts=TEXT.replace("x and y", "x and y " + NASTY),
        metadata={
            "title": NASTY,
            "description": NASTY,
            "sources": [{"title": "bad", "path": "javascript:alert(1)"}, NASTY],
            "licenses": NASTY,
            "contributors": [{"title": NASTY, "role": NASTY, "description": NASTY}],
        },
    )


def test_markup_in_a_meeting_stays_text(write):
    page = write(nasty_meeting())
    assert len(page.all("script")) == len(page.all("style")) == 1
    assert all(a["src"].startswith("data:image/svg") for a in page.all("img"))
    assert " ".join(NASTY.split()) in page.text_of("p")
    assert "x and y " + NASTY in page.text_of("mark")
    assert not [a for a in page.all("a") if a["href"].startswith("javascript")]


@pytest.mark.slow
def test_texts_of_a_meeting_find_their_own_direction(write):
    page = write(nasty_meeting())
    assert all(a.get("dir") == "auto" for a in page.all("blockquote"))
    assert RIGHT_TO_LEFT in page.text_of("bdi")


def test_page_compact_and_templates_are_in_the_package():
    folder = resources.files("camdata.report").joinpath("templates")
    names = {file.name for file in folder.iterdir()}
    assert {"page.html.j2", "macros.html.j2", "page.css", "page.js"} <= names


# without JavaScript


def test_words_are_reached_by_anchors_alone(meeting, bundled):
    opened = [a for a in bundled.all("a") if a.get("aria-label", "").count(": ")]
    assert len(opened) >= meeting.tally("code").positions.notna().sum().sum()
    # the target of each cell stands in the details of its actor, with marked words
    for attrs in opened:
        assert attrs["href"][1:] in bundled.ids
    # nothing but controls waits for the script
    assert {a["id"] for _, a in bundled.tags if "hidden" in a} == {"card"}


# any meeting


MEETINGS = {
    "no quotes": (
        lambda: cam.Meeting(ROWS),
        ["no quotes", "no text", "only one coding", "no codebook"],
    ),
    "quotes but no text": (
        lambda: cam.Meeting(ROWS.assign(quote="w")),
        ["no text", "only one coding", "no codebook"],
    ),
    "a text": (lambda: cam.Meeting(QUOTED, texts=TEXT), ["only one coding", "no codebook"]),
    "a quote over many lines": (
        lambda: cam.Meeting(
            ROWS[:2].assign(quote=["one\ntwo\nthree\nfour", "g"]),
            texts="1 one\ntwo\nthree\nfour\ng",
        ),
        ["only one coding", "no codebook"],
    ),
    "some quotes": (
        lambda: cam.Meeting(QUOTED.assign(quote=["x and y", None, None, None, None]), texts=TEXT),
        ["only one coding", "no codebook"],
    ),
    "several texts": (
        lambda: cam.Meeting(QUOTED.assign(document="a"), texts={"a": TEXT, "b": "More."}),
        ["only one coding", "no codebook"],
    ),
    "one actor": (
        lambda: cam.Meeting(ROWS[:1]),
        [
            "no quotes",
            "no text",
            "fewer than two",
            "only one coding",
            "no codebook",
        ],
    ),
    "nothing": (
        lambda: cam.Meeting(ROWS[:0]),
        [
            "no positions are recorded",
            "no text",
            "fewer than two",
            "only one coding",
            "no codebook",
        ],
    ),
    "a scale": (
        lambda: cam.Meeting(ROWS.assign(stance=[2, 1, 0, -1, 0]), stances=(2, 1, 0, -1)),
        ["no quotes", "no text", "only one coding", "no codebook"],
    ),
    "blank stances": (
        lambda: cam.Meeting(ROWS.assign(stance=pd.array([None, 1, 1, 1, None], dtype="Int8"))),
        ["no quotes", "no text", "only one coding", "no codebook"],
    ),
    "codes of no dimension": (
        lambda: cam.Meeting(
            ROWS, codebook=pd.DataFrame({"code": ["z", "x", "y"], "dimension": ["D", None, "D"]})
        ),
        ["no quotes", "no text", "only one coding"],
    ),
    "several coders": (
        lambda: cam.Meeting(
            pd.concat([ROWS.assign(coder="p"), ROWS[:3].assign(coder="q")], ignore_index=True)
        ).select(coder=["p", "q"]),
        ["no quotes", "no text", "no codebook"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MEETINGS)
def test_what_a_meeting_cannot_give_is_left_out_with_the_reason(write, name):
    make, reasons = MEETINGS[name]
    page = write(make())
    assert len(page.text_of("h2")) == 8
    for reason in reasons:
        assert any(reason in told for told in page.reasons), reason
    # small tables have no chance level, which is said as well
    chance = ("Random tables", "No other table")
    for told in page.reasons:
        assert any(words in told for words in (*reasons, *chance)), told
    assert len(page.ids) == len(set(page.ids))
    inside = {a["href"][1:] for a in page.all("a") if a["href"].startswith("#")}
    assert inside <= set(page.ids)


def test_a_page_speaks_of_quotes_rules_and_files_where_there_are_any(write, tmp_path):
    book = pd.DataFrame({"code": list("xyz"), "definition": [None, "A tax.", None]})
    for table, behind, other in ((ROWS, "statements", "quotes"), (QUOTED, "quotes", "statements")):
        page = write(cam.Meeting(table, codebook=book))
        hints = " ".join(page.text_of("p")), *(one.get("aria-label", "") for _, one in page.tags)
        assert f"A sign links to the {behind} behind it." in hints[0]
        assert f"goes to its {behind}" in hints[0]
        assert f"read its {other} here" not in page.source
        assert f"{behind.capitalize()} of the open cell" in hints
        links = {attrs["href"] for attrs in page.all("a")}
        assert {link for link in links if link[:2] == "#c" and link[2:].isdigit()} == {"#c1"}
        assert "read from" not in page.source
    ROWS.to_csv(tmp_path / "votos.csv", index=False)
    page = write(cam.read_table(tmp_path / "votos.csv"))
    assert "statements.csv, read from votos.csv" in page.text_of("dd")


@pytest.mark.parametrize(
    ("rows", "heading"),
    [
        (ROWS[:0], "0 actors are recorded on 0 codes"),
        (ROWS[:1], "1 actor is recorded, 1 of them on x"),
        (ROWS[:3], "2 actors are recorded, 2 of them on x"),
        (ROWS[3:], "1 actor is recorded on 2 codes"),
    ],
)
def test_without_clusters_the_page_begins_with_what_is_recorded(write, rows, heading):
    page = write(cam.Meeting(rows))
    assert page.text_of("h1") == [heading]
    for words in ("n_clusters", "method="):
        assert words not in page.source


@pytest.mark.slow
def test_too_many_statements_and_actors_are_said(write, monkeypatch):
    from camdata.report import _page_sections

    monkeypatch.setattr(_page_sections, "MOST_STATEMENTS", 3)
    monkeypatch.setattr(_page_sections, "MOST_COMPARED", 2)
    monkeypatch.setattr(_page_sections, "MOST_DRAWN", 2)
    page = write(cam.Meeting(ROWS))
    told = " ".join(page.reasons)
    for words in ("more than 2 actors", "too many actors", "more than 3 statements"):
        assert words in told


def test_one_coder_is_shown_beside_all_disagreements(write):
    rows = pd.concat(
        [
            ROWS.assign(coder="p"),
            ROWS.iloc[1:].assign(coder="q"),
            ROWS[:1].assign(code="z", coder="q"),
        ],
        ignore_index=True,
    )
    meeting = cam.Meeting(rows)
    page = write(meeting, coder="p")
    told = " ".join(page.text_of("main"))
    assert " ".join(cam.reliability(meeting).summary.splitlines()[0].split()) in told
    assert len(cam.reliability(meeting).disagreements)
    alone = write(meeting.select(coder="p"))
    assert "only one coding" in " ".join(alone.text_of("main"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ישראל: 1 → 2", "\u2068ישראל\u2069: 1 → 2"),
        ("الوفد المصري, ישראל", "\u2068الوفد المصري\u2069, \u2068ישראל\u2069"),
        ("core 1: مصر 43; X", "core 1: \u2068مصر 43\u2069; X"),
        ("Chile, Brazil (1 of 2)", "Chile, Brazil (1 of 2)"),
    ],
)
def test_names_from_right_to_left_turn_nothing_around_them(words, expected):
    assert isolated(words) == expected


def test_what_changes_is_read_from_left_to_right_whatever_the_names(write):
    rows = [
        ("ישראל", "a"),
        ("ישראל", "b"),
        ("X", "a"),
        ("Y", "b"),
        ("Z", "b"),
        ("Z", "c"),
        ("X", "c"),
    ]
    page = write(cam.Meeting(pd.DataFrame(rows, columns=["actor", "code"])))
    lines = [line for line in page.text_of("td") if "→" in line and "ישראל" in line]
    assert lines
    assert all("\u2068ישראל\u2069" in line for line in lines)


def test_several_coders_of_one_actor_must_be_chosen_from(tmp_path):
    rows = pd.concat([ROWS.assign(coder="p"), ROWS.assign(coder="q")], ignore_index=True)
    with pytest.raises(ValueError, match="more than one coder"):
        write_page(cam.Meeting(rows), tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


def test_wrong_arguments_are_named(meeting, tmp_path):
    path = tmp_path / "page.html"
    with pytest.raises(TypeError, match="`meeting` must be a Meeting"):
        write_page(meeting.tally(), path)
    with pytest.raises(TypeError, match="`path` must be a path"):
        write_page(meeting, 3)
    with pytest.raises(TypeError, match="`multiverse` must be a Multiverse"):
        write_page(meeting, path, multiverse=3)
    with pytest.raises(TypeError, match="`clusters` must be Clusters"):
        write_page(meeting, path, clusters={"A": 1})
    others = cam.cluster(cam.agreement(cam.Meeting(ROWS).tally()), n_clusters=1)
    with pytest.raises(ValueError, match=r"`clusters` has actors that do not count .*: A, B, C"):
        write_page(meeting, path, clusters=others)


# the marked text


def test_pieces_of_the_report_are_the_report(meeting):
    grid = _grid.make_grid(
        meeting.statements, meeting.actors["actor"].tolist(), meeting.codebook, meeting.stances
    )
    entries = said(meeting, grid)
    lines = lines_of(meeting.text, entries, passages_of(meeting)["report"])
    whole = ["".join(piece.words for piece in line.pieces) for line in lines]
    assert whole == [line for line in meeting.text.split("\n") if line.strip()]
    words = {entry.number: entry.quote for entry in entries}
    for number, quote in words.items():
        inside = [p.words for line in lines for p in line.pieces if number in p.inside]
        assert "".join(inside) == quote
    starts = [n for line in lines for piece in line.pieces for n in piece.begins]
    stops = [n for line in lines for piece in line.pieces for n in piece.ends]
    assert sorted(starts) == sorted(stops) == sorted(words)
    owners = {piece.owner for line in lines for piece in line.pieces} - {""}
    assert owners == set(meeting.interventions["actor"])


def test_quotes_may_overlap_and_cross_lines():
    meeting = cam.Meeting(
        pd.DataFrame(
            {
                "actor": ["A", "B", "C"],
                "code": ["x", "y", "z"],
                "quote": ["says x and", "x and\nmore", "\nmore words"],
            }
        ),
        texts="A says x and\nmore words\n",
    )
    grid = _grid.make_grid(meeting.statements, ["A", "B", "C"], meeting.codebook, (1, -1))
    lines = lines_of(meeting.text, said(meeting, grid), [])
    told = [[(p.words, p.inside, p.begins, p.ends) for p in line.pieces] for line in lines]
    assert told == [
        [("A ", (), (), ()), ("says ", (1,), (1,), ()), ("x and", (1, 2), (2,), (1,))],
        [("more", (2, 3), (3,), (2,)), (" words", (3,), (), (3,))],
    ]
    assert [line.notes for line in lines] == [[1, 2], [3]]


# in notebooks


def compact(meeting):
    return _grid.compact(
        meeting.statements, meeting.actors["actor"].tolist(), meeting.codebook, meeting.stances
    )


def test_compact_grid_opens_to_its_words_with_plain_tags(meeting):
    html = compact(meeting)
    assert (
        html.count("<details>") == meeting.select(kinds="all").tally().positions.notna().sum().sum()
    )
    assert "Paraguay indicated a need for pragmatism" in html
    for tag in ("<style", "<script", "class=", "id="):
        assert tag not in html


def test_compact_grid_escapes_and_stays_small():
    assert "<script" not in compact(nasty_meeting())
    n = 20_000
    rows = pd.DataFrame(
        {
            "actor": [f"actor {i % 49}" for i in range(n)],
            "code": [f"code {i % 20}" for i in range(n)],
            "quote": "long words " * 100,
        }
    )
    html = compact(cam.Meeting(rows))
    assert len(html) < 250_000
    assert "Not shown: 9 more actors and 8 more codes." in html
    assert "more statements: see .evidence()" in html


def test_compact_grid_needs_no_quotes():
    assert "supports" in compact(cam.Meeting(ROWS[["actor", "code"]].assign(document=None)))
    assert "supports" in compact(cam.Meeting(ROWS[["actor", "code"]].assign(quote=None)))


def test_compact_grid_of_nothing_is_nothing():
    assert compact(cam.Meeting(ROWS[:0])) == ""


@pytest.mark.slow
def test_a_grid_too_large_for_paper_has_an_overview(write, bundled):
    rows = [(f"actor {i}", f"code {j}") for i in range(25) for j in range(45) if (i + j) % 3 == 0]
    meeting = cam.Meeting(pd.DataFrame(rows, columns=["actor", "code"]))
    clusters = cam.cluster(cam.agreement(meeting.tally()), 3)
    few = {"by": "code", "measures": "jaccard", "methods": "average", "numbers": [3]}
    universe = cam.multiverse(meeting, n_resamples=1, **few)
    page = write(meeting, clusters=clusters, multiverse=universe)
    (sheet,) = page.text_of("div", class_="sheet")
    assert "each row is a code" in sheet
    assert "bench off-paper" in [attrs.get("class") for attrs in page.all("div")]
    assert bundled.text_of("div", class_="sheet") == []
