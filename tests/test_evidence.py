"""Words behind the cells: evidence marked in its passages, and two actors side by side."""

import pickle
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata._display.html import mark_spans
from camdata._display.spans import merge_spans
from camdata.model.evidence import Evidence

NASTY = "<script>alert('x')</script> & \"quotes\" <b>bold</b>"


class _Page(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.tags, self.text, self.marks, self.open = set(), "", [], []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag == "mark":
            self.marks.append("")
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if self.open and self.open[-1] == "mark":
            self.marks[-1] += data


def page(shown):
    """Return what a browser would read: `tags`, `text` and the `marks`; every tag is closed."""
    html = shown if isinstance(shown, str) else shown._repr_html_()
    parsed = _Page()
    parsed.feed(html)
    parsed.close()
    assert parsed.open == []
    return parsed


# evidence


def test_evidence_is_a_sequence(meeting):
    evidence = meeting.evidence("Canada")
    assert len(evidence) == 6
    assert [q.code for q in evidence] == [
        "modest_scope",
        "specific_actionable",
        "modest_scope",
        "feasible_goals",
        "key_terms",
        "no_duplication",
    ]
    assert evidence[0].statement == "s027"
    assert evidence[-1] == list(evidence)[5] == next(reversed(evidence))
    assert evidence[-1] in evidence
    part = evidence[1:3]
    assert isinstance(part, Evidence)
    assert (len(part), part.title) == (2, evidence.title)
    with pytest.raises(IndexError):
        evidence[6]


def test_evidence_is_empty_where_nothing_is_recorded(meeting):
    evidence = meeting.evidence("Bolivia")
    assert len(evidence) == 0
    assert not evidence
    assert repr(evidence) == "Bolivia: nothing is recorded"
    assert evidence.frame.empty
    assert_frame_equal(evidence.frame.dtypes.to_frame(), dtypes_of_evidence().to_frame())
    assert page(evidence).text.strip() == "Bolivia: nothing is recorded"


def dtypes_of_evidence():
    return cam.load_meeting().evidence("Canada").frame.dtypes


def test_the_frame_of_evidence_has_the_dtypes_of_the_tables(meeting):
    evidence = meeting.evidence("Canada")
    assert evidence.frame.dtypes.astype("str").to_dict() == {
        "statement": "str",
        "actor": "str",
        "code": "str",
        "stance": "Int64",
        "basis": "str",
        "quote": "str",
        "document": "str",
        "start": "Int64",
        "stop": "Int64",
        "passage": "str",
        "offset": "Int64",
        "coder": "str",
    }
    frame = evidence.frame
    frame["quote"] = ""
    assert evidence.frame["quote"].ne("").all()
    assert [row.quote for row in evidence.frame.itertuples()] == [q.quote for q in evidence]


def test_evidence_reads_as_text(meeting):
    assert repr(meeting.evidence("Paraguay", dimension="pragmatism")) == (
        "Paraguay, pragmatism: 1 statement\n"
        "  pragmatism_appeal +1: “Paraguay indicated a need for pragmatism”"
    )
    assert repr(meeting.evidence("Peru", code="key_terms")).startswith("Peru, key_terms: 1 stat")
    assert repr(meeting.evidence("Canada")).startswith("Canada: 6 statements\n")


def test_every_quotation_stands_where_it_says(meeting):
    for actor in meeting.actors["actor"][::3]:
        evidence = meeting.evidence(actor)
        for q in evidence:
            assert meeting.text[q.start : q.stop] == q.quote
            assert meeting.text[q.offset : q.offset + len(q.passage)] == q.passage
            assert q.quote in q.passage
        starts = [q.start for q in evidence]
        assert starts == sorted(starts)


def test_evidence_of_the_dimensions_rejoins_to_all(meeting):
    dimensions = meeting.codebook["dimension"].unique()
    for actor in meeting.actors["actor"][::4]:
        parts = [q for name in dimensions for q in meeting.evidence(actor, dimension=name)]
        assert sorted(parts, key=lambda q: q.statement) == sorted(
            meeting.evidence(actor), key=lambda q: q.statement
        )


def test_evidence_stands_in_the_actors_own_intervention(meeting):
    evidence = meeting.evidence("Uruguay")
    own = meeting.interventions.set_index("actor").at["Uruguay", "passage"]
    assert {q.passage for q in evidence} == {own}


def test_an_actor_with_two_interventions_has_each_quote_in_its_own(meeting):
    evidence = meeting.evidence("Colombia")
    first, second = meeting.interventions.query("actor == 'Colombia'")["passage"]
    passages = {q.code: q.passage for q in evidence if q.basis == "explicit"}
    assert passages["specific_actionable"] == first
    assert passages["cam_facilitator"] == second


def test_words_in_anothers_intervention_are_shown_with_their_whole_paragraph():
    made = cam.Meeting(
        pd.DataFrame({"actor": ["A", "B"], "code": ["x", "x"], "quote": ["want a tax"] * 2}),
        interventions=pd.DataFrame({"order": [1], "actor": ["A"], "passage": ["We want a tax."]}),
        texts="A heading\nAs had B, A spoke. We want a tax. Then came C.\nMore.",
    )
    assert made.evidence("A")[0].passage == "We want a tax."
    assert made.evidence("B")[0].passage == "As had B, A spoke. We want a tax. Then came C."


def test_evidence_comes_in_the_order_of_the_text():
    made = cam.Meeting(
        pd.DataFrame({"actor": ["A"] * 3, "code": ["x", "y", "z"], "quote": ["two", "one", "six"]}),
        texts="one two six",
    )
    assert [q.quote for q in made.evidence("A")] == ["one", "two", "six"]


@pytest.mark.parametrize("actor", ["Colombia", "United States"])
def test_evidence_by_reference_shows_the_paragraph_of_the_other_speaker(meeting, actor):
    (quotation,) = meeting.evidence(actor, dimension="rights")
    assert quotation.basis == "by_reference"
    (line,) = [line for line in meeting.text.split("\n") if quotation.quote in line]
    assert quotation.passage == line.strip()
    assert "the representative of Chile emphasized" in quotation.passage
    evidence = meeting.evidence(actor, dimension="rights")
    assert "subjects_of_law +1 (by reference): “As had Colombia" in repr(evidence)
    assert "subjects_of_law +1 (by reference)" in page(evidence).text
    assert "by reference" not in page(meeting.evidence("Chile", dimension="rights")).text


def test_support_recorded_elsewhere_shows_the_paragraph_around_it(meeting):
    (quotation,) = meeting.evidence("El Salvador", code="cam_facilitator")
    assert quotation.passage.startswith("With a view to coordination and harmonization")
    assert quotation.passage.endswith("the Chairs of the RCM and SACM.")


def test_evidence_marks_each_quote_in_its_passage(meeting):
    for actor in meeting.actors["actor"][::3]:
        evidence = meeting.evidence(actor)
        shown = page(evidence)
        for q in evidence:
            assert any(q.quote in mark for mark in shown.marks), q.quote
            assert q.passage in shown.text
        assert shown.tags <= {"p", "strong", "blockquote", "mark", "small", "br"}
        marked_letters = sum(len(mark) for mark in shown.marks)
        assert marked_letters <= sum(len(q.quote) for q in evidence)


def test_overlapping_quotes_share_a_mark_and_a_passage_is_shown_once(meeting):
    shown = page(meeting.evidence("Uruguay"))
    assert shown.marks == [
        "Uruguay appealed for pragmatism by the States, and for definition of key terms and "
        "expectations for the document"
    ]
    assert shown.text.count("However,") == 1
    assert "pragmatism_appeal +1; key_terms +1; document_expectations +1" in shown.text


@pytest.fixture(scope="module")
def nasty():
    text = f"Before {NASTY} after."
    return cam.Meeting(
        pd.DataFrame(
            {
                "actor": [NASTY, NASTY, "B & <i>"],
                "code": [NASTY, "x", "x"],
                "stance": [1, 1, -1],
                "quote": [NASTY, "after", "<script>"],
            }
        ),
        codebook=pd.DataFrame(
            {"code": [NASTY, "x"], "label": [NASTY, None], "dimension": ["<hr>", "<hr>"]}
        ),
        texts={NASTY.replace("/", ""): text},
        metadata={"title": NASTY},
    )


def test_evidence_escapes_whatever_the_text_holds(nasty):
    shown = page(nasty.evidence(NASTY, dimension="<hr>"))
    assert shown.tags == {"p", "strong", "blockquote", "mark", "small", "br"}
    assert shown.marks == [NASTY, "after"]
    assert shown.text.count(NASTY) == 3  # title, passage and code
    assert f"Before {NASTY} after." in shown.text


def test_a_meeting_escapes_whatever_its_title_holds(nasty):
    shown = page(nasty)
    grid = {"details", "summary", "thead", "th", "p", "strong", "ul", "li", "small", "mark", "span"}
    assert shown.tags <= {"table", "caption", "tbody", "tr", "td"} | grid
    assert NASTY in shown.text


@given(st.text(max_size=20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20))))
def test_marking_changes_no_letter(passage, spans):
    spans = [(min(a, b), max(a, b)) for a, b in spans if max(a, b) <= len(passage) and a != b]
    html = mark_spans(passage, spans)
    plain = passage.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if plain == passage:  # what HTML itself cannot hold is not asked for
        shown = page(html)
        assert shown.text == passage
        assert shown.tags <= {"mark"}
        assert shown.marks == [passage[a:b] for a, b in merge_spans(spans)]


