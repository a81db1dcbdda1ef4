"""Reliability: published tables, alpha by a second route, units, intervals, words, errors."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from coded import alpha_by_definition, coded, coding, jackknife, rated
from conftest import sizes
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal
from sklearn.metrics import cohen_kappa_score

import camdata as cam

_ = None
# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C: twelve units, four
# observers
FOUR = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
    [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
]
# the same, three observers of fifteen units
THREE = [
    [_, _, _, _, _, 3, 4, 1, 2, 1, 1, 3, 3, _, 3],
    [1, _, 2, 1, 3, 3, 4, 3, _, _, _, _, _, _, _],
    [_, _, 2, 1, 3, 4, 4, _, 2, 1, 1, 3, 3, _, 4],
]
# Hayes & Krippendorff (2007), p. 84: five observers of forty units
HAYES = """112.2 1101. 2333. .00.0 000.0 000.0 102.1 1.20. 222.2 2111. .100. 0000. 1222. 33223
111.1 111.1 212.2 1233. 1101. 000.0 0011. 00.00 2333. 0000. 12.22 0111. 00010 1212. 1122. 112.2
110.0 2121. 22.22 3222. 222.2 223.2 222.2 22.12 2222. 111.1"""
# Krippendorff (1995), p. 57, continuum A cut into 24 pieces
BERTHA = [int(x) for x in "001111111100001111110000"]
BILL = [int(x) for x in "000011110000000110000000"]
# Krippendorff (2011), sections A and B
MEG, OWEN = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
BEN, GERRY = (["abcde".index(x) for x in word] for word in ("aabbdcccedda", "babbbccceddd"))


@pytest.mark.parametrize(
    ("table", "level", "published"),
    [
        (FOUR, "nominal", 0.743),
        (FOUR, "ordinal", 0.815),
        (FOUR, "interval", 0.849),
        (THREE, "nominal", 0.691),
        (THREE, "interval", 0.811),
        ([MEG, OWEN], "nominal", 0.095),
        ([BEN, GERRY], "nominal", 0.692),
        ([BERTHA, BILL], "nominal", 0.329),
        (
            [[_ if x == "." else int(x) for x in row] for row in zip(*HAYES.split(), strict=True)],
            "ordinal",
            0.7598,
        ),
    ],
)
def test_published_alpha(table, level, published):
    meeting = rated(table, range(6))
    # every observer rated what it read; without a rating of x an actor was not read
    found = cam.reliability(meeting, level=level)
    assert found.alpha == pytest.approx(published, abs=6e-4 if published != 0.7598 else 6e-5)
    coded_twice = [
        sum(value is not None for value in unit) > 1 for unit in zip(*table, strict=True)
    ]
    assert found.overall["units"].item() == sum(coded_twice)
    assert f"alpha ({level})" in found.summary


def test_published_kappa_percent_and_ac1():
    found = cam.reliability(rated([BERTHA, BILL], (0, 1)), level="nominal").overall.iloc[0]
    assert found["kappa"] == pytest.approx(0.385, abs=5e-4)
    # irrCAC 1.0 gives 0.818 and 0.775 for the raw ratings of four raters
    found = cam.reliability(rated(FOUR, range(6)), level="nominal").overall.iloc[0]
    assert found["percent"] == pytest.approx(0.8181818)
    assert found["ac1"] == pytest.approx(0.775, abs=5e-4)


def test_a_unit_counts_whatever_other_coders_did():
    # all who coded a unit agree
    cells = {"p": {"u": 1, "v": -1, "x": -1}, "q": {"u": 1, "v": -1, "w": 1}}
    cells["r"] = {"v": -1, "w": 1, "x": -1}
    parts = [coding(who, [(a, "tax", s) for a, s in own.items()]) for who, own in cells.items()]
    found = cam.reliability(coded(*parts, codes=["tax"]))
    assert found.alpha == 1
    assert found.overall["units"].item() == 4


def test_neighbours_on_a_scale_are_near():
    pairs = [(1, 2), (2, 2), (3, 2), (4, 4), (5, 4), (4, 5), (1, 1), (2, 1)]
    meeting = rated(list(zip(*pairs, strict=True)), range(1, 6))
    assert cam.reliability(meeting).level == "ordinal"
    assert cam.reliability(meeting).alpha == pytest.approx(alpha_by_definition(pairs, "ordinal"))
    nominal = cam.reliability(meeting, level="nominal")
    assert nominal.alpha == pytest.approx(alpha_by_definition(pairs))
    assert nominal.alpha < 0.3 < 0.7 < cam.reliability(meeting).alpha


cells = st.dictionaries(
    st.tuples(st.sampled_from("ABCDE"), st.sampled_from("xyz")),
    st.sampled_from([(1,), (-1,), (1, -1)]),
    min_size=1,
)


def values_by_unit(recorded, read=None):
    """List what each coder recorded on each unit, by loops over the definition of a unit."""
    reads = read or [{actor for actor, _ in own} for own in recorded]
    found = {}
    for actor in sorted({actor for own in recorded for actor, _ in own}):
        who = [own for own, places in zip(recorded, reads, strict=True) if actor in places]
        if len(who) > 1:
            for code in "xyz":
                found[actor, code] = [frozenset(own.get((actor, code), ())) for own in who]
    return found


def meeting_of(recorded):
    return coded(
        *(
            coding(f"coder {i}", [(*cell, stance) for cell in own for stance in own[cell]])
            for i, own in enumerate(recorded)
        ),
        codes="xyz",
    )


@given(st.lists(cells, min_size=2, max_size=4), st.booleans())
@settings(deadline=None)
def test_every_number_by_a_second_route(recorded, everything):
    meeting = meeting_of(recorded)
    read = [set("ABCDE")] * len(recorded) if everything else None
    units = values_by_unit(recorded, read)
    keywords = {"read": "everything"} if everything else {}
    if not units:
        with pytest.raises(ValueError, match="nothing that two of"):
            cam.reliability(meeting, **keywords)
        return
    found = cam.reliability(meeting, **keywords)
    row = found.overall.iloc[0]
    columns = list(units.values())
    assert row["units"] == len(columns)
    assert row["alpha"] == pytest.approx(alpha_by_definition(columns), nan_ok=True)
    same = [np.mean([a == b for a, b in combinations(values, 2)]) for values in columns]
    assert row["percent"] == pytest.approx(np.mean(same))
    said = [values for values in columns if any(values)]
    assert row["alike"] == pytest.approx(np.mean([len(set(values)) == 1 for values in said]))
    assert found.n_silent == len(columns) - len(said)
    differ = {unit for unit, values in units.items() if len(set(values)) > 1}
    rows = found.disagreements
    assert set(zip(rows["actor"], rows["code"], strict=True)) == differ
    if len(recorded) == 2 and len({value for values in columns for value in values}) > 1:
        a, b = ([str(sorted(values[i])) for values in columns] for i in (0, 1))
        assert row["kappa"] == pytest.approx(cohen_kappa_score(a, b))
    without = [
        alpha_by_definition([v for (actor, _), v in units.items() if actor != one])
        for one in sorted({actor for actor, _ in units})
    ]
    if row["reason"] == "":
        assert found.interval == pytest.approx(jackknife(without, row["alpha"]))


def test_a_pair_has_the_numbers_of_these_two_alone():
    recorded = [
        {("A", "x"): (1,), ("B", "y"): (-1,), ("C", "z"): (1, -1), ("D", "x"): (1,)},
        {("A", "x"): (1,), ("B", "y"): (1,), ("C", "z"): (1,)},
        {("A", "z"): (-1,), ("B", "y"): (-1,), ("E", "x"): (1,)},
    ]
    meeting = meeting_of(recorded)
    found = cam.reliability(meeting, read="everything")
    for pair, row in found.pairs.iterrows():
        alone = cam.reliability(meeting, coder=list(pair), read="everything").overall.iloc[0]
        assert_series_equal(alone, row, check_names=False)


# units


def test_small_case_by_hand():
    # six units, one of them not alike; Ana records four of them, Ben three
    ana = coding("Ana", [("A", "tax"), ("A", "quota"), ("B", "tax"), ("C", "quota")])
    ben = coding("Ben", [("A", "tax"), ("B", "tax"), ("C", "quota")])
    found = cam.reliability(coded(ana, ben))
    assert found.alpha == pytest.approx(1 - 11 / 35)
    assert (found.overall["percent"].item(), found.n_actors) == (pytest.approx(5 / 6), 3)
    assert found.overall["ac1"].item() == pytest.approx((5 / 6 - 70 / 144) / (1 - 70 / 144))
    assert found.by_code["percent"].to_dict() == {"tax": 1, "quota": pytest.approx(2 / 3)}
    assert found.by_code["alike"].to_dict() == {"tax": 1, "quota": 1 / 2}
    row = found.disagreements.iloc[0]
    assert row[["actor", "code", "value Ana", "value Ben"]].tolist() == [
        "A", "quota", "supports", "absent",
    ]  # fmt: skip


def test_levels_that_one_coder_records_alone_are_counted_apart():
    ana = coding("Ana", [("A", "tax", 1), ("A", "quota", 5), ("B", "tax", 4)])
    ben = coding("Ben", [("A", "tax", 2), ("B", "tax", 4), ("B", "quota", 3)])
    found = cam.reliability(coded(ana, ben, stances=(1, 2, 3, 4, 5)))
    assert (found.overall["units"].item(), found.n_one_sided) == (2, 2)
    assert "2 units with one coder's level only left out" in found.summary
    assert len(found.disagreements) == 3
    nominal = cam.reliability(coded(ana, ben, stances=(1, 2, 3, 4, 5)), level="nominal")
    assert nominal.overall["units"].item() == 4


def test_several_levels_of_a_cell_are_their_mean():
    first = coding("Ana", [("A", "tax", 1), ("A", "tax", 3), ("B", "tax", 5), ("C", "tax", 1)])
    second = coding("Ben", [("A", "tax", 2), ("B", "tax", 4), ("C", "tax", 1)])
    found = cam.reliability(coded(first, second, stances=(1, 2, 3, 4, 5)), level="interval")
    assert found.alpha == pytest.approx(alpha_by_definition([(2, 2), (5, 4), (1, 1)], "interval"))


@pytest.fixture(scope="module")
def partly(meeting):
    """The first coding, and a second of three delegations only that differs in one cell."""
    first = meeting.select(coder="camdata")
    table = first.statements
    inside = table["actor"].isin(["Canada", "Paraguay", "Uruguay"])
    return first, table[inside & (table["statement"] != "s032")].assign(coder="second")


@pytest.mark.parametrize("door", ["nothing", "data package", "argument"])
def test_what_a_coder_read_and_found_nothing_in_counts(partly, door):
    first, second = partly
    parts = {"actors": ["Canada", "Paraguay", "Uruguay", "Mexico", "Bolivia"]}
    meeting, keywords = first.replace(recodings=second), {}
    if door == "data package":
        contributors = [*first.metadata["contributors"], {"coder": "second", "read": parts}]
        meeting = meeting.replace(metadata={**first.metadata, "contributors": contributors})
    elif door == "argument":
        keywords["read"] = {"second": parts}
    found = cam.reliability(meeting, **keywords)
    # Mexico was read and nothing recorded: a disagreement; of Bolivia nobody records anything
    told = door != "nothing"
    assert found.n_actors == 3 + told
    assert found.disagreements["actor"].tolist() == ["Canada"] + ["Mexico"] * told
    assert cam.reliability(meeting, read="everything").n_actors == 20


def test_units_of_several_documents_and_those_left_out():
    table = coding("Ana", [("A", "tax"), ("B", "quota")])
    other = coding("Ben", [("A", "tax"), ("A", "quota"), ("B", "quota")])
    parts = [t.assign(document=name) for name in ("1", "2") for t in (table, other)]
    meeting = coded(*parts, coding("Ana", [("C", "tax")], document="2"))
    found = cam.reliability(meeting)
    assert found.overall["units"].item() == 8
    cells = found.disagreements[["document", "actor", "code"]].to_numpy().tolist()
    assert cells == [["1", "A", "quota"], ["2", "A", "quota"]]
    read = {"Ana": "everything", "Ben": {"documents": ["1", "2"]}}
    assert cam.reliability(meeting, read=read).overall["units"].item() == 10
    gone = pd.DataFrame({"actor": ["A"], "code": ["quota"], "document": ["1"]})
    assert cam.reliability(meeting, without=gone).disagreements["document"].tolist() == ["2"]
    assert cam.reliability(meeting, without=gone.drop(columns="document")).disagreements.empty


def test_a_missing_stance_was_read_and_is_no_position():
    ana, ben = coding("Ana", [("A", "tax"), ("D", "tax")]), coding("Ben", [("A", "tax")])
    assert cam.reliability(coded(ana, ben)).n_actors == 1
    blank = coding("Ben", [("D", "tax", None)])
    assert cam.reliability(coded(ana, ben, blank)).n_actors == 2


def test_rotating_designs():
    # each actor is coded by two of five coders
    rows = []
    for i, (one, other) in enumerate(combinations("PQRST", 2)):
        for who in (one, other):
            rows.append(coding(who, [(f"actor {i}", "tax" if i % 3 else "quota")]))
    found = cam.reliability(coded(*rows))
    assert found.overall["units"].item() == 20
    assert found.alpha == 1
    assert (found.pairs["units"] == 2).all()
    alone = cam.reliability(coded(*rows[:2], *rows[-2:], coding("P", [("actor 9", "tax")])))
    row = alone.pairs.loc[("P", "Q")]
    assert row["units"] == 2
    assert alone.pairs.loc[("Q", "T"), "reason"] == "nothing that two coders coded"


# statements

SETS = [("A", "A"), ("A", "B"), ("AB", "A"), ("AB", "AC"), ("ABC", "ABC"), ("C", "AC"), ("C", "AC")]


def statements(pairs, identified_by):
    rows = []
    for unit, pair in enumerate(pairs):
        for who, codes in zip(("Ana", "Ben"), pair, strict=True):
            for code in codes:
                rows.append((f"actor {unit}", code, 1, who, f"words {unit}", f"post {unit}"))
    columns = ["actor", "code", "stance", "coder", "quote", "post"]
    table = pd.DataFrame(rows, columns=columns)
    drop = "post" if identified_by == "quote" else "quote"
    return cam.Meeting(table.drop(columns=drop))


@pytest.mark.parametrize("identified_by", ["quote", "post"])
def test_codes_of_a_statement_are_compared_as_sets(identified_by):
    meeting = statements(SETS, identified_by)
    units = "post" if identified_by == "post" else "statement"
    found = cam.reliability(meeting, units=units)
    expected = alpha_by_definition([(set(a), set(b)) for a, b in SETS], "masi")
    assert found.alpha == pytest.approx(expected)
    assert found.overall["percent"].iloc[0] == pytest.approx(2 / 7)
    assert found.overall.index.tolist() == ["code", "stance"]
    # where both gave the same code, both are in favour
    assert found.overall.loc["stance", ["units", "percent"]].tolist() == [8, 1]
    assert found.overall.loc["stance", "reason"] == "one value only"
    held = [("A" in a, "A" in b) for a, b in SETS]
    assert found.by_code.loc["A", "alpha"] == pytest.approx(alpha_by_definition(held))
    rows = found.disagreements
    assert rows[units].tolist() == [
        f"{'post' if units == 'post' else 'words'} {i}" for i in (1, 2, 3, 5, 6)
    ]
    assert rows.loc[2, ["value Ana", "value Ben"]].tolist() == ["A and B", "A and C"]


def test_statements_by_their_ids_and_stances_apart():
    first = coding("Ana", [("A", "tax", 1), ("B", "tax", -1), ("C", "quota", 1)])
    second = coding("Ben", [("A", "tax", -1), ("B", "tax", -1), ("C", "tax", 1)])
    ids = ["p1", "p2", "p3"]
    meeting = cam.Meeting(
        first.assign(statement=ids), recodings=second.assign(statement=ids), stances=(1, -1)
    )
    found = cam.reliability(meeting, units="statement")
    assert found.alpha == pytest.approx(alpha_by_definition(["tt", "tt", "qt"]))
    stance = found.overall.loc["stance"]
    assert stance["units"] == 2
    assert stance["alpha"] == pytest.approx(alpha_by_definition([(1, -1), (-1, -1)]))
    other = second.assign(statement=["p2", "p1", "p3"])
    with pytest.raises(ValueError, match="some ids name statements of different actors"):
        cam.reliability(meeting.replace(recodings=other), units="statement")
    with pytest.raises(ValueError, match=r"`units` must be one of .*'positions', 'statement'"):
        cam.reliability(meeting, units="post")


# intervals


def by_actor(n, wrong):
    """Return a meeting of n actors on three codes; the second coder misses `wrong` positions."""
    cells = [(f"actor {i:02d}", code) for i in range(n) for code in "xyz" if (i + ord(code)) % 2]
    second = [cell for i, cell in enumerate(cells) if i not in wrong]
    return coded(coding("Ana", cells), coding("Ben", second), codes="xyz")


@pytest.mark.parametrize(
    ("n", "wrong", "reason"),
    [
        (4, [0, 3], "fewer than five actors"),
        (9, [], "fewer than two actors with any disagreement"),
        (9, [1], "fewer than two actors with any disagreement"),
        (9, [0, 1, 5], ""),
    ],
)
def test_an_interval_or_the_reason_why_there_is_none(n, wrong, reason):
    found = cam.reliability(by_actor(n, wrong), read="everything")
    row = found.overall.iloc[0]
    assert row["reason"] == (reason and f"no interval: {reason}")
    assert np.isnan(row["low"]) == bool(reason)
    assert reason in found.summary
    if not reason:
        low, high = found.interval
        assert low < found.alpha < high < 1
        assert f"95% interval {low:.2f} to {high:.2f}" in found.summary
    assert "1.00 (1.00" not in found.summary


def test_alpha_is_not_defined_where_one_value_only_is_used():
    first = coding("Ana", [("A", "tax"), ("B", "tax"), ("A", "quota")])
    meeting = coded(first, first.assign(coder="Ben"), codes=("tax", "quota", "unused"))
    table = cam.reliability(meeting).by_code
    assert table.loc[["tax", "unused"], ["alpha", "low", "ac1", "kappa"]].isna().all(axis=None)
    assert table["reason"].loc[["tax", "unused"]].tolist() == ["one value only"] * 2
    assert table.loc["quota", ["alpha", "kappa", "ac1"]].tolist() == [1, 1, 1]
    alone = first[first["code"] == "tax"]
    summary = cam.reliability(coded(alone, alone.assign(coder="Ben"), codes=["tax"])).summary
    assert "not defined (one value only)" in summary


@sizes("tables", 25, 100)
def test_intervals_hold_the_true_alpha(tables):
    from coverage_of_alpha import CASES, coverage

    for case in CASES[:2]:
        found = coverage(case, tables, seed=1)
        error = np.sqrt(0.95 * 0.05 / found["intervals"])
        assert found["coverage"] > 0.95 - 3 * error


# the bundled meeting, coded three times


@pytest.fixture(scope="module")
def result(meeting):
    return cam.reliability(meeting)


def test_parts_add_up_and_order_of_rows_changes_nothing(meeting, result):
    for table in (result.by_code, result.by_dimension, result.by_kind):
        assert table["units"].sum() == result.overall["units"].item() == 340
        assert (table["percent"] * table["units"]).sum() == pytest.approx(
            result.overall["percent"].item() * 340
        )
    for kind, row in result.by_kind.iterrows():
        alone = cam.reliability(meeting.select(kinds=kind)).overall.iloc[0]
        assert_series_equal(alone, row, check_names=False)
    shuffled = meeting.replace(
        statements=meeting.statements.sample(frac=1, random_state=5),
        recodings=meeting.recodings.sample(frac=1, random_state=5),
    )
    again = cam.reliability(shuffled, coder=list(result.coders))
    assert_frame_equal(again.frame, result.frame)
    assert result.labels == meeting.codebook.set_index("code")["label"].to_dict()
    assert result.frame.loc[""].index.tolist() == ["all"]
    assert result.frame.columns[:4].tolist() == ["units", "recorded", "alpha", "low"]


def test_statements_added_after_the_comparison_are_left_out(meeting, result):
    early = meeting.statements[~meeting.statements["statement"].isin(["s058", "s059"])]
    before = cam.reliability(meeting.replace(statements=early))
    assert (before.n_left_out, result.n_left_out) == (0, 2)
    assert_frame_equal(before.frame, result.frame)
    silent = meeting.replace(metadata={**meeting.metadata, "contributors": []})
    assert cam.reliability(silent, read="everything").alpha > result.alpha


def test_disagreements_hold_the_quotes_in_their_passages(meeting, result):
    table = pd.concat([meeting.statements, meeting.recodings])
    table = table[~table["statement"].isin(["s058", "s059"])]
    for row in result.disagreements.to_dict("records"):
        for who in result.coders:
            own = table.query("actor == @row['actor'] and code == @row['code'] and coder == @who")
            assert row[f"quote {who}"] == " / ".join(own["quote"])
            assert (row[f"value {who}"] == "absent") == own.empty
            assert all(quote in row[f"passage {who}"] for quote in own["quote"])
            assert row[f"passage {who}"] in meeting.text or own.empty
    assert "document" not in result.disagreements


def test_two_doors_and_statements_that_name_no_coder():
    ana, ben = coding("Ana", [("A", "tax")]), coding("Ben", [("A", "tax"), ("A", "quota")])
    apart = cam.Meeting(ana, recodings=ben)
    assert_frame_equal(cam.reliability(apart).frame, cam.reliability(coded(ana, ben)).frame)
    meeting = cam.Meeting(ana.drop(columns="coder"), recodings=ben)
    assert cam.reliability(meeting).coders == ("statements", "Ben")


def test_numbers_never_round_to_perfect():
    codes = [f"code {i}" for i in range(400)]
    cells = [("A", code, 1 if i % 2 else -1) for i, code in enumerate(codes)]
    first, second = coding("Ana", cells), coding("Ben", [*cells[:-1], (*cells[-1][:2], -1)])
    summary = cam.reliability(coded(first, second, codes=codes)).summary
    assert "alpha (nominal) >0.99" in summary
    assert ">99% agreement" in summary
    assert "kappa >0.99" in summary


# errors

ANA = coding("Ana", [("A", "tax"), ("A", "quota"), ("B", "tax"), ("C", "quota")])
BEN_TOO = coding("Ben", [("A", "tax"), ("B", "tax"), ("C", "quota")])


@pytest.mark.parametrize(
    ("tables", "coder", "message"),
    [
        ([ANA], None, "two coders.*has Ana: it was coded once"),
        ([ANA, BEN_TOO], "Ana", r"only Ana was chosen out of Ana, Ben\.$"),
        ([ANA, BEN_TOO], ["Ana", "Bem"], "'Bem'.*did you mean 'Ben'"),
        ([ANA, BEN_TOO.assign(coder=[None, "Ben", "Ben"])], None, "1 statement names no coder"),
        ([ANA.iloc[:0], BEN_TOO.iloc[:0]], None, "two coders.*has none"),
        ([ANA, coding("Ben", [("Z", "tax")])], None, "nothing that two of Ana, Ben have coded"),
    ],
)
def test_errors(tables, coder, message):
    with pytest.raises(ValueError, match=message):
        cam.reliability(coded(*tables), coder=coder)


@pytest.mark.parametrize(
    ("keywords", "error", "message"),
    [
        ({"read": "all"}, ValueError, "`read`.*'everything'.*'all'"),
        ({"read": {"Bem": "everything"}}, ValueError, "`read`.*'Bem'.*did you mean 'Ben'"),
        ({"read": {"Ben": "all"}}, ValueError, "`read` must say.*'Ben' it says 'all'"),
        ({"read": {"Ben": {"actor": ["A"]}}}, ValueError, "`read` must say"),
        ({"read": {"Ben": {}}}, ValueError, "`read` must say"),
        ({"read": {"Ben": {"actors": ["A", "B"]}}}, ValueError, "Ben coded more than.*read: C"),
        ({"without": [("A", "tax")]}, TypeError, "`without` must be a DataFrame with"),
        ({"without": pd.DataFrame({"actor": ["A"]})}, TypeError, "`without` must be"),
        ({"without": ANA.assign(code="tx")}, ValueError, "'tx'.*did you mean 'tax'"),
        ({"level": "ratio"}, ValueError, "`level`.*'nominal', 'ordinal', 'interval'"),
    ],
)
def test_arguments_are_checked(keywords, error, message):
    with pytest.raises(error, match=message):
        cam.reliability(coded(ANA, BEN_TOO), **keywords)


def test_what_the_data_package_says_of_coders_is_checked():
    contributors = [{"coder": "Ben", "read": "all"}]
    with pytest.raises(ValueError, match=r"`read` must say.*'Ben' it says 'all'"):
        cam.reliability(coded(ANA, BEN_TOO, metadata={"contributors": contributors}))
    with pytest.raises(TypeError, match="`meeting` must be a Meeting"):
        cam.reliability(ANA)
