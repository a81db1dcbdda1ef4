"""Arguments are checked in one voice."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from camdata._display.checks import (
    as_list,
    check_choice,
    check_count,
    check_number,
    check_path,
    check_seed,
    check_share,
    import_optional,
    seed_number,
)

INF, NAN = float("inf"), float("nan")
NUMBERS = [3, np.int8(3), np.uint64(3), np.int64(3)]
NO_NUMBERS = [True, np.True_, "3", b"3", None, [3], np.array(3), np.array([3]), pd.Series([3])]


# choices


def test_a_choice_is_one_of_its_options():
    check_choice("by", "code", ("dimension", "code"))
    check_choice("normalization", None, (None, "average"))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("cod", r"'cod' \(did you mean 'code'\?\)"),
        ("CODE", r"'CODE' \(did you mean 'code'\?\)"),
        ("x" * 99, r"'x{59}…'"),
        (None, "None"),
        (1, "1"),
        (["code"], r"\['code'\]"),
        (pd.DataFrame({"a": range(99)}), "a DataFrame"),
    ],
)
def test_what_is_no_option_is_refused_with_the_nearest(value, words):
    message = rf"The value for `by` must be one of \['dimension', 'code'\], but {words} was passed"
    with pytest.raises(ValueError, match=message):
        check_choice("by", value, ("dimension", "code"))


def test_a_number_is_not_the_truth_value_that_equals_it():
    with pytest.raises(ValueError, match="but True was passed"):
        check_choice("level", True, (1, 0))


@pytest.mark.parametrize("chosen", ["Ana", ["Ana"], ("Ana",), iter(["Ana"]), pd.Series(["Ana"])])
def test_one_name_or_several_are_a_list(chosen):
    assert as_list("actors", chosen, ["Beto", "Ana"]) == ["Ana"]


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ("ana", r"'ana' \(did you mean 'Ana'\?\)"),
        (["Ana", "Zoe"], "'Zoe'"),
        ([], "nothing"),
    ],
)
def test_unknown_names_are_refused(chosen, words):
    message = rf"`actors` must be among \['Beto', 'Ana'\], but {words} was passed"
    with pytest.raises(ValueError, match=message):
        as_list("actors", chosen, ["Beto", "Ana"])


@pytest.mark.parametrize(
    "chosen", [None, 3, b"Ana", [3], ["Ana", None], {3: "Ana"}, pd.DataFrame({"Ana": [1]})]
)
def test_what_is_no_name_is_refused(chosen):
    with pytest.raises(TypeError, match="`actors` must "):
        as_list("actors", chosen, ["Beto", "Ana"])


# numbers


@pytest.mark.parametrize("value", NUMBERS)
def test_whole_numbers_of_any_kind_are_counts(value):
    assert check_count("n", value) == 3
    assert type(check_count("n", value)) is int


@pytest.mark.parametrize("value", [*NO_NUMBERS, 3.0, np.float64(3), Fraction(3)])
def test_what_is_no_whole_number_is_no_count(value):
    with pytest.raises(TypeError, match=r"`n` must be a whole number, but .* was passed"):
        check_count("n", value)


@pytest.mark.parametrize(("value", "least"), [(0, 1), (-1, 1), (1, 2), (-1, 0)])
def test_too_small_a_count_is_refused(value, least):
    with pytest.raises(ValueError, match=f"`n` must be at least {least}, but {value} was passed"):
        check_count("n", value, least)


@pytest.mark.parametrize("value", [2**31, 10**5_000], ids=["large", "huge"])
def test_a_count_is_not_too_large_unless_it_may_be(value):
    with pytest.raises(ValueError, match=r"`n` must be at most 2,147,483,647, but .* was passed"):
        check_count("n", value)
    assert check_count("n", value, most=None) == value


def test_numbers_of_thousands_of_digits_are_refused_in_one_line():
    with pytest.raises(ValueError, match=r"`n` must be at least 1, but .* was passed") as caught:
        check_count("n", -(10**5_000))
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("value", [*NUMBERS, 3.0, np.float32(3), Fraction(3)])
def test_numbers_of_any_kind_are_numbers(value):
    assert check_number("threshold", value) == 3.0
    assert type(check_number("threshold", value)) is float


@pytest.mark.parametrize("value", [*NO_NUMBERS, 3j, pd.Timestamp("2020-01-01")])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(TypeError, match=r"`threshold` must be a number, but .* was passed"):
        check_number("threshold", value)


@pytest.mark.parametrize("value", [INF, -INF, NAN, np.float64("nan"), 10**400], ids=repr)
def test_a_number_is_finite(value):
    with pytest.raises(ValueError, match=r"`threshold` must be a (finite|smaller) number"):
        check_number("threshold", value)


@pytest.mark.parametrize("value", [0, 1, 0.5, np.float64(0.5)])
def test_a_share_lies_from_0_to_1(value):
    assert check_share("alpha", value) == float(value)


@pytest.mark.parametrize("value", [-0.01, 1.01, 5])
def test_what_lies_outside_is_no_share(value):
    with pytest.raises(ValueError, match=f"`alpha` must be a number from 0 to 1, but {value} was"):
        check_share("alpha", value)


@pytest.mark.parametrize("value", [0, 1, -1])
def test_open_ends_are_left_out(value):
    assert check_share("alpha", 0.5, open_ended=True) == 0.5
    with pytest.raises(ValueError, match="`alpha` must be a number between 0 and 1, but"):
        check_share("alpha", value, open_ended=True)


# seeds


@pytest.mark.parametrize("seed", NUMBERS)
def test_whole_numbers_of_any_kind_are_seeds(seed):
    assert check_seed(seed).random() == np.random.default_rng(3).random()
    assert seed_number(seed) == 3


def test_a_generator_is_taken_as_it_is():
    generator = np.random.default_rng(3)
    assert check_seed(generator) is generator
    first, second = seed_number(generator), seed_number(generator)
    assert first != second
    assert first == int(np.random.default_rng(3).integers(2**63))


@pytest.mark.parametrize("check", [check_seed, seed_number])
@pytest.mark.parametrize("seed", [*NO_NUMBERS, 1.5, "a"])
def test_what_is_no_seed_is_refused(check, seed):
    with pytest.raises(TypeError, match="`seed` must be a whole number"):
        check(seed)


@pytest.mark.parametrize("check", [check_seed, seed_number])
def test_a_seed_is_not_negative(check):
    with pytest.raises(ValueError, match="`seed` must be at least 0, but -1 was passed"):
        check(-1)


# paths and packages


@pytest.mark.parametrize("path", ["a/b", Path("a/b")])
def test_a_path_is_a_text_or_a_path(path):
    assert check_path("folder", path) == Path("a/b")


@pytest.mark.parametrize("path", [None, 3, "", b"a", ["a"], "a\0b"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(TypeError, match="`folder` must be a path, but"):
        check_path("folder", path)


def test_a_package_that_is_not_there_is_named_with_its_extra():
    assert import_optional("json", "networks").dumps([]) == "[]"
    with pytest.raises(ImportError, match=r"needs no_such_thing.*install 'camdata\[networks\]'"):
        import_optional("no_such_thing", "networks")
    with pytest.raises(ImportError, match=r"needs no_such\.part"):
        import_optional("no_such.part", "networks")


def test_an_import_that_fails_inside_a_package_is_not_hidden(tmp_path, monkeypatch):
    (tmp_path / "half_there.py").write_text("import no_such_thing\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_thing'"):
        import_optional("half_there", "networks")


def test_a_type_has_its_article():
    class Agreement:
        def __repr__(self):
            return "x" * 99

    with pytest.raises(TypeError, match="`path` must be a path, but an Agreement was passed"):
        check_path("path", Agreement())
