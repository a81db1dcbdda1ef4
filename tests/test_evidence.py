"""Words behind the cells: sentences, places of quotes, coverage, evidence and comparison."""

import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata.evidence import Evidence, coverage, locate, marked, merged, paragraph, sentences

NASTY = "<script>alert('x')</script> & \"quotes\" <b>bold</b>"


@pytest.fixture(scope="module")
def meeting():
    return cam.load_meeting()


def split(text, *stretch):
    return [text[start:stop] for start, stop in sentences(text, *stretch)]


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


# sentences


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("Who? We! So… Yes.", ["Who?", "We!", "So…", "Yes."]),
        ("Mr. Calderón spoke. Ms. Duran did not.", ["Mr. Calderón spoke.", "Ms. Duran did not."]),
        ("Met by J. Livieres. He left.", ["Met by J. Livieres.", "He left."]),
        ("Sectors, e.g. Fishing, grew.", ["Sectors, e.g. Fishing, grew."]),
        ("It was 25% of all. 25% is a lot.", ["It was 25% of all.", "25% is a lot."]),
        ("It rose by 2.5% in 2017. Then it fell.", ["It rose by 2.5% in 2017.", "Then it fell."]),
        ("See www.oas.org today. Then go.", ["See www.oas.org today.", "Then go."]),
        (
            "They meant “safe,” “regular,” and “orderly.” Then Peru spoke.",
            ["They meant “safe,” “regular,” and “orderly.”", "Then Peru spoke."],
        ),
        ("He said “orderly.” and left.", ["He said “orderly.” and left."]),
        ("(It was late.) “So it was.” Yes.", ["(It was late.)", "“So it was.”", "Yes."]),
        ("¿Quién? ¡Nosotros! Sí.", ["¿Quién?", "¡Nosotros!", "Sí."]),
        ("Two  spaces.  Then three.   End.", ["Two  spaces.", "Then three.", "End."]),
        ("A heading\n\nA sentence.", ["A heading", "A sentence."]),
        ("The countries\nneeded to agree.", ["The countries\nneeded to agree."]),
        ("They met “safe,”\nand left. Late.", ["They met “safe,”\nand left.", "Late."]),
        ("Sectors, e.g.\nfishing, grew.", ["Sectors, e.g.\nfishing, grew."]),
        ("One.\nTwo.", ["One.", "Two."]),
        ("no end", ["no end"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_sentences(text, expected):
    assert split(text) == expected


def test_sentences_of_a_stretch_stay_inside_it():
    text = "One. Two. Three."
    assert split(text, 5) == ["Two.", "Three."]
    assert split(text, 5, 9) == ["Two."]
    assert split(text, 6, 12) == ["wo.", "Th"]
    assert sentences(text, 5, 9) == [(5, 9)]


def test_sentences_of_the_report_begin_and_end_as_sentences_do(meeting):
    for passage in meeting.interventions["passage"]:
        for sentence in split(passage):
            assert sentence[0].isupper() or sentence[0] in "“0123456789", sentence
            assert sentence[-1] in ".”", sentence


PROSE = st.text(st.sampled_from("abcABC é1 .,!?…\n“”()'’%–") | st.characters(codec="utf-8"))


@given(PROSE)
def test_sentences_are_ordered_disjoint_and_lose_no_letter(text):
    spans = sentences(text)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(start < stop for start, stop in spans)
    covered = {place for start, stop in spans for place in range(start, stop)}
    assert {n for n, character in enumerate(text) if not character.isspace()} <= covered
    assert all(text[start:stop] == text[start:stop].strip() for start, stop in spans)


@given(PROSE, st.data())
def test_sentences_of_any_stretch_lose_no_letter_of_it(text, data):
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, len(text)))
    spans = sentences(text, start, stop)
    covered = {place for a, b in spans for place in range(a, b)}
    letters = {n for n in range(start, stop) if not text[n].isspace()}
    assert letters <= covered <= set(range(start, stop))


def test_a_paragraph_is_the_lines_around_a_span():
    text = "One.\n  Two, three. \nFour."
    at = text.index("three")
    start, stop = paragraph(text, (at, at + 5))
    assert text[start:stop] == "Two, three."
    assert paragraph(text, (0, 3)) == (0, 4)
    assert text[slice(*paragraph(text, (text.index("Four"), len(text))))] == "Four."
    start, stop = paragraph(text, (0, at))
    assert text[start:stop] == "One.\n  Two, three."


