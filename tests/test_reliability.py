"""Several coders: alpha and kappa by a second route, units, intervals, disagreements, errors."""

import sys
from fractions import Fraction
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from sklearn.metrics import cohen_kappa_score

import camdata as cam

# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", sections A and B
MEG = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
OWEN = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
BEN = list("aabbdcccedda")
GERRY = list("babbbccceddd")


def coding(coder, cells, **columns):
    """Return the statements of one coder from (actor, code) or (actor, code, stance)."""
    rows = [(*cell, 1)[:3] for cell in cells]
    return pd.DataFrame(rows, columns=["actor", "code", "stance"]).assign(coder=coder, **columns)


def book(*codes, **columns):
    return pd.DataFrame({"code": list(codes), **columns})


def rate(coder, values, code="x"):
    """Return one statement for each actor, its stance saying the value."""
    return coding(coder, [(f"unit {i}", code, value) for i, value in enumerate(values)])


def coincidence_alpha(columns):
    """Compute nominal alpha in fractions: `columns` holds the values of each unit."""
    total, seen = {}, set()
    for values in columns:
        for a, b in permutations(range(len(values)), 2):
            pair = values[a], values[b]
            total[pair] = total.get(pair, Fraction(0)) + Fraction(1, len(values) - 1)
            seen |= {pair[0]}
    margin = {v: sum((n for (a, _), n in total.items() if a == v), Fraction(0)) for v in seen}
    number = sum(margin.values())
    observed = sum(n for (a, b), n in total.items() if a != b)
    expected = sum(margin[a] * margin[b] for a in seen for b in seen if a != b)
    return None if expected == 0 else 1 - (number - 1) * Fraction(observed) / expected


def values_by_unit(statements, codes, coders):
    """List what each coder recorded on each unit, by loops over the definition of a unit."""
    held = {}
    for row in statements.itertuples():
        held.setdefault((row.actor, row.code, row.coder), set()).add(int(row.stance))
    actors = statements["actor"].unique()
    return {
        (actor, code): [frozenset(held.get((actor, code, who), ())) for who in coders]
        for actor in actors
        for code in codes
    }


TWO = pd.concat(
    [
        coding("Ana", [("A", "tax"), ("A", "quota"), ("B", "tax"), ("C", "quota")]),
        coding("Ben", [("A", "tax"), ("B", "tax"), ("C", "quota")]),
    ]
)


# numbers


@pytest.mark.parametrize(
    ("first", "second", "published"), [(MEG, OWEN, 0.095), (BEN, GERRY, 0.692)]
)
def test_published_alpha(first, second, published):
    level = {value: i + 1 for i, value in enumerate(sorted({*first, *second}))}
    both = pd.concat([rate("1", map(level.get, first)), rate("2", map(level.get, second))])
    result = cam.reliability(both, book("x"), n=1)
    assert result.overall["units"].item() == len(first)
    assert result.alpha == pytest.approx(published, abs=5e-4)


def test_small_case_by_hand():
    # six units, one of them not alike; Ana records four of them, Ben three
    result = cam.reliability(TWO, book("tax", "quota"), n=20)
    assert result.alpha == pytest.approx(float(1 - Fraction(11 * 1, 5 * 7)))
    assert result.percent == pytest.approx(5 / 6)
    assert result.kappa == pytest.approx(2 / 3)
    assert result.coders == ("Ana", "Ben")
    assert result.n_actors == 3
    expected = pd.DataFrame(
        {
            "units": [3, 3],
            "alpha": [1.0, float(1 - Fraction(5 * 1, 3 * 3))],
            "percent": [1.0, 2 / 3],
            "kappa": [1.0, 2 / 5],
        },
        index=pd.Index(["tax", "quota"], name="code"),
    )
    assert_frame_equal(result.by_code[list(expected)], expected)


cells = st.dictionaries(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from("xyz")),
    st.sampled_from([(1,), (-1,), (1, -1)]),
    min_size=1,
)


