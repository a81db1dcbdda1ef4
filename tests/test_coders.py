"""Several coders: alpha and kappa by a second route, units, intervals, disagreements, errors."""

import itertools
from fractions import Fraction
from itertools import permutations

import krippendorff
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
NUMBERS = ["units", "alpha", "low", "high", "percent", "kappa"]


def coding(coder, cells, **columns):
    """Return the statements of one coder from (actor, code) or (actor, code, stance)."""
    rows = [(*cell, 1)[:3] for cell in cells]
    return pd.DataFrame(rows, columns=["actor", "code", "stance"]).assign(coder=coder, **columns)


def coded(*tables, codes=("tax", "quota"), stances=(1, -1), **metadata):
    """Return a meeting of several codings."""
    table = pd.concat(tables, ignore_index=True)
    codebook = pd.DataFrame({"code": list(codes)})
    return cam.Meeting(table, codebook=codebook, stances=stances, metadata=metadata)


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


def everything(meeting):
    """Return statements and recodings in one table, as they were coded independently."""
    table = pd.concat([meeting.statements, meeting.recodings], ignore_index=True)
    return table[~table["statement"].isin(["s058", "s059"])]


ANA = coding("Ana", [("A", "tax"), ("A", "quota"), ("B", "tax"), ("C", "quota")])
BEN_TOO = coding("Ben", [("A", "tax"), ("B", "tax"), ("C", "quota")])


@pytest.fixture(scope="module")
def two():
    return coded(ANA, BEN_TOO)


@pytest.fixture(scope="module")
def bundled():
    return cam.load_meeting()


@pytest.fixture(scope="module")
def result(bundled):
    return cam.reliability(bundled, n_resamples=300, seed=1)


# numbers


@pytest.mark.parametrize(
    ("first", "second", "published"), [(MEG, OWEN, 0.095), (BEN, GERRY, 0.692)]
)
def test_published_alpha(first, second, published):
    level = {value: i + 1 for i, value in enumerate(sorted({*first, *second}))}
    both = [rate("1", map(level.get, first)), rate("2", map(level.get, second))]
    meeting = coded(*both, codes="x", stances=tuple(level.values()))
    found = cam.reliability(meeting, n_resamples=1)
    assert found.overall["units"].item() == len(first)
    assert found.alpha == pytest.approx(published, abs=5e-4)


def test_small_case_by_hand(two):
    # six units, one of them not alike; Ana records four of them, Ben three
    found = cam.reliability(two, n_resamples=20)
    assert found.alpha == pytest.approx(float(1 - Fraction(11 * 1, 5 * 7)))
    assert found.percent == pytest.approx(5 / 6)
    assert found.kappa == pytest.approx(2 / 3)
    assert found.coders == ("Ana", "Ben")
    assert found.n_actors == 3
    expected = pd.DataFrame(
        {
            "units": [3, 3],
            "alpha": [1.0, float(1 - Fraction(5 * 1, 3 * 3))],
            "percent": [1.0, 2 / 3],
            "kappa": [1.0, 2 / 5],
        },
        index=pd.Index(["tax", "quota"], name="code", dtype="str"),
    )
    assert_frame_equal(found.by_code[list(expected)], expected)


cells = st.dictionaries(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from("xyz")),
    st.sampled_from([(1,), (-1,), (1, -1)]),
    min_size=1,
)


def codings(*recorded):
    """Return the meeting of coders 0, 1, … from the stances that each records in its cells."""
    tables = [
        coding(f"coder {i}", [(*cell, stance) for cell in own for stance in own[cell]])
        for i, own in enumerate(recorded)
    ]
    return coded(*tables, codes="xyz")


@given(st.lists(cells, min_size=2, max_size=4))
@settings(max_examples=50, deadline=None)
def test_alpha_and_percent_by_a_second_route(recorded):
    meeting = codings(*recorded)
    found = cam.reliability(meeting, read="everything", n_resamples=2)
    units = values_by_unit(meeting.statements, "xyz", found.coders)
    alpha = coincidence_alpha(units.values())
    expected = float("nan") if alpha is None else float(alpha)
    assert found.overall["units"].item() == len(units)
    assert found.alpha == pytest.approx(expected, nan_ok=True)
    assert found.percent == pytest.approx(np.mean([len(set(v)) == 1 for v in units.values()]))
    differ = {unit for unit, values in units.items() if len(set(values)) > 1}
    rows = found.disagreements
    assert set(zip(rows["actor"], rows["code"], strict=True)) == differ


