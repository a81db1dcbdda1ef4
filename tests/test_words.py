"""Numbers, names and choices in words."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from camdata._display.words import (
    count,
    join_names,
    lookalikes,
    nearest,
    p_words,
    short_repr,
    shorten,
    skeleton,
    with_suggestion,
)

SETTINGS = settings(deadline=None, max_examples=60)


@pytest.mark.parametrize(
    ("number", "noun", "plural", "words"),
    [
        (0, "actor", "", "0 actors"),
        (1, "actor", "", "1 actor"),
        (2, "actor", "", "2 actors"),
        (1_000, "actor", "", "1,000 actors"),
        (1, "actor was", "actors were", "1 actor was"),
        (2, "actor was", "actors were", "2 actors were"),
        (np.int64(1), "pair", "", "1 pair"),
    ],
)
def test_a_number_stands_with_its_noun(number, noun, plural, words):
    assert count(number, noun, plural) == words


@pytest.mark.parametrize(
    ("names", "most", "words"),
    [
        ([], 3, ""),
        (["a"], 3, "a"),
        (["a", "b", "c"], 3, "a, b, c"),
        (["a", "b", "c", "d"], 3, "a, b, c and 1 more"),
        (range(2_000), 2, "0, 1 and 1,998 more"),
    ],
)
def test_a_list_is_cut_after_so_many(names, most, words):
    assert join_names(names, most) == words
    assert join_names(iter(names), most) == words


@pytest.mark.parametrize(
    ("p", "words"),
    [
        (1.0, "p = 1.00"),
        (0.5, "p = 0.50"),
        (0.104, "p = 0.10"),
        (0.04321, "p = 0.04"),
        (0.005, "p = 0.01"),
        (0.00499, "p < 0.01"),
        (0.0, "p < 0.01"),
        (float("nan"), "p not defined"),
        (0.05, "p = 0.05"),
        (0.0504, "p = 0.051"),  # above the level, so that it does not round to it
        (0.054, "p = 0.054"),
        (0.055, "p = 0.06"),
    ],
)
def test_a_p_value_is_never_nothing(p, words):
    assert p_words(p) == words


@SETTINGS
@given(st.floats(0, 1))
def test_no_p_value_is_printed_as_zero(p):
    assert p_words(p) not in ("p = 0.00", "p = 0.000")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("tax", "'tax'"),
        ("it's\n", '"it\'s\\n"'),
        ("x" * 60, repr("x" * 60)),
        ("x" * 61, repr("x" * 59 + "…")),
        (1.5, "'1.5'"),
    ],
)
def test_a_value_is_shortened_as_it_would_be_typed(value, words):
    assert shorten(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (7, "7"),
        ("tax", "'tax'"),
        (None, "None"),
        ([1, 2], "[1, 2]"),
        (list(range(100)), "a list"),
        (np.zeros((9, 9)), "a ndarray"),
        ("x" * 100, repr("x" * 59 + "…")),
    ],
)
def test_what_takes_too_long_to_show_is_named_by_its_kind(value, words):
    assert short_repr(value) == words


OPTIONS = ["jaccard", "dice", "cosine", "Costa Rica"]


@pytest.mark.parametrize(
    ("value", "near"),
    [
        ("jacard", "jaccard"),
        ("JACCARD", "jaccard"),
        (" dice ", "dice"),
        ("costa rica", "Costa Rica"),
        ("nothing like it", ""),
        ("", ""),
    ],
)
def test_the_nearest_option_is_named_where_one_is_near(value, near):
    assert nearest(value, OPTIONS) == near
    words = with_suggestion(value, OPTIONS)
    assert words.startswith(f"{value!r} (did you mean {near!r}?" if near else repr(value))


def test_the_nearest_is_found_among_very_many_and_very_long_options():
    options = [f"code number {i}" for i in range(30_000)] + ["x" * 100_000]
    assert nearest("code number 1777", options[:1_000]) in options
    assert nearest("Code Number 29999", options) == "code number 29999"
    assert nearest("y" * 100_000, options) == ""


def test_names_that_look_alike_are_spelled_out():
    latin, cyrillic = "Peru", "P\N{CYRILLIC SMALL LETTER IE}ru"
    words = with_suggestion(cyrillic, [latin])
    assert "did you mean 'Peru'?" in words
    assert ascii(cyrillic) in words


@pytest.mark.parametrize(
    "twin",
    [
        "Per\N{LATIN SMALL LETTER U WITH ACUTE}",
        "Peru\N{COMBINING ACUTE ACCENT}",
        "\N{CYRILLIC CAPITAL LETTER ER}er\N{LATIN SMALL LETTER U WITH ACUTE}",
        "Per\N{LATIN SMALL LETTER U WITH ACUTE}\N{ZERO WIDTH SPACE}",
        "\N{NO-BREAK SPACE}Per\N{LATIN SMALL LETTER U WITH ACUTE}",
    ],
)
def test_twins_have_one_look(twin):
    assert skeleton(twin) == "Per\N{LATIN SMALL LETTER U WITH ACUTE}"
    plain = "Per\N{LATIN SMALL LETTER U WITH ACUTE}"
    expected = [] if twin == plain else [[plain, twin]]
    assert lookalikes([plain, "Chile", twin, plain]) == expected


@SETTINGS
@given(st.lists(st.text("aAеА \u00a0", max_size=4), max_size=8))
def test_lookalikes_are_different_names_of_one_look(names):
    groups = lookalikes(names)
    for group in groups:
        assert len(set(group)) == len(group) > 1
        assert len({skeleton(name) for name in group}) == 1
    grouped = {name for group in groups for name in group}
    alone = set(names) - grouped
    assert len({skeleton(name) for name in alone}) == len(alone)