def codings(*recorded):
    """Return the statements of coders 0, 1, … from the stances that each records in its cells."""
    return pd.concat(
        coding(f"coder {i}", [(*cell, stance) for cell in own for stance in own[cell]])
        for i, own in enumerate(recorded)
    )


@given(st.lists(cells, min_size=2, max_size=4))
@settings(max_examples=50, deadline=None)
def test_alpha_and_percent_by_a_second_route(recorded):
    statements = codings(*recorded)
    result = cam.reliability(statements, book(*"xyz"), n=2)
    units = values_by_unit(statements, "xyz", result.coders)
    alpha = coincidence_alpha(units.values())
    expected = float("nan") if alpha is None else float(alpha)
    assert result.overall["units"].item() == len(units)
    assert result.alpha == pytest.approx(expected, nan_ok=True)
    assert result.percent == pytest.approx(np.mean([len(set(v)) == 1 for v in units.values()]))
    differ = {unit for unit, values in units.items() if len(set(values)) > 1}
    rows = result.disagreements
    assert set(zip(rows["actor"], rows["code"], strict=True)) == differ


@given(cells, cells)
@settings(max_examples=50, deadline=None)
def test_kappa_against_scikit_learn(first, second):
    statements = codings(first, second)
    result = cam.reliability(statements, book(*"xyz"), n=1)
    units = values_by_unit(statements, "xyz", result.coders).values()
    a, b = ([str(sorted(values[i])) for values in units] for i in (0, 1))
    if len({*a, *b}) == 1:
        assert np.isnan(result.kappa)
    else:
        assert result.kappa == pytest.approx(cohen_kappa_score(a, b))


def test_perfect_agreement():
    same = pd.concat([TWO[TWO["coder"] == "Ana"].assign(coder=who) for who in ("Ana", "Ben")])
    result = cam.reliability(same, book("tax", "quota"), n=20)
    assert (result.alpha, result.percent, result.kappa) == (1, 1, 1)
    assert result.interval == (1, 1)
    assert result.disagreements.empty


def test_alpha_is_missing_where_one_value_only_is_used():
    first = coding("Ana", [("A", "tax"), ("B", "tax"), ("A", "quota")])
    both = pd.concat([first, first.assign(coder="Ben")])
    result = cam.reliability(both, book("tax", "quota", "unused"), n=20)
    for code in ("tax", "unused"):
        row = result.by_code.loc[code]
        assert row[["alpha", "low", "high", "kappa"]].isna().all()
        assert row["percent"] == 1
    assert result.by_code.loc["quota", "alpha"] == 1


# units


def test_a_unit_is_an_actor_and_a_code_of_the_codebook():
    codebook = book("tax", "quota", "unused", "unused too")
    result = cam.reliability(TWO, codebook, n=1)
    assert result.overall["units"].item() == 3 * 4
    assert result.by_code["units"].to_dict() == dict.fromkeys(codebook["code"], 3)
    # absence on codes that nobody used counts as agreement
    assert result.percent == pytest.approx(11 / 12)


def test_actors_on_whom_all_are_silent_are_left_out():
    # D is coded by a third coder only, who is not compared
    table = pd.concat([TWO, coding("Cleo", [("D", "tax"), ("A", "tax")])])
    result = cam.reliability(table, book("tax", "quota"), coder=["Ana", "Ben"], n=1)
    assert result.n_actors == 3
    assert result.overall["units"].item() == 6
    assert cam.reliability(table, book("tax", "quota"), n=1).n_actors == 4


def test_only_documents_that_all_coders_coded():
    alone = coding("Ana", [("A", "tax"), ("Z", "quota")], document="alone")
    table = pd.concat([TWO.assign(document="shared"), alone])
    result = cam.reliability(table, book("tax", "quota"), n=20)
    assert repr(result) == repr(cam.reliability(TWO, book("tax", "quota"), n=20))
    assert "document" not in result.disagreements