def test_quotes_without_a_text_are_their_own_passage():
    made = cam.Meeting(
        pd.DataFrame({"actor": ["A", "A"], "code": ["x", "y"], "quote": ["We want it.", None]})
    )
    first, second = made.evidence("A")
    assert (first.quote, first.passage, first.start, first.document) == (
        "We want it.",
        "We want it.",
        -1,
        "",
    )
    assert (second.quote, second.passage, second.basis) == ("", "", "")
    assert "We want it." in page(made.evidence("A")).marks


@pytest.mark.parametrize(
    ("question", "match"),
    [
        ({"actor": "Canda"}, r"`actor` must be one of .*'Canda' \(did you mean 'Canada'\?\)"),
        (
            {"actor": "Peru", "code": "keyterms"},
            r"`code` must be .*'keyterms' \(did you mean 'key_terms'\?",
        ),
        (
            {"actor": "Peru", "dimension": "Rights"},
            r"`dimension` must be .*'Rights' \(did you mean 'rights",
        ),
    ],
    ids=["actor", "code", "dimension"],
)
def test_evidence_of_what_is_not_there_lists_what_is(meeting, question, match):
    with pytest.raises(ValueError, match=match):
        meeting.evidence(**question)


def test_evidence_without_quotes_or_dimensions_is_a_clear_error():
    made = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    with pytest.raises(ValueError, match="no quotes: its statements have no column `quote`"):
        made.evidence("A")
    made = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"], "quote": ["We"]}))
    with pytest.raises(ValueError, match="no dimensions"):
        made.evidence("A", dimension="rights")