@given(cells, cells)
@settings(max_examples=50, deadline=None)
def test_kappa_against_scikit_learn(first, second):
    meeting = codings(first, second)
    found = cam.reliability(meeting, read="everything", n_resamples=1)
    units = values_by_unit(meeting.statements, "xyz", found.coders).values()
    a, b = ([str(sorted(values[i])) for values in units] for i in (0, 1))
    if len({*a, *b}) == 1:
        assert np.isnan(found.kappa)
    else:
        assert found.kappa == pytest.approx(cohen_kappa_score(a, b))


@given(st.lists(cells, min_size=2, max_size=3), st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_a_draw_of_actors_has_the_alpha_of_their_units_put_together(recorded, seed):
    meeting = codings(*recorded)
    found = cam.reliability(meeting, read="everything", n_resamples=1, seed=seed)
    units = values_by_unit(meeting.statements, "xyz", found.coders)
    actors = sorted({actor for actor, _ in units})
    drawn = np.random.default_rng(seed).integers(len(actors), size=len(actors))
    number = {}
    columns = [
        [number.setdefault(value, len(number)) for value in units[actors[i], code]]
        for i in drawn
        for code in "xyz"
    ]
    expected = float("nan")
    if len(set(itertools.chain(*columns))) > 1:
        expected = krippendorff.alpha(np.transpose(columns), level_of_measurement="nominal")
    assert found.interval == pytest.approx((expected, expected), nan_ok=True)


def test_perfect_agreement():
    found = cam.reliability(coded(ANA, ANA.assign(coder="Ben")), n_resamples=20)
    assert (found.alpha, found.percent, found.kappa) == (1, 1, 1)
    assert found.interval == (1, 1)
    assert found.disagreements.empty
    assert "100% agreement, 0 disagreements." in found.summary


def test_alpha_is_missing_where_one_value_only_is_used():
    first = coding("Ana", [("A", "tax"), ("B", "tax"), ("A", "quota")])
    meeting = coded(first, first.assign(coder="Ben"), codes=("tax", "quota", "unused"))
    found = cam.reliability(meeting, n_resamples=20)
    for code in ("tax", "unused"):
        row = found.by_code.loc[code]
        assert row[["alpha", "low", "high", "kappa"]].isna().all()
        assert row["percent"] == 1
    assert found.by_code.loc["quota", "alpha"] == 1


def test_a_coefficient_that_is_not_defined_is_said_to_be_so():
    alone = coding("Ana", [("A", "tax"), ("B", "tax")])
    found = cam.reliability(coded(alone, alone.assign(coder="Ben"), codes=["tax"]), n_resamples=2)
    assert "alpha not defined (not defined to not defined" in found.summary


# units: what every coder read


def test_a_unit_is_an_actor_and_a_code_of_the_codebook():
    codes = ["tax", "quota", "unused", "unused too"]
    found = cam.reliability(coded(ANA, BEN_TOO, codes=codes), n_resamples=1)
    assert found.overall["units"].item() == 3 * 4
    assert found.by_code["units"].to_dict() == dict.fromkeys(codes, 3)
    # absence on codes that nobody used counts as agreement
    assert found.percent == pytest.approx(11 / 12)


def test_without_a_codebook_the_codes_are_those_that_were_used():
    found = cam.reliability(cam.Meeting(pd.concat([ANA, BEN_TOO])), n_resamples=1)
    assert found.by_code.index.tolist() == ["tax", "quota"]
    assert found.by_dimension.empty
    assert found.by_kind.empty
    assert list(found.by_dimension) == list(found.by_kind) == NUMBERS


def test_actors_on_whom_all_are_silent_are_left_out():
    # D is coded by a third coder only, who is not compared
    third = coding("Cleo", [("D", "tax"), ("A", "tax")])
    meeting = coded(ANA, BEN_TOO, third)
    found = cam.reliability(meeting, coder=["Ana", "Ben"], read="everything", n_resamples=1)
    assert found.n_actors == 3
    assert found.overall["units"].item() == 6
    assert cam.reliability(meeting, read="everything", n_resamples=1).n_actors == 4


PART = ["Canada", "Paraguay", "Uruguay"]


@pytest.fixture(scope="module")
def partly(bundled):
    """The first coding, and a second of three delegations only that differs in one cell."""
    first = bundled.select(coder="camdata")
    table = first.statements
    second = table[table["actor"].isin(PART) & (table["statement"] != "s032")]
    return first, second.assign(coder="second")


def test_a_coding_of_a_part_is_compared_on_that_part(partly):
    first, second = partly
    found = cam.reliability(first.replace(recodings=second), n_resamples=20)
    # by every row that somebody coded, this was alpha 0.15 with 68 of 74 disagreements in rows
    # that the second coder never saw
    assert found.n_actors == 3
    assert found.overall["units"].item() == 3 * 17
    cells = found.disagreements[["actor", "code"]].to_numpy().tolist()
    assert cells == [["Canada", "no_duplication"]]
    assert found.alpha > 0.9
    assert "1 disagreement." in found.summary


def reading(first, read):
    """Return the data package's word on what the second coder read."""
    contributors = [*first.metadata["contributors"], {"coder": "second", "read": read}]
    return {**first.metadata, "contributors": contributors}


@pytest.mark.parametrize("door", ["data package", "argument"])
def test_what_a_coder_read_and_found_nothing_in_counts(partly, door):
    first, second = partly
    read = {"actors": [*PART, "Mexico", "Bolivia"]}
    meeting = first.replace(recodings=second)
    if door == "data package":
        meeting = meeting.replace(metadata=reading(first, read))
        found = cam.reliability(meeting, n_resamples=5)
    else:
        found = cam.reliability(meeting, read={"second": read}, n_resamples=5)
    # Mexico was read and nothing recorded: a disagreement; of Bolivia nobody records anything
    assert found.n_actors == 4
    assert found.disagreements["actor"].tolist() == ["Canada", "Mexico"]


def test_the_argument_comes_before_the_data_package(partly):
    first, second = partly
    declared = first.replace(recodings=second, metadata=reading(first, "everything"))
    assert cam.reliability(declared, n_resamples=1).n_actors == 20
    read = {"second": {"actors": PART}}
    assert cam.reliability(declared, read=read, n_resamples=1).n_actors == 3


def test_documents_that_were_read():
    first = pd.concat([ANA.assign(document="one"), ANA.assign(document="two")])
    second = BEN_TOO.assign(document="one")
    meeting = coded(first, second)
    assert cam.reliability(meeting, n_resamples=1).overall["units"].item() == 6
    read = {"Ana": "everything", "Ben": {"documents": ["one"]}}
    assert cam.reliability(meeting, read=read, n_resamples=1).overall["units"].item() == 6
    read = {"Ana": "everything", "Ben": {"documents": ["one", "two"], "actors": ["A", "B", "C"]}}
    found = cam.reliability(meeting, read=read, n_resamples=1)
    assert found.overall["units"].item() == 12
    assert found.disagreements["document"].tolist() == ["one", "two", "two", "two", "two"]


def test_only_documents_that_all_coders_coded(two):
    alone = coding("Ana", [("A", "tax"), ("Z", "quota")], document="alone")
    table = pd.concat([ANA, BEN_TOO]).assign(document="shared")
    found = cam.reliability(coded(table, alone), n_resamples=20)
    assert found.summary == cam.reliability(two, n_resamples=20).summary


def test_units_of_several_documents():
    # the actors of a document are those recorded there; A is recorded in both
    meeting = coded(
        pd.concat([ANA, BEN_TOO]).assign(document="1"),
        coding("Ana", [("A", "tax"), ("D", "tax")], document="2"),
        coding("Ben", [("A", "quota"), ("D", "tax")], document="2"),
    )
    found = cam.reliability(meeting, n_resamples=1)
    assert found.overall["units"].item() == (3 + 2) * 2
    assert found.n_actors == 4
    cells = found.disagreements[["document", "actor", "code"]].to_numpy().tolist()
    assert cells == [["1", "A", "quota"], ["2", "A", "tax"], ["2", "A", "quota"]]


def test_a_missing_stance_was_read_and_is_no_position(two):
    blank = coding("Ben", [("A", "quota", None), ("D", "tax", None)])
    found = cam.reliability(coded(ANA, BEN_TOO, blank), n_resamples=20)
    assert found.summary == cam.reliability(two, n_resamples=20).summary
    more = coded(ANA, BEN_TOO, blank, coding("Ana", [("D", "tax")]))
    assert cam.reliability(more, n_resamples=1).n_actors == 4


def test_cells_that_are_not_compared(two):
    gone = pd.DataFrame({"actor": ["A"], "code": ["quota"]})
    found = cam.reliability(two, without=gone, n_resamples=5)
    assert found.overall["units"].item() == 5
    assert found.disagreements.empty
    assert cam.reliability(two, without=gone.iloc[:0], n_resamples=5).percent < 1


def test_cells_of_one_document_that_are_not_compared():
    table = pd.concat([ANA, BEN_TOO])
    meeting = coded(table.assign(document="1"), table.assign(document="2"))
    gone = pd.DataFrame({"actor": ["A"], "code": ["quota"], "document": ["1"]})
    assert cam.reliability(meeting, without=gone).disagreements["document"].tolist() == ["2"]
    assert cam.reliability(meeting, without=gone[["actor", "code"]]).disagreements.empty


# values


def test_values_of_a_unit():
    meeting = coded(
        coding("Ana", [("A", "x", 1), ("A", "x", -1), ("B", "x", -1), ("C", "x", 1)]),
        coding("Ben", [("A", "x", 1), ("B", "x", 1), ("C", "x", 1), ("D", "x", -1)]),
        codes="x",
    )
    found = cam.reliability(meeting, read="everything", n_resamples=1)
    rows = found.disagreements.set_index("actor")
    assert rows["value Ana"].to_dict() == {"A": "both", "B": "opposes", "D": "absent"}
    assert rows["value Ben"].to_dict() == {"A": "supports", "B": "supports", "D": "opposes"}


@pytest.mark.parametrize(
    ("stances", "first", "second", "said"),
    [
        ((3, 2, 0, -2), [3, 0], [3, 2], ["0", "2"]),
        ((1, 0, -1), [1, 0], [1, -1], ["0", "opposes"]),
        # 1 is the lowest of five levels here, not support
        ((1, 2, 3, 4, 5), [1, 5], [2, 5], ["1", "2"]),
    ],
)
def test_levels_of_an_ordinal_scale(stances, first, second, said):
    meeting = coded(rate("Ana", first), rate("Ben", second), codes="x", stances=stances)
    rows = cam.reliability(meeting, n_resamples=1).disagreements
    assert rows[["value Ana", "value Ben"]].to_numpy().tolist() == [said]


def test_repeated_statements_count_once(two):
    found = cam.reliability(coded(ANA, BEN_TOO, ANA), n_resamples=20)
    assert repr(found) == repr(cam.reliability(two, n_resamples=20))


def test_stance_is_support_where_there_is_none(two):
    table = pd.concat([ANA, BEN_TOO]).drop(columns="stance")
    found = cam.reliability(coded(table), n_resamples=20)
    assert repr(found) == repr(cam.reliability(two, n_resamples=20))


def test_two_doors_statements_or_recodings(two):
    apart = cam.Meeting(ANA, codebook=two.codebook, recodings=BEN_TOO)
    found = cam.reliability(apart, n_resamples=20)
    assert_frame_equal(found.frame, cam.reliability(two, n_resamples=20).frame)


def test_statements_that_name_no_coder_are_called_statements():
    meeting = cam.Meeting(ANA.drop(columns="coder"), recodings=BEN_TOO)
    assert cam.reliability(meeting, n_resamples=1).coders == ("statements", "Ben")


# the bundled meeting, coded three times


def test_the_three_codings_of_the_bundled_meeting(bundled, result):
    units = values_by_unit(everything(bundled), bundled.codebook["code"], result.coders)
    assert result.coders == ("camdata", "definitions_only", "full_codebook")
    assert result.n_actors == 20
    assert result.overall["units"].item() == len(units) == 340
    assert result.alpha == pytest.approx(float(coincidence_alpha(units.values())))
    assert len(result.disagreements) == sum(len(set(v)) > 1 for v in units.values()) == 7
    assert np.isnan(result.kappa)
    assert "kappa" not in result.summary


def test_coders_are_also_compared_by_two(bundled, result):
    table = everything(bundled)
    expected = [("camdata", "definitions_only"), ("camdata", "full_codebook")]
    expected += [("definitions_only", "full_codebook")]
    assert result.pairs.index.tolist() == expected
    for pair, row in result.pairs.iterrows():
        units = values_by_unit(table, bundled.codebook["code"], pair).values()
        assert row["alpha"] == pytest.approx(float(coincidence_alpha(units)))
        a, b = zip(*([str(sorted(v)) for v in values] for values in units), strict=True)
        assert row["kappa"] == pytest.approx(cohen_kappa_score(a, b))
        assert f"{' and '.join(pair)} {row['alpha']:.2f}" in result.summary


def test_two_that_are_chosen_have_the_numbers_of_their_pair(bundled, result):
    chosen = ["camdata", "full_codebook"]
    alone = cam.reliability(bundled, coder=chosen, n_resamples=300, seed=1)
    assert alone.coders == tuple(chosen)
    assert alone.overall.iloc[0].to_dict() == pytest.approx(
        result.pairs.loc[tuple(chosen)].to_dict()
    )
    assert alone.pairs.iloc[0].to_dict() == alone.overall.iloc[0].to_dict()


def test_dimensions_codes_and_kinds_part_the_units(bundled, result):
    codebook = bundled.codebook
    assert result.by_code.index.tolist() == codebook["code"].tolist()
    assert result.by_dimension.index.tolist() == codebook["dimension"].unique().tolist()
    units = result.overall["units"].item()
    for table in (result.by_code, result.by_dimension, result.by_kind):
        assert table["units"].sum() == units
        assert (table["percent"] * table["units"]).sum() == pytest.approx(result.percent * units)
    for dimension, codes in codebook.groupby("dimension")["code"]:
        inside = values_by_unit(everything(bundled), codes, result.coders)
        alpha = float(coincidence_alpha(inside.values()))
        assert result.by_dimension.loc[dimension, "alpha"] == pytest.approx(alpha)


def test_kinds_of_actors_are_those_of_a_selection(bundled, result):
    for kind, row in result.by_kind.iterrows():
        alone = cam.reliability(bundled.select(kinds=kind), n_resamples=300, seed=1)
        columns = ["units", "alpha", "percent"]
        assert alone.overall[columns].iloc[0].to_dict() == pytest.approx(row[columns].to_dict())
    assert result.by_kind.index.tolist() == ["delegation", "chair", "official", "organisation"]


def test_the_interval_of_a_kind_draws_actors_of_that_kind():
    kinds = pd.DataFrame({"actor": list("ABCD"), "kind": ["delegation"] * 3 + ["chair"]})
    meeting = coded(ANA, BEN_TOO, *(coding(who, [("D", "tax")]) for who in ("Ana", "Ben")))
    found = cam.reliability(meeting.replace(actors=kinds), n_resamples=50)
    # the only chair is drawn every time
    assert found.by_kind.loc["chair", ["alpha", "low", "high"]].tolist() == [1, 1, 1]
    assert found.by_kind.loc["delegation", "units"] == 6


def test_statements_added_after_the_comparison_are_left_out(bundled, result):
    early = bundled.statements[~bundled.statements["statement"].isin(["s058", "s059"])]
    meeting = bundled.replace(statements=early)
    before = cam.reliability(meeting, n_resamples=300, seed=1)
    assert (before.n_left_out, result.n_left_out) == (0, 2)
    assert_frame_equal(before.frame, result.frame)
    assert "Left out: 2 statements" in result.summary
    assert "Left out" not in before.summary
    silent = {**bundled.metadata, "contributors": []}
    every = cam.reliability(bundled.replace(metadata=silent), read="everything", n_resamples=1)
    assert every.alpha > result.alpha


def test_the_frame_holds_every_level(result):
    frame = result.frame
    assert frame.loc[""].index.tolist() == ["all"]
    assert_frame_equal(frame.loc["kind"], result.by_kind, check_names=False)
    assert_frame_equal(frame.loc["code"], result.by_code, check_names=False)
    assert list(frame) == NUMBERS


def test_labels_are_those_of_the_codebook(bundled, result):
    expected = bundled.codebook.set_index("code")["label"].to_dict()
    assert result.labels == expected


def test_interval_holds_alpha_and_is_no_point(result):
    low, high = result.interval
    assert low < result.alpha < high
    tables = pd.concat([result.by_dimension, result.by_code, result.by_kind]).dropna(subset="low")
    assert (tables["low"] <= tables["high"]).all()


def test_interval_draws_actors():
    # within an actor both coders agree on everything or on nothing, so that resamples of two
    # actors reach 1 and below; a resample of cells would not be so wide
    first = coding("Ana", [("A", "x"), ("B", "x")])
    second = coding("Ben", [("A", "x"), ("B", "y")])
    found = cam.reliability(coded(first, second, codes="xy"), n_resamples=400)
    twice_a = coincidence_alpha([(1, 1), (0, 0)] * 2)
    twice_b = coincidence_alpha([(1, 0), (0, 1)] * 2)
    assert found.interval == (pytest.approx(float(twice_b)), pytest.approx(float(twice_a)))


def test_same_seed_same_interval(bundled):
    def table(seed):
        return cam.reliability(bundled, n_resamples=50, seed=seed).frame

    assert_frame_equal(table(3), table(3))
    assert_frame_equal(table(3), table(np.random.default_rng(3)))
    assert not table(3).equals(table(4))


def test_order_of_rows_changes_no_number(bundled, result):
    shuffled = bundled.replace(
        statements=bundled.statements.sample(frac=1, random_state=5),
        recodings=bundled.recodings.sample(frac=1, random_state=5),
    )
    again = cam.reliability(shuffled, coder=list(result.coders), n_resamples=300, seed=1)
    assert_frame_equal(again.frame, result.frame)


def test_disagreements_hold_the_quotes_of_all(bundled, result):
    statements = everything(bundled)
    for row in result.disagreements.to_dict("records"):
        for who in result.coders:
            own = statements.query(
                "actor == @row['actor'] and code == @row['code'] and coder == @who"
            )
            assert row[f"quote {who}"] == " / ".join(own["quote"])
            assert (row[f"value {who}"] == "absent") == own.empty
    assert "document" not in result.disagreements


def test_without_quotes_they_are_empty(two):
    rows = cam.reliability(two, n_resamples=1).disagreements
    assert len(rows) == 1
    assert (rows[["quote Ana", "quote Ben"]] == "").all(axis=None)


# in words


@pytest.mark.parametrize(
    ("n_codes", "wrong", "words"),
    [
        (1, 0, "100% agreement, 0 disagreements."),
        (300, 1, ">99% agreement, 1 disagreement."),
        (50, 2, "96% agreement, 2 disagreements."),
        (1, 1, "0% agreement, 1 disagreement."),
        (300, 299, "<1% agreement, 299 disagreements."),
    ],
)
def test_percentages_never_round_to_all_or_none(n_codes, wrong, words):
    codes = [f"code {i}" for i in range(n_codes)]
    first = coding("Ana", [("A", code, 1) for code in codes])
    second = coding("Ben", [("A", code, -1 if i < wrong else 1) for i, code in enumerate(codes)])
    summary = cam.reliability(coded(first, second, codes=codes), n_resamples=1).summary
    assert f", {words}" in summary


def test_alpha_never_rounds_to_one():
    codes = [f"code {i}" for i in range(1000)]
    cells = [("A", code, 1 if i % 2 else -1) for i, code in enumerate(codes)]
    first, second = coding("Ana", cells), coding("Ben", [*cells[:-1], (*cells[-1][:2], -1)])
    summary = cam.reliability(coded(first, second, codes=codes), n_resamples=1).summary
    assert "alpha >0.99" in summary
    assert "kappa >0.99" in summary


def test_summary_in_words(two):
    found = cam.reliability(two, n_resamples=50)
    low, high = found.interval
    assert found.summary == (
        f"Ana, Ben on 6 units (3 actors): Krippendorff's alpha 0.69 ({low:.2f} to {high:.2f} when "
        "actors are drawn again), Cohen's kappa 0.67, 83% agreement, 1 disagreement."
    )
    assert repr(found) == found.summary


# errors


@pytest.mark.parametrize(
    ("tables", "coder", "message"),
    [
        ([ANA], None, "two coders.*has Ana: it was coded once"),
        ([ANA, BEN_TOO], "Ana", r"only Ana was chosen out of Ana, Ben\.$"),
        ([ANA, BEN_TOO], ["Ana", "Bem"], "'Bem'.*did you mean 'Ben'"),
        ([ANA, BEN_TOO.assign(coder=[None, "Ben", "Ben"])], None, "1 statement names no coder"),
        ([ANA.drop(columns="coder")], None, "two coders"),
        ([ANA.iloc[:0], BEN_TOO.iloc[:0]], None, "two coders.*has none"),
        ([ANA, coding("Ben", [("Z", "tax")])], None, "nothing that all of Ana, Ben have read"),
    ],
    ids=[
        "one coder",
        "one chosen",
        "unknown coder",
        "statement without a coder",
        "no column coder",
        "no statements",
        "nothing in common",
    ],
)
def test_errors(tables, coder, message):
    with pytest.raises(ValueError, match=message):
        cam.reliability(coded(*tables), coder=coder)


def test_one_coder_of_the_bundled_meeting_is_not_enough(bundled):
    with pytest.raises(ValueError, match=r"at least two coders.*camdata"):
        cam.reliability(bundled.select(coder="camdata"))


@pytest.mark.parametrize(
    ("read", "error", "message"),
    [
        ("all", ValueError, "`read`.*'everything'.*'all'"),
        (3, TypeError, "`read` must be.*3 was passed"),
        (["Ana"], TypeError, "`read` must be"),
        ({"Bem": "everything"}, ValueError, "`read`.*'Bem'.*did you mean 'Ben'"),
        ({"Ben": "all"}, ValueError, "`read` must say.*'Ben' it says 'all'"),
        ({"Ben": {"actor": ["A"]}}, ValueError, "`read` must say"),
        ({"Ben": {}}, ValueError, "`read` must say"),
        ({"Ben": {"actors": 3}}, ValueError, "`read` must say"),
        ({"Ben": {"actors": ["Q"]}}, ValueError, "'actors'.*'Q'"),
        ({"Ben": {"documents": ["Q"]}}, ValueError, "'documents'.*'Q'"),
        ({"Ben": {"actors": ["A", "B"]}}, ValueError, "Ben coded more than.*read: C"),
    ],
)
def test_what_was_read_is_checked(two, read, error, message):
    with pytest.raises(error, match=message):
        cam.reliability(two, read=read)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"read": "all"}, "data package says of the coder 'Ben' that `read` is 'all'"),
        ({"read": None}, "data package says.*`read` is None"),
        ({"after_comparison": "s1"}, "data package says.*`after_comparison` is 's1'"),
    ],
)
def test_what_the_data_package_says_of_coders_is_checked(entry, message):
    meeting = coded(ANA, BEN_TOO, contributors=[{"coder": "Ben", **entry}])
    with pytest.raises(ValueError, match=message):
        cam.reliability(meeting)