@pytest.mark.parametrize("names", [("one", "two"), (1, 2)], ids=["text", "numbers"])
def test_units_of_several_documents(names):
    # the actors of a document are those recorded there; A is recorded in both
    table = pd.concat(
        [
            TWO.assign(document=names[0]),
            coding("Ana", [("A", "tax"), ("D", "tax")], document=names[1]),
            coding("Ben", [("A", "quota"), ("D", "tax")], document=names[1]),
        ]
    )
    result = cam.reliability(table, book("tax", "quota"), n=1)
    assert result.overall["units"].item() == (3 + 2) * 2
    assert result.n_actors == 4
    found = result.disagreements[["document", "actor", "code"]].to_numpy().tolist()
    assert found == [
        [names[0], "A", "quota"],
        [names[1], "A", "tax"],
        [names[1], "A", "quota"],
    ]


def test_values_of_a_unit():
    table = pd.concat(
        [
            coding("Ana", [("A", "x", 1), ("A", "x", -1), ("B", "x", -1), ("C", "x", 1)]),
            coding("Ben", [("A", "x", 1), ("B", "x", 1), ("C", "x", 1), ("D", "x", -1)]),
        ]
    )
    rows = cam.reliability(table, book("x"), n=1).disagreements.set_index("actor")
    assert rows["value Ana"].to_dict() == {"A": "both", "B": "opposes", "D": "absent"}
    assert rows["value Ben"].to_dict() == {"A": "supports", "B": "supports", "D": "opposes"}


def test_levels_of_an_ordinal_scale():
    table = pd.concat([rate("Ana", [3, 0, -2]), rate("Ben", [3, 2, -2])])
    rows = cam.reliability(table, book("x"), n=1).disagreements
    assert rows[["value Ana", "value Ben"]].to_numpy().tolist() == [["+0", "+2"]]


def test_repeated_statements_count_once():
    repeated = pd.concat([TWO, TWO[TWO["coder"] == "Ana"]])
    result = cam.reliability(repeated, book("tax", "quota"), n=20)
    assert repr(result) == repr(cam.reliability(TWO, book("tax", "quota"), n=20))


def test_stance_is_support_where_there_is_none():
    result = cam.reliability(TWO.drop(columns="stance"), book("tax", "quota"), n=20)
    assert repr(result) == repr(cam.reliability(TWO, book("tax", "quota"), n=20))
    assert set(result.disagreements["value Ana"]) == {"supports"}


# a realistic case: the bundled coding, and another one of the same report


@pytest.fixture(scope="module")
def meeting():
    return cam.load_meeting()


@pytest.fixture(scope="module")
def second(meeting):
    """The bundled coding with a tenth of its statements dropped, a few recoded and one turned."""
    table = meeting.statements.assign(coder="second")
    table["statement"] = "second " + table["statement"]
    table = table.drop(index=table.index[::10]).reset_index(drop=True)
    table.loc[table["code"] == "rights_matter", "code"] = "rights_in_compact"
    table.loc[table["actor"] == "Peru", "code"] = "compact_wording"
    table.loc[table["actor"] == "Mexico", "stance"] = -1
    return table


@pytest.fixture(scope="module")
def coded_twice(meeting, second):
    both = pd.concat([meeting.statements, second], ignore_index=True)
    return meeting.replace(statements=both)


@pytest.fixture(scope="module")
def result(coded_twice):
    return cam.reliability(coded_twice.statements, coded_twice.codebook, n=300, seed=1)


def test_bundled_meeting_alone(meeting):
    with pytest.raises(ValueError, match=r"at least two coders.*camdata"):
        cam.reliability(meeting.statements, meeting.codebook)