# where quotes stand


def test_locate_finds_a_unique_quote():
    assert locate("tax", "A tax.") == (2, 5)


def test_locate_takes_offsets_for_a_quote_that_is_not_unique():
    text = "A tax, a tax."
    assert locate("tax", text, 9, 12) == (9, 12)
    assert locate("tax", text, 9) == (9, 12)
    assert locate("tax", text, stop=12) == (9, 12)
    assert locate("tax", text, 2) == (2, 5)


@pytest.mark.parametrize(
    ("start", "stop", "expected", "got"),
    [
        (8, None, "'tax' at 8", "' ta' there"),
        (9, 13, "'tax' at 9", "'tax.' there"),
        (None, 6, "'tax' at 3", "'ax,' there"),
        (99, None, "'tax' at 99", "'' there"),
    ],
)
def test_locate_says_what_stands_where_the_quote_should(start, stop, expected, got):
    with pytest.raises(LookupError) as caught:
        locate("tax", "A tax, a tax.", start, stop)
    assert caught.value.args == (expected, got)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("A tax, a tax.", "'tax', found on line 1 twice (start 2 and 9)"),
        ("A tax.\nNo tax.", "'tax', found on lines 1 and 2 (start 2 and 10)"),
    ],
)
def test_locate_refuses_a_quote_that_stands_twice(text, places):
    with pytest.raises(LookupError) as caught:
        locate("tax", text)
    assert caught.value.args == (
        "a quote that occurs once: lengthen it, or fill the columns start and stop",
        places,
    )


def test_locate_sees_a_quote_that_overlaps_itself():
    with pytest.raises(LookupError, match="occurs once"):
        locate("ana", "banana")


def test_locate_has_no_nearest_for_words_of_another_text():
    with pytest.raises(LookupError) as caught:
        locate("qqqq", "We want a tax.")
    assert caught.value.args == ("words of the text", "'qqqq'")


URUGUAY = "Uruguay appealed for pragmatism by the States, and for definition of key terms"


@pytest.mark.parametrize(
    ("change", "extra"), [("replaced", 1), ("put in", 0)], ids=["replaced", "put in"]
)
def test_locate_says_where_the_nearest_passage_parts(meeting, change, extra):
    line = meeting.text[: meeting.text.index(URUGUAY)].count("\n") + 1
    wrong = {}
    for place in range(len(URUGUAY)):
        quote = f"{URUGUAY[:place]}§{URUGUAY[place + extra :]}"
        with pytest.raises(LookupError) as caught:
            locate(quote, meeting.text)
        expected, got = caught.value.args
        parts = int(re.search(r"they part at character (\d+) of the quote", got)[1])
        where = int(re.search(r"the nearest, on line (\d+)", expected)[1])
        if (parts, where) != (place + 1, line):
            wrong[quote[:20]] = (place + 1, parts, where)
        else:
            assert URUGUAY[place : place + 3] in expected
            assert "§" in got
    assert wrong == {}


def test_locate_names_other_quotation_marks(meeting):
    quote = 'the importance of defining what the States meant by "safe," "regular," and "orderly."'
    with pytest.raises(LookupError) as caught:
        locate(quote, meeting.text)
    expected, got = caught.value.args
    assert "“safe,”" in expected
    assert '"safe,"' in got
    assert f"they part at character {quote.index(chr(34)) + 1} of" in got


@given(st.text(st.sampled_from("ab ."), max_size=30), st.text(st.sampled_from("ab ."), min_size=1))
def test_locate_finds_what_is_unique_and_explains_the_rest(text, quote):
    times = sum(text.startswith(quote, place) for place in range(len(text)))
    if times == 1:
        start, stop = locate(quote, text)
        assert text[start:stop] == quote
    else:
        with pytest.raises(LookupError) as caught:
            locate(quote, text)
        expected, got = caught.value.args
        assert expected.startswith("a quote that occurs once" if times else "words of the text")
        assert got


# coverage


