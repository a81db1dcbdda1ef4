"""Words found in a text: sentences, paragraphs, places of quotes, what of them is covered."""

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata._display.spans import merge_spans
from camdata.model.text import (
    Match,
    coverage,
    locate,
    match,
    nearest_passage,
    paragraph,
    sentences,
)


def refused(*arguments):
    """Return why a quote was not located: what was expected, what was found, what is nearest."""
    with pytest.raises(LookupError) as caught:
        locate(*arguments)
    expected, got, near = caught.value.args
    return expected, got, near() if callable(near) else near


def split(text, *stretch):
    return [text[start:stop] for start, stop in sentences(text, *stretch)]


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
    assert refused("tax", "A tax, a tax.", start, stop) == (expected, got, "")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("A tax, a tax.", "'tax', found on line 1 twice (start 2 and 9)"),
        ("A tax.\nNo tax.", "'tax', found on lines 1 and 2 (start 2 and 10)"),
    ],
)
def test_locate_refuses_a_quote_that_stands_twice(text, places):
    expected = "a quote that occurs once: lengthen it, or fill the columns start and stop"
    assert refused("tax", text) == (expected, places, "")


def test_locate_sees_a_quote_that_overlaps_itself():
    with pytest.raises(LookupError, match="occurs once"):
        locate("ana", "banana")


def test_locate_has_no_nearest_for_words_of_another_text():
    assert refused("qqqq", "We want a tax.") == ("words of the text", "'qqqq'", "")


URUGUAY = "Uruguay appealed for pragmatism by the States, and for definition of key terms"


@pytest.mark.parametrize("extra", [1, 0], ids=["replaced", "put in"])
def test_the_nearest_passage_is_shown_where_the_quote_parts_from_it(meeting, extra):
    line = meeting.text.count("\n", 0, meeting.text.index(URUGUAY)) + 1
    for place in range(5, len(URUGUAY)):
        quote = f"{URUGUAY[:place]}§{URUGUAY[place + extra :]}"
        expected, got, near = refused(quote, meeting.text)
        assert (expected, got[1:20]) == ("words of the text", quote[:19])
        parts = int(re.search(r"from its character (\d+) on", near)[1])
        where = int(re.search(r"the nearest passage, on line (\d+)", near)[1])
        assert (parts, where) == (place + 1, line), quote
        here = re.search(r"the quote '(.*)', from", near)[1]
        assert here.startswith("§")


def test_other_quotation_marks_are_seen(meeting):
    quote = 'the importance of defining what the States meant by "safe," "regular," and "orderly."'
    _, _, near = refused(quote, meeting.text)
    assert "goes on '…ning what the States meant by “safe,” “reg…'" in near
    assert f"from its character {quote.index(chr(34)) + 1} on" in near


@pytest.mark.parametrize(
    ("quote", "line"),
    [
        ("apoyo la peatonalizacion", 3),
        ("Grupo socialista Apoyó", 3),
        ('"es un presupuesto"', 4),
        ("casco—todo", 1),
    ],
)
def test_a_slip_of_accents_or_marks_is_found_where_it_is(quote, line):
    text = (
        "Izquierda Unida defendió la peatonalización del casco-todo.\n\n"
        "El Grupo Socialista apoyó la peatonalización.\nDijo que «es un presupuesto» mínimo."
    )
    near = nearest_passage(quote, text)
    assert near.startswith(f"the nearest passage, on line {line}, ")
    assert near.endswith("only white space, accents, capitals or marks differ")


@given(st.text(st.sampled_from("ab ."), max_size=30), st.text(st.sampled_from("ab ."), min_size=1))
def test_locate_finds_what_is_unique_and_explains_the_rest(text, quote):
    times = sum(text.startswith(quote, place) for place in range(len(text)))
    if times == 1:
        start, stop = locate(quote, text)
        assert text[start:stop] == quote
    else:
        expected, got, _ = refused(quote, text)
        assert expected.startswith("a quote that occurs once" if times else "words of the text")
        assert got


def test_a_match_is_the_passage_as_it_stands():
    text = "We want\n“a  tax”, said Perú — at once. The cafe\u0301 closed."
    for quote, passage in [
        ("we want 'a tax'", "We want\n“a  tax”"),
        ("peru - at", "Perú — at"),
        ("the café", "The cafe\u0301"),
        ("want a tax” said Peru", "want\n“a  tax”, said Perú"),
    ]:
        found = match(quote, text)
        assert (text[found.start : found.stop], found.grade != "absent") == (passage, True)
    assert match("a tax", "") == match("?", text) == Match("absent")


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5))))
def test_merged_spans_cover_the_same_and_do_not_touch(pairs):
    spans = [(start, start + length) for start, length in pairs]
    result = merge_spans(spans)
    assert {n for a, b in result for n in range(a, b)} == {n for a, b in spans for n in range(a, b)}
    edges = [edge for span in result for edge in span]
    assert edges == sorted(set(edges))


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
        ({"texts": "We want a tax."}, "needs interventions and the text"),
        (
            {"interventions": pd.DataFrame({"order": [1], "actor": ["A"], "passage": ["We"]})},
            "needs interventions and the text",
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


def test_quotes_of_a_long_text_are_found_exactly_and_mistyped():
    random = np.random.default_rng(1)
    letters = np.array(list("abcdefghilmnoprstu"))
    vocabulary = ["".join(random.choice(letters, size)) for size in random.integers(2, 10, 3_000)]
    text = " ".join(random.choice(vocabulary, 60_000))
    for start in random.integers(0, len(text) - 100, 100).tolist():
        quote = text[start : start + 90]
        assert locate(quote, text) == (start, start + 90)
        cells = list(quote)
        for place in (11, 37, 64):
            cells[place] = "z"
        found = match("".join(cells), text)
        assert found.grade == "near"
        assert abs(found.start - start) < 12
    assert match("zyx wvk qjx zzk wwq yyx kkq", text) == Match("absent")