def test_bundled_meeting_with_a_second_coding(coded_twice, result):
    units = values_by_unit(coded_twice.statements, coded_twice.codebook["code"], result.coders)
    assert result.coders == ("camdata", "second")
    assert result.n_actors == coded_twice.statements["actor"].nunique()
    assert result.overall["units"].item() == len(units)
    assert result.alpha == pytest.approx(float(coincidence_alpha(units.values())))
    assert result.kappa == pytest.approx(
        cohen_kappa_score(*zip(*[map(str, values) for values in units.values()], strict=True))
    )
    rows = result.disagreements
    assert len(rows) == sum(a != b for a, b in units.values())
    turned = rows[rows["actor"] == "Mexico"].iloc[0]
    assert (turned["value camdata"], turned["value second"]) == ("supports", "opposes")


def test_dimensions_and_codes_part_the_units(coded_twice, result):
    codebook = coded_twice.codebook
    assert result.by_code.index.tolist() == codebook["code"].tolist()
    assert result.by_dimension.index.tolist() == codebook["dimension"].unique().tolist()
    units = result.overall["units"].item()
    for table in (result.by_code, result.by_dimension):
        assert table["units"].sum() == units
        assert (table["percent"] * table["units"]).sum() == pytest.approx(result.percent * units)
    for dimension, codes in codebook.groupby("dimension")["code"]:
        inside = values_by_unit(coded_twice.statements, codes, result.coders)
        alpha = float(coincidence_alpha(inside.values()))
        assert result.by_dimension.loc[dimension, "alpha"] == pytest.approx(alpha)


def test_without_dimensions_none_are_reported(coded_twice):
    result = cam.reliability(coded_twice.statements, coded_twice.codebook[["code"]], n=1)
    assert result.by_dimension.empty
    assert list(result.by_dimension) == list(result.by_code)


def test_interval_holds_alpha_and_is_no_point(result):
    low, high = result.interval
    assert low < result.alpha < high
    tables = pd.concat([result.by_dimension, result.by_code]).dropna()
    assert (tables["low"] <= tables["high"]).all()


def test_interval_draws_actors():
    # within an actor both coders agree on everything or on nothing, so that resamples of two
    # actors reach 1 and below; a resample of cells would not be so wide
    table = pd.concat(
        [coding("Ana", [("A", "x"), ("B", "x")]), coding("Ben", [("A", "x"), ("B", "y")])]
    )
    result = cam.reliability(table, book("x", "y"), n=400)
    twice_a = coincidence_alpha([(1, 1), (0, 0)] * 2)
    twice_b = coincidence_alpha([(1, 0), (0, 1)] * 2)
    assert result.interval == (pytest.approx(float(twice_b)), pytest.approx(float(twice_a)))


def test_same_seed_same_interval(coded_twice):
    def interval(seed):
        return cam.reliability(
            coded_twice.statements, coded_twice.codebook, n=50, seed=seed
        ).overall

    assert_frame_equal(interval(3), interval(3))
    assert not interval(3).equals(interval(4))


def test_order_of_rows_changes_no_number(coded_twice, result):
    shuffled = coded_twice.statements.sample(frac=1, random_state=5)
    again = cam.reliability(shuffled, coded_twice.codebook, coder=list(result.coders), n=1, seed=1)
    columns = ["units", "alpha", "percent", "kappa"]
    for name in ("overall", "by_dimension", "by_code"):
        assert_frame_equal(getattr(again, name)[columns], getattr(result, name)[columns])


def test_order_of_rows_changes_no_interval(coded_twice, result):
    shuffled = coded_twice.statements.sample(frac=1, random_state=5)
    again = cam.reliability(
        shuffled, coded_twice.codebook, coder=list(result.coders), n=300, seed=1
    )
    assert again.interval == pytest.approx(result.interval)


def test_disagreements_hold_both_quotes(coded_twice, result):
    statements = coded_twice.statements
    for row in result.disagreements.to_dict("records"):
        for who in result.coders:
            own = statements.query(
                "actor == @row['actor'] and code == @row['code'] and coder == @who"
            )
            assert row[f"quote {who}"] == " / ".join(own["quote"])
            assert (row[f"value {who}"] == "absent") == own.empty