def test_coverage_counts_letters_and_digits_of_each_sentence():
    text = "Abc def, 12. Ghi.\n“…”"
    interventions = pd.DataFrame(
        {"order": [1], "actor": ["A"], "document": ["t"], "start": [0], "stop": [len(text)]}
    )
    quotes = pd.DataFrame({"document": ["t"] * 3, "start": [0, 2, 14], "stop": [3, 5, 15]})
    table = coverage(interventions, quotes, {"t": text})
    assert table["text"].tolist() == ["Abc def, 12.", "Ghi.", "“…”"]
    assert table["sentence"].tolist() == [1, 2, 3]
    assert table["covered"].iloc[:2].tolist() == [4 / 8, 1 / 3]
    assert table["covered"].isna().tolist() == [False, False, True]


def naive_coverage(meeting):
    """Compute the covered share of each sentence letter by letter, from the tables' words."""
    text, inside = meeting.text, set()
    for quote in meeting.statements["quote"]:
        start = text.index(quote)
        inside.update(range(start, start + len(quote)))
    rows = []
    for order, actor, passage in meeting.interventions.itertuples(index=False):
        begin = text.index(passage)
        for number, (start, stop) in enumerate(sentences(passage), 1):
            letters = [n for n in range(begin + start, begin + stop) if text[n].isalnum()]
            share = sum(n in inside for n in letters) / len(letters)
            rows.append((order, actor, number, share, passage[start:stop], begin + start))
    return pd.DataFrame(rows, columns=["order", "actor", "sentence", "covered", "text", "start"])


def test_coverage_equals_a_naive_count(meeting):
    table, naive = meeting.coverage(), naive_coverage(meeting)
    assert_frame_equal(table[naive.columns], naive, check_dtype=False)
    assert table["covered"].between(0, 1).all()
    assert (table["covered"] == 0).any()
    assert (table["covered"] > 0.9).any()
    assert table.columns.tolist() == (
        "order actor sentence covered text document start stop".split()
    )
    assert set(table["document"]) == {"report"}


def test_coverage_has_every_word_of_every_intervention(meeting):
    table = meeting.coverage()
    said = table.groupby("order")["text"].agg(" ".join).str.split().tolist()
    assert said == meeting.interventions["passage"].str.split().tolist()
    for text, start, stop in table[["text", "start", "stop"]].itertuples(index=False):
        assert meeting.text[start:stop] == text


def test_coverage_grows_with_quotes_and_ends_at_everything(meeting):
    passages = meeting.interventions
    whole = pd.DataFrame(
        {"actor": passages["actor"], "code": "key_terms", "quote": passages["passage"]}
    )
    assert (meeting.replace(statements=whole).coverage()["covered"] == 1).all()
    part = meeting.replace(statements=meeting.statements.iloc[::2])
    assert (part.coverage()["covered"] <= meeting.coverage()["covered"]).all()


@pytest.mark.parametrize(
    ("parts", "match"),
    [
        ({"texts": "We want a tax."}, "needs the table of interventions and the text"),
        (
            {"interventions": pd.DataFrame({"order": [1], "actor": ["A"], "passage": ["We"]})},
            "needs the table of interventions and the text",
        ),
        (
            {
                "texts": "We want a tax.",
                "interventions": pd.DataFrame({"order": [1], "actor": ["A"], "passage": ["We"]}),
            },
            "the statements have no column `quote`",
        ),
    ],
    ids=["no interventions", "no text", "no quotes"],
)
def test_coverage_without_what_it_needs_is_a_clear_error(parts, match):
    made = cam.Meeting(pd.DataFrame({"actor": ["A"], "code": ["x"]}), **parts)
    with pytest.raises(ValueError, match=match):
        made.coverage()


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
        "stance": "Int8",
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
    for actor in meeting.actors["actor"]:
        evidence = meeting.evidence(actor)
        for q in evidence:
            assert meeting.text[q.start : q.stop] == q.quote
            assert meeting.text[q.offset : q.offset + len(q.passage)] == q.passage
            assert q.quote in q.passage
        starts = [q.start for q in evidence]
        assert starts == sorted(starts)


def test_evidence_of_the_dimensions_rejoins_to_all(meeting):
    dimensions = meeting.codebook["dimension"].unique()
    for actor in meeting.actors["actor"]:
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
    assert "subjects_of_law +1 by reference" in page(evidence).text
    assert "by reference" not in page(meeting.evidence("Chile", dimension="rights")).text


