"""The bundled recodings: what they hold, who made them, and what is published of them."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import camdata as cam

DATA = Path(cam.__file__).parent / "data"
REPORT = (DATA / "report.txt").read_bytes().decode("utf-8")
CONTRIBUTORS = {
    c["coder"]: c for c in json.loads((DATA / "datapackage.json").read_bytes())["contributors"]
}
RECODERS = ["definitions_only", "full_codebook"]
CODERS = ["camdata", *RECODERS]
ADDED = ["s058", "s059"]


def read(name):
    """Read one bundled table with nothing but pandas."""
    return pd.read_csv(DATA / f"{name}.csv", keep_default_na=False, na_values=[""], dtype="str")


STATEMENTS, RECODINGS = read("statements"), read("recodings")


@pytest.fixture(scope="module")
def bundled():
    return cam.load_meeting()


@pytest.fixture(scope="module")
def result(bundled):
    return cam.reliability(bundled)


# the table


def test_there_are_two_recodings_of_the_whole_report():
    assert RECODINGS["coder"].value_counts(sort=False).to_dict() == dict.fromkeys(RECODERS, 56)
    pairs = RECODINGS.drop_duplicates(["coder", "actor", "code"])["coder"].value_counts(sort=False)
    assert pairs.to_dict() == {"definitions_only": 53, "full_codebook": 54}
    assert list(RECODINGS) == list(STATEMENTS)


def test_quotes_are_verbatim_and_unique_in_the_report():
    counts = {quote: REPORT.count(quote) for quote in RECODINGS["quote"]}
    assert {quote: n for quote, n in counts.items() if n != 1} == {}
    assert RECODINGS["quote"].eq(RECODINGS["quote"].str.strip()).all()


def test_keys_are_unique_and_say_whose_they_are():
    assert RECODINGS["statement"].is_unique
    assert set(RECODINGS["statement"]) & set(STATEMENTS["statement"]) == set()
    assert RECODINGS["statement"].str[0].eq(RECODINGS["coder"].str[0]).all()
    assert RECODINGS.duplicated(["coder", "actor", "code", "quote"]).sum() == 0


def test_foreign_keys_hold():
    assert set(RECODINGS["actor"]) <= set(read("actors")["actor"])
    assert set(RECODINGS["code"]) <= set(read("codebook")["code"])


@pytest.mark.parametrize("coder", RECODERS)
def test_recoders_keep_to_the_reading_rules(coder):
    own = RECODINGS[RECODINGS["coder"] == coder]
    assert set(own["stance"]) == {"1"}
    silent = {"Bolivia", "RCM Secretariat", "SACM Secretariat"}
    assert set(own["actor"]) & silent == set()
    by_reference = own.loc[own["basis"] == "by_reference", ["actor", "code"]]
    assert sorted(map(tuple, by_reference.to_numpy())) == [
        ("Colombia", "subjects_of_law"),
        ("United States", "subjects_of_law"),
    ]


@pytest.mark.parametrize("coder", RECODERS)
def test_explicit_words_stand_in_the_actors_own_intervention_or_record_its_support(coder):
    passages = read("interventions").groupby("actor")["passage"].agg(list)
    own = RECODINGS[(RECODINGS["coder"] == coder) & (RECODINGS["basis"] == "explicit")]
    elsewhere = own[
        [
            not any(quote.strip(".") in passage for passage in passages.get(actor, []))
            for actor, quote in zip(own["actor"], own["quote"], strict=True)
        ]
    ]
    supporters = ["Chile", "Paraguay", "El Salvador", "RCM Chair", "SACM Chair"]
    assert sorted(elsewhere["actor"]) == sorted(supporters)
    assert set(elsewhere["code"]) == {"cam_facilitator"}
    assert elsewhere["quote"].str.contains("The proposal was supported by Chile").all()


# who made them


@pytest.mark.parametrize("coder", CODERS)
def test_every_coding_is_declared_for_what_it_is(coder):
    entry = CONTRIBUTORS[coder]
    assert (entry["role"], entry["read"]) == ("coder", "everything")
    assert "achine-assisted, not by a trained human coder." in entry["description"]
    assert "In front of it: the report, " in entry["description"]


def test_nobody_else_is_declared_as_a_coder():
    assert list(CONTRIBUTORS) == CODERS
    assert {*STATEMENTS["coder"], *RECODINGS["coder"]} == set(CODERS)


def test_the_readme_of_the_data_says_that_agreement_is_partly_given_away():
    assert "partly given away" in CONTRIBUTORS["full_codebook"]["description"]
    assert "examples" not in CONTRIBUTORS["definitions_only"]["description"]


# what was added to the first coding after the comparison


def test_the_added_statements_are_named_and_of_no_delegation():
    assert CONTRIBUTORS["camdata"]["after_comparison"] == ADDED
    added = STATEMENTS[STATEMENTS["statement"].isin(ADDED)]
    assert added[["actor", "code"]].to_numpy().tolist() == [
        ["CAM Chair", "procedure"],
        ["OAS Secretary for Access to Rights", "procedure"],
    ]
    # both recoders had read the same
    for row in added.itertuples():
        said = RECODINGS[(RECODINGS["actor"] == row.actor) & (RECODINGS["code"] == row.code)]
        assert said["coder"].tolist() == RECODERS


def test_no_position_of_a_delegation_comes_from_them(bundled):
    early = bundled.statements[~bundled.statements["statement"].isin(ADDED)]
    for by in ("dimension", "code"):
        before = bundled.replace(statements=early).positions(by)
        assert_frame_equal(bundled.positions(by), before)


# what they say


def test_recodings_count_nowhere_until_they_are_chosen(bundled):
    assert_frame_equal(bundled.tally().frame, bundled.select(coder="camdata").tally().frame)
    assert bundled.select(coder="full_codebook").tally().n_statements == 35


def test_delegations_differ_in_one_cell_of_one_coding(bundled):
    first, second, third = (bundled.select(coder=who).positions("code") for who in CODERS)
    assert_frame_equal(third, first)
    rows, columns = (second.notna() ^ first.notna()).to_numpy().nonzero()
    assert first.index[rows].tolist() == ["El Salvador"]
    assert first.columns[columns].tolist() == ["common_position"]
    # and in none by dimension
    by_dimension = [bundled.select(coder=who).positions() for who in CODERS]
    for other in by_dimension[1:]:
        assert_frame_equal(other, by_dimension[0])


def test_the_published_agreement(result):
    published = {
        ("", "all"): (340, 0.95, 0.89, 0.98),
        ("dimension", "coordination"): (100, 0.90, 0.78, 0.96),
        ("code", "procedure"): (20, 0.74, 0.26, 0.93),
    }
    columns = ["units", "alpha", "low", "high"]
    for key, numbers in published.items():
        assert tuple(result.frame.loc[key, columns].astype(float).round(2)) == numbers
    # where fewer than two actors have any disagreement, there is no interval
    without = {
        ("kind", "delegation"): 0.99,
        ("dimension", "terms definition"): 1,
        ("dimension", "pragmatism"): 1,
        ("dimension", "rights"): 0.96,
    }
    for key, alpha in without.items():
        row = result.frame.loc[key]
        assert round(row["alpha"], 2) == alpha
        assert "fewer than two actors with any disagreement" in row["reason"]


def test_codes_with_any_disagreement_are_five(result):
    disputed = result.by_code.index[result.by_code["percent"] < 1].tolist()
    assert disputed == [
        "rights_protection",
        "common_position",
        "joint_inputs",
        "procedure",
        "cam_facilitator",
    ]
    assert len(result.disagreements) == 7


def test_agreement_without_what_rests_on_an_example_of_the_codebook(bundled, result):
    book = bundled.codebook.set_index("code")["include"]
    example = book.map(lambda rule: re.search("Example: “(.+)”", rule)[1])
    rows = bundled.select(coder="full_codebook").statements
    words = rows["code"].map(example)
    begin, start = words.map(REPORT.index), rows["quote"].map(REPORT.index)
    rests = (start < begin + words.str.len()) & (begin < start + rows["quote"].str.len())
    assert rests.sum() == 19
    harder = cam.reliability(bundled, without=rows.loc[rests, ["actor", "code"]])
    assert harder.overall["units"].item() == 340 - 19
    assert harder.alpha < result.alpha
    low, high = harder.interval
    assert tuple(round(x, 2) for x in (harder.alpha, low, high)) == (0.92, 0.85, 0.96)
    assert round(harder.by_kind.loc["delegation", "alpha"], 2) == 0.98