# comparison


@pytest.mark.parametrize(
    ("pair", "match"),
    [
        (("Canada", "Canada"), "Two different actors are needed to compare, but both are 'Canada'"),
        (("Canada", "Uruguai"), r"no actor 'Uruguai' \(did you mean 'Uruguay'\?\)"),
        (("Perú", "Canada"), r"no actor 'Perú' \(did you mean 'Peru'\?\)"),
    ],
    ids=["itself", "second", "first"],
)
def test_compare_needs_two_known_actors(meeting, pair, match):
    with pytest.raises(ValueError, match=match):
        cam.compare(meeting, *pair)


def coded_twice():
    return cam.Meeting(
        pd.DataFrame(
            [
                ("A", "tax", "explicit", "we want the tax", "Ana"),
                ("A", "quota", "by_reference", "and a quota", "Ana"),
                ("A", "tax", "explicit", "the tax", "Ben"),
                ("B", "tax", "explicit", "a tax for all", "Ana"),
            ],
            columns=["actor", "code", "basis", "quote", "coder"],
        )
    )


def test_evidence_and_comparison_are_of_one_coder():
    meeting = coded_twice()
    for asked in (lambda: meeting.evidence("A"), lambda: cam.compare(meeting, "A", "B")):
        with pytest.raises(ValueError, match=r"\(A\); choose with select\(coder=…\), one of"):
            asked()
    assert meeting.evidence("B")[0].coder == "Ana"  # coded once: nothing to choose
    ana, ben = meeting.select(coder="Ana"), meeting.select(coder="Ben")
    assert [q.quote for q in ben.evidence("A")] == ["the tax"]
    explicit = ana.select(basis="explicit")
    assert explicit.evidence("A").frame["code"].tolist() == ["tax"]
    both = meeting.select(coder=["Ana", "Ben"]).evidence("A")
    assert both.frame["coder"].tolist() == ["Ana", "Ana", "Ben"]


def test_a_statement_without_a_stance_is_evidence_and_no_position():
    frame = pd.DataFrame({"actor": ["A", "B"], "code": "x", "stance": [None, 1], "quote": "We"})
    made = cam.Meeting(frame)
    (quotation,) = made.evidence("A")
    assert quotation.stance is None
    assert repr(made.evidence("A")) == "A: 1 statement\n  x: “We”"
    assert made.evidence("A").frame["stance"].isna().all()


def test_evidence_can_be_pickled_and_not_changed(meeting):
    evidence = meeting.evidence("Canada")
    again = pickle.loads(pickle.dumps(evidence))
    assert_frame_equal(again.frame, evidence.frame)
    for thing, name in ((evidence, "title"), (evidence[0], "quote")):
        with pytest.raises(AttributeError):
            setattr(thing, name, "")