def test_support_recorded_elsewhere_shows_the_paragraph_around_it(meeting):
    (quotation,) = meeting.evidence("El Salvador", code="cam_facilitator")
    assert quotation.passage.startswith("With a view to coordination and harmonization")
    assert quotation.passage.endswith("the Chairs of the RCM and SACM.")


def test_evidence_marks_each_quote_in_its_passage(meeting):
    for actor in meeting.actors["actor"]:
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
    assert shown.tags == {"table", "caption", "tbody", "tr", "th", "td"}
    assert NASTY in shown.text


@given(st.text(max_size=20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20))))
def test_marking_changes_no_letter(passage, spans):
    spans = [(min(a, b), max(a, b)) for a, b in spans if max(a, b) <= len(passage) and a != b]
    html = marked(passage, spans)
    plain = passage.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    if plain == passage:  # what HTML itself cannot hold is not asked for
        shown = page(html)
        assert shown.text == passage
        assert shown.tags <= {"mark"}
        assert shown.marks == [passage[a:b] for a, b in merged(spans)]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5))))
def test_merged_spans_cover_the_same_and_do_not_touch(pairs):
    spans = [(start, start + length) for start, length in pairs]
    result = merged(spans)
    assert {n for a, b in result for n in range(a, b)} == {n for a, b in spans for n in range(a, b)}
    edges = [edge for span in result for edge in span]
    assert edges == sorted(set(edges))


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
        ({"actor": "Canda"}, r"no actor 'Canda' \(did you mean 'Canada'\?\); it has: Colombia, "),
        ({"actor": "Peru", "code": "keyterms"}, r"no code 'keyterms' \(did you mean 'key_terms'\?"),
        ({"actor": "Peru", "dimension": "Rights"}, r"no dimension 'Rights' \(did you mean 'rights"),
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


def test_compare_tells_what_is_shared_and_what_only_one_says(meeting):
    comparison = meeting.compare("Canada", "Uruguay")
    assert (comparison.a, comparison.b) == ("Canada", "Uruguay")
    assert comparison.shared == ["key_terms"]
    assert comparison.opposed == []
    assert comparison.only_a == [
        "specific_actionable",
        "modest_scope",
        "feasible_goals",
        "no_duplication",
    ]
    assert comparison.only_b == ["document_expectations", "pragmatism_appeal"]
    assert repr(comparison).splitlines()[:2] == [
        "Canada and Uruguay",
        "  recorded on both: Define the key terms",
    ]


def test_a_comparison_agrees_with_the_positions(meeting):
    positions = meeting.positions("code")
    names = positions.index.tolist()
    for a, b in zip(names, [*names[1:], names[0]], strict=True):
        comparison = meeting.compare(a, b)
        has = {name: set(positions.columns[positions.loc[name].notna()]) for name in (a, b)}
        assert set(comparison.shared) == has[a] & has[b]
        assert set(comparison.only_a) == has[a] - has[b]
        assert set(comparison.only_b) == has[b] - has[a]


def test_a_comparison_turns_round(meeting):
    one, other = meeting.compare("Chile", "Guatemala"), meeting.compare("Guatemala", "Chile")
    assert one.shared == other.shared == ["subjects_of_law"]
    assert one.only_a == other.only_b
    assert one.only_b == other.only_a


def test_the_frame_of_a_comparison_holds_stances_and_quotes(meeting):
    frame = meeting.compare("Canada", "Uruguay").frame
    assert frame.columns.tolist() == (
        "dimension code label held_by stance_a stance_b quotes_a quotes_b".split()
    )
    assert frame["code"].tolist() == [c for c in meeting.codebook["code"] if c in set(frame.code)]
    row = frame.set_index("code").loc["modest_scope"]
    assert row["held_by"] == "Canada"
    assert row["stance_a"] == 1
    assert pd.isna(row["stance_b"])
    assert row["quotes_b"] == []
    assert row["quotes_a"] == [
        "called for the Global Compact to be of modest ambition",
        "called for the Global Compact to be of modest ambition, of concrete application, and "
        "focused on closing gaps that so required",
    ]
    assert frame[["stance_a", "stance_b"]].dtypes.astype("str").tolist() == ["Int8", "Int8"]