def test_without_quotes_they_are_empty(coded_twice):
    bare = coded_twice.statements.drop(columns="quote")
    rows = cam.reliability(bare, coded_twice.codebook, n=1).disagreements
    assert len(rows)
    assert (rows[["quote camdata", "quote second"]] == "").all(axis=None)


def test_three_coders(coded_twice):
    first = coded_twice.statements
    third = first[first["coder"] == "camdata"].iloc[3:].assign(coder="third")
    both = pd.concat([first, third])
    result = cam.reliability(both, coded_twice.codebook, n=20)
    units = values_by_unit(both, coded_twice.codebook["code"], result.coders)
    assert result.coders == ("camdata", "second", "third")
    assert np.isnan(result.kappa)
    assert result.by_code["kappa"].isna().all()
    assert "kappa" not in result.summary
    assert result.alpha == pytest.approx(float(coincidence_alpha(units.values())))
    assert result.percent == pytest.approx(np.mean([len(set(v)) == 1 for v in units.values()]))
    kinds = {"value camdata", "value second", "value third"}
    assert kinds <= set(result.disagreements)


def test_summary_in_words(result):
    low, high = result.interval
    for part in (
        "camdata, second",
        f"{result.overall['units'].item()} units",
        f"{result.n_actors} actors",
        f"alpha {result.alpha:.2f}",
        f"({low:.2f} to {high:.2f}",
        f"kappa {result.kappa:.2f}",
        f"{result.percent:.0%} agreement",
        f"{len(result.disagreements)} disagreements",
    ):
        assert part in result.summary
    assert repr(result) == result.summary


def test_inputs_stay_as_they_are(coded_twice):
    statements, codebook = coded_twice.statements, coded_twice.codebook
    before = statements.copy(), codebook.copy()
    cam.reliability(statements, codebook, n=1)
    assert_frame_equal(statements, before[0])
    assert_frame_equal(codebook, before[1])


# errors


@pytest.mark.parametrize(
    ("statements", "codebook", "coder", "message"),
    [
        (TWO[TWO["coder"] == "Ana"], book("tax", "quota"), None, "two coders.*have Ana"),
        (TWO.assign(coder=None), book("tax", "quota"), None, "two coders"),
        (TWO, book("tax", "quota"), "Ana", "two coders"),
        (TWO, book("tax", "quota"), ["Ana", "Bem"], "'Bem'.*did you mean 'Ben'"),
        (TWO.drop(columns="coder"), book("tax", "quota"), None, "statements need.*coder"),
        (TWO.drop(columns=["actor", "code"]), book("tax"), None, "statements need.*actor, code"),
        (TWO, book("tax").rename(columns={"code": "name"}), None, "codebook need.*code"),
        (TWO, book("tax"), None, "not in the codebook.*quota"),
    ],
    ids=[
        "one coder",
        "no coder",
        "one chosen",
        "unknown coder",
        "no column coder",
        "no columns actor and code",
        "codebook without codes",
        "unknown code",
    ],
)
def test_errors(statements, codebook, coder, message):
    with pytest.raises(ValueError, match=message):
        cam.reliability(statements, codebook, coder=coder)


def test_no_common_document():
    table = TWO.assign(document=TWO["coder"].map({"Ana": "one", "Ben": "two"}))
    with pytest.raises(ValueError, match="no document that all of Ana, Ben"):
        cam.reliability(table, book("tax", "quota"))


def test_without_krippendorff_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "krippendorff", None)
    with pytest.raises(ImportError, match=r"camdata\[reliability\]"):
        cam.reliability(TWO, book("tax", "quota"), n=1)


def test_one_chosen_coder_is_told_who_else_there_is():
    with pytest.raises(ValueError, match=r"only Ana was chosen out of Ana, Ben\.$"):
        cam.reliability(TWO, book("tax", "quota"), coder="Ana")