@pytest.mark.parametrize("contributors", ["me", [], ["me"], [{"title": "me"}], {"coder": "Ben"}])
def test_contributors_that_say_nothing_of_coders_change_nothing(two, contributors):
    meeting = coded(ANA, BEN_TOO, contributors=contributors)
    found = cam.reliability(meeting, n_resamples=5)
    assert found.summary == cam.reliability(two, n_resamples=5).summary


@pytest.mark.parametrize(
    ("without", "error", "message"),
    [
        ([("A", "tax")], TypeError, "`without` must be a DataFrame"),
        (pd.DataFrame({"actor": ["A"]}), ValueError, "`without` needs.*has no code"),
        (pd.DataFrame({"actor": ["A"], "code": ["tx"]}), ValueError, "'tx'.*did you mean 'tax'"),
        (pd.DataFrame({"actor": ["Z"], "code": ["tax"]}), ValueError, "'actor'.*'Z'"),
        (ANA[["actor"]].merge(ANA[["code"]], how="cross"), ValueError, "nothing to compare"),
    ],
)
def test_cells_to_leave_out_are_checked(two, without, error, message):
    with pytest.raises(error, match=message):
        cam.reliability(two, without=without)


def test_a_table_is_no_meeting():
    with pytest.raises(TypeError, match="`meeting` must be a Meeting, but a DataFrame was passed"):
        cam.reliability(pd.concat([ANA, BEN_TOO]))