def test_nothing_is_shared_with_an_actor_of_whom_nothing_is_recorded(meeting):
    comparison = meeting.compare("Bolivia", "Peru")
    assert (comparison.shared, comparison.only_a, comparison.only_b) == ([], [], ["key_terms"])
    assert "recorded on both: nothing" in repr(comparison)
    assert "recorded on both (0)" in page(comparison).text
    assert "Bolivia only" not in repr(comparison)


def test_opposed_stances_are_told_from_shared_ones():
    made = cam.Meeting(
        pd.DataFrame(
            {
                "actor": ["A", "B", "A", "B", "A", "B", "B"],
                "code": ["tax", "tax", "fee", "fee", "ban", "ban", "ban"],
                "stance": [1, -1, -1, -1, 1, 1, -1],
                "quote": ["yes to a tax", "no tax", "no fee", "never a fee", "ban", "ban it", "no"],
            }
        )
    )
    comparison = made.compare("A", "B")
    assert comparison.shared == ["fee"]
    assert comparison.opposed == ["tax", "ban"]
    assert "dimension" not in comparison.frame
    frame = comparison.frame.set_index("code")
    assert frame["stance_a"].to_dict() == {"tax": 1, "fee": -1, "ban": 1}
    assert frame["stance_b"].to_dict() == {"tax": -1, "fee": -1, "ban": 0}
    assert frame.at["tax", "label"] == "tax"
    shown = page(comparison).text
    assert "recorded on both, with different stances (2)" in shown
    assert "“yes to a tax”" in shown


def test_a_comparison_is_shown_side_by_side_and_escaped(nasty):
    comparison = nasty.compare(NASTY, "B & <i>")
    assert comparison.opposed == ["x"]
    assert comparison.only_a == [NASTY]
    shown = page(comparison)
    assert shown.tags == {"table", "thead", "tbody", "tr", "th", "td"}
    assert f"“{NASTY}”" in shown.text
    assert "“<script>”" in shown.text
    assert f"recorded on {NASTY} only (1)" in shown.text


def test_a_comparison_without_quotes_shows_dashes():
    made = cam.Meeting(pd.DataFrame({"actor": ["A", "B"], "code": ["tax", "tax"]}))
    comparison = made.compare("A", "B")
    assert comparison.shared == ["tax"]
    assert comparison.frame["quotes_a"].tolist() == [[]]
    assert page(comparison).text.count("–") == 2


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
        meeting.compare(*pair)


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


def test_evidence_and_comparison_are_of_one_coder_and_basis():
    meeting = coded_twice()
    for asked in (lambda: meeting.evidence("A"), lambda: meeting.compare("A", "B")):
        with pytest.raises(ValueError, match=r"\(A\); choose with coder=, one of \['Ana', 'Ben'\]"):
            asked()
    assert [q.quote for q in meeting.evidence("A", coder="Ben")] == ["the tax"]
    assert meeting.evidence("A", coder="Ana", basis="explicit").frame["code"].tolist() == ["tax"]
    assert meeting.evidence("A", coder=["Ana", "Ben"]).frame["coder"].tolist() == [
        "Ana",
        "Ana",
        "Ben",
    ]
    assert meeting.compare("A", "B", coder="Ana").only_a == ["quota"]
    assert meeting.compare("A", "B", coder="Ana", basis="explicit").only_a == []
    assert meeting.evidence("B")[0].coder == "Ana"  # coded once: nothing to choose


def test_comparison_survives_actors_of_any_name():
    rows = [("both", "x"), ("both", "y"), ("opposed", "y"), ("opposed", "z")]
    table = pd.DataFrame(rows, columns=["actor", "code"]).assign(stance=[1, 1, 1, -1])
    comparison = cam.Meeting(table).compare("both", "opposed")
    assert comparison.shared == ["y"]
    assert comparison.opposed == []
    assert comparison.only_a == ["x"]
    assert comparison.only_b == ["z"]
    assert repr(comparison).splitlines()[1:] == [
        "  recorded on both: y",
        "  recorded on both only: x",
        "  recorded on opposed only: z",
    ]
