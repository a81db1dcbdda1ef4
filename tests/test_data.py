"""The bundled meeting: the report, the codings and what the report itself says of them."""

import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path

import frictionless
import pandas as pd
import pytest
from conftest import DATA

ROOT = Path(__file__).parents[1]
SEED = ROOT / "seeds" / "000_be0b72b017eae9fd.txt"
SHA256 = "813609ddc56838cd8d26769ca2168f036c0f00edfb64fd4744f5586107aadd5e"
REPORT = (DATA / "report.txt").read_bytes().decode("utf-8")
DESCRIPTOR = json.loads((DATA / "datapackage.json").read_bytes())

DIMENSIONS = ["terms definition", "pragmatism", "rights", "coordination"]
MEMBERS = {
    "RCM": (
        "Belize, Canada, Costa Rica, Dominican Republic, El Salvador, Guatemala, Honduras, Mexico, "
        "Nicaragua, Panama, United States"
    ).split(", "),
    "SACM": (
        "Argentina, Bolivia, Brazil, Chile, Colombia, Ecuador, Guyana, Paraguay, Peru, Suriname, "
        "Uruguay, Venezuela"
    ).split(", "),
}
"""The members of the two regional processes, as the International Organization for Migration
lists them."""

ISO3 = {
    "Bolivia": "BOL",
    "Brazil": "BRA",
    "Canada": "CAN",
    "Chile": "CHL",
    "Colombia": "COL",
    "Costa Rica": "CRI",
    "Dominican Republic": "DOM",
    "El Salvador": "SLV",
    "Guatemala": "GTM",
    "Mexico": "MEX",
    "Paraguay": "PRY",
    "Peru": "PER",
    "Trinidad and Tobago official": "TTO",
    "United States": "USA",
    "Uruguay": "URY",
}


def read(name):
    """Read one bundled table with nothing but pandas."""
    return pd.read_csv(DATA / f"{name}.csv", keep_default_na=False, na_values=[""], dtype="str")


ACTORS, CODEBOOK = read("actors"), read("codebook")
INTERVENTIONS, STATEMENTS = read("interventions"), read("statements")
REFERENCES = read("references")
CODES = CODEBOOK["code"].tolist()


def delegations_of_the_report():
    """Return the countries in the order in which the report says that they took the floor."""
    pattern = r"the following (\d+) countries present, in the order .*?\. (.+?)\."
    number, listed = re.search(pattern, REPORT).groups()
    names = re.split(r",? and |, ", listed)
    assert len(names) == int(number)
    return names


def quoted(rule):
    """Return what a rule puts between outermost quotation marks, and what goes before each."""
    found, depth, start, before = [], 0, 0, 0
    for place, character in enumerate(rule):
        if character == "“":
            depth += 1
            if depth == 1:
                start = place
        elif character == "”":
            depth -= 1
            if depth == 0:
                found.append((rule[before:start], rule[start + 1 : place]))
                before = place + 1
    assert depth == 0, f"quotation marks that do not close: {rule}"
    return found


def span(words):
    """Return where words that stand once in the report do so."""
    assert REPORT.count(words) == 1, words
    return REPORT.index(words), REPORT.index(words) + len(words)


# the report


def test_the_report_is_the_seed_byte_for_byte():
    assert (DATA / "report.txt").read_bytes() == SEED.read_bytes()


def test_the_report_has_its_hash():
    assert hashlib.sha256(SEED.read_bytes()).hexdigest() == SHA256


@pytest.mark.parametrize(
    ("table", "column"),
    [("statements", "quote"), ("references", "quote"), ("interventions", "passage")],
)
def test_words_are_verbatim_and_unique_in_the_report(table, column):
    words = read(table)[column]
    assert words.notna().all()
    counts = {quote: REPORT.count(quote) for quote in words}
    assert {quote: n for quote, n in counts.items() if n != 1} == {}


def test_words_have_no_space_around_them():
    words = pd.concat([STATEMENTS["quote"], REFERENCES["quote"], INTERVENTIONS["passage"]])
    assert words[words != words.str.strip()].tolist() == []


# keys


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("actors", ["actor"]),
        ("codebook", ["code"]),
        ("codebook", ["label"]),
        ("interventions", ["order"]),
        ("statements", ["statement"]),
        ("statements", ["actor", "code", "quote"]),
        ("references", ["actor", "target", "relation", "quote"]),
    ],
)
def test_keys_are_unique(table, key):
    assert read(table)[key].duplicated().sum() == 0


@pytest.mark.parametrize(
    ("table", "column", "known"),
    [
        ("interventions", "actor", ACTORS["actor"]),
        ("statements", "actor", ACTORS["actor"]),
        ("statements", "code", CODEBOOK["code"]),
        ("references", "actor", ACTORS["actor"]),
        ("references", "target", ACTORS["actor"]),
    ],
)
def test_foreign_keys_hold(table, column, known):
    assert set(read(table)[column].dropna()) - set(known) == set()


def test_a_reference_has_at_least_one_named_end():
    assert REFERENCES[["actor", "target"]].isna().all(axis="columns").sum() == 0
    assert REFERENCES[REFERENCES["actor"] == REFERENCES["target"]].empty


# actors


def test_the_delegations_are_those_of_the_report_in_its_order():
    named = delegations_of_the_report()
    assert (len(named), named[0], named[4], named[-1]) == (14, "Colombia", "Bolivia", "Uruguay")
    delegations = ACTORS[ACTORS["kind"] == "delegation"]
    assert delegations["actor"].tolist() == named
    assert delegations["speaking_order"].tolist() == [str(n) for n in range(1, 15)]
    assert ACTORS.loc[ACTORS["kind"] != "delegation", "speaking_order"].isna().all()


def test_positions_have_the_delegations_in_the_order_of_the_report(meeting):
    named = delegations_of_the_report()
    assert meeting.positions().index.tolist() == named
    assert meeting.positions("code").index.tolist() == named


def test_interventions_stand_in_the_order_of_the_report():
    assert INTERVENTIONS["order"].tolist() == [str(n) for n in range(1, len(INTERVENTIONS) + 1)]
    spans = [span(passage) for passage in INTERVENTIONS["passage"]]
    assert [(a, b) for a, b in pairwise(spans) if b[0] < a[1]] == []
    delegations = ACTORS.loc[ACTORS["kind"] == "delegation", "actor"]
    first = INTERVENTIONS["actor"].drop_duplicates()
    spoken = first[first.isin(delegations)].tolist()
    assert spoken == [name for name in delegations_of_the_report() if name != "Bolivia"]


def test_nothing_is_recorded_of_bolivia(meeting):
    assert ACTORS["actor"].tolist().count("Bolivia") == 1
    assert "Bolivia" not in set(INTERVENTIONS["actor"])
    assert "Bolivia" not in set(STATEMENTS["actor"])
    for by in ("dimension", "code"):
        positions = meeting.positions(by)
        assert positions.loc["Bolivia"].isna().all()
        assert positions.index[positions.isna().all(axis="columns")].tolist() == ["Bolivia"]


def test_processes_are_those_of_the_membership_lists():
    process = {name: process for process, names in MEMBERS.items() for name in names}
    delegations = ACTORS[ACTORS["kind"] == "delegation"].set_index("actor")["process"]
    assert delegations.to_dict() == {name: process[name] for name in delegations.index}
    assert ACTORS.loc[ACTORS["kind"] != "delegation", "process"].isna().all()


def test_the_sources_state_the_membership_lists():
    (title,) = [s["title"] for s in DESCRIPTOR["sources"] if "Regional Conference" in s["title"]]
    assert "International Organization for Migration" in title
    lists = re.search(
        r"Regional Conference on Migration \((.+?)\).*South American Conference on Migration "
        r"\((.+?)\)",
        title,
    )
    assert [names.split(", ") for names in lists.groups()] == [MEMBERS["RCM"], MEMBERS["SACM"]]
    assert f"its {len(MEMBERS['RCM'])} member countries" in REPORT


def test_states_have_their_iso_codes():
    assert ACTORS.set_index("actor")["iso3"].dropna().to_dict() == ISO3


# codebook


def test_dimensions_are_four_in_the_order_of_the_brief(meeting):
    assert CODEBOOK["dimension"].drop_duplicates().tolist() == DIMENSIONS
    assert meeting.positions().columns.tolist() == DIMENSIONS


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_a_dimension_holds_two_to_five_codes(dimension):
    assert 2 <= (CODEBOOK["dimension"] == dimension).sum() <= 5


def test_every_code_is_described_and_used():
    assert CODEBOOK.notna().all(axis=None)
    assert set(STATEMENTS["code"]) == set(CODES)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(
    ("rule", "marker"), [("include", "Example:"), ("exclude", "Example of what is left out:")]
)
def test_examples_of_the_codebook_are_the_reports_words(code, rule, marker):
    text = CODEBOOK.set_index("code").at[code, rule]
    examples = quoted(text)
    marked = [words for before, words in examples if marker in before or "as in" in before]
    assert marked, f"no example in: {text}"
    for _, words in examples:
        *parts, last = words.split("[…]")
        places = [REPORT.find(part.strip()) for part in (*parts, last)]
        assert -1 not in places, words
        assert places == sorted(places), words


@pytest.mark.parametrize("code", CODES)
def test_an_example_of_the_codebook_is_coded_as_its_rule_says(code):
    rules = CODEBOOK.set_index("code").loc[code]
    spans = [span(quote) for quote in STATEMENTS.loc[STATEMENTS["code"] == code, "quote"]]
    included = span(quoted(rules["include"])[-1][1])
    assert any(start < included[1] and included[0] < stop for start, stop in spans)
    left_out = quoted(rules["exclude"])[-1][1]
    quotes = STATEMENTS.loc[STATEMENTS["code"] == code, "quote"]
    assert [quote for quote in quotes if left_out in quote] == []


@pytest.mark.parametrize("code", CODES)
def test_rules_name_codes_that_exist(code):
    row = CODEBOOK.set_index("code").loc[code]
    named = re.findall(r"\(([a-z]+(?:_[a-z]+)+)\)", row["include"] + row["exclude"])
    assert [name for name in named if name not in CODES or name == code] == []


# statements and references


def test_by_reference_are_colombia_and_united_states_in_the_sentence_on_chile():
    chile = "As had Colombia and United States, the representative of Chile emphasized the need"
    (sentence,) = [s for s in re.findall(r"[^\n.]+\.", REPORT) if s.startswith(chile)]
    by_reference = STATEMENTS[STATEMENTS["basis"] == "by_reference"]
    assert by_reference[["actor", "code", "stance", "quote"]].to_dict("list") == {
        "actor": ["Colombia", "United States"],
        "code": ["subjects_of_law", "subjects_of_law"],
        "stance": ["1", "1"],
        "quote": [sentence.removesuffix(".")] * 2,
    }
    own = STATEMENTS[(STATEMENTS["actor"] == "Chile") & (STATEMENTS["code"] == "subjects_of_law")]
    assert own[["basis", "quote"]].to_numpy().tolist() == [["explicit", sentence[:-1]]]
    assert set(STATEMENTS["basis"]) == {"explicit", "by_reference"}


def test_explicit_words_stand_in_the_actors_own_intervention_or_record_its_support():
    support = set(
        REFERENCES.loc[REFERENCES["relation"] == "supports", ["actor", "quote"]]
        .dropna()
        .itertuples(index=False, name=None)
    )
    passages = INTERVENTIONS.groupby("actor")["passage"].agg(list)
    explicit = STATEMENTS[STATEMENTS["basis"] == "explicit"]
    elsewhere = [
        (actor, quote)
        for actor, quote in zip(explicit["actor"], explicit["quote"], strict=True)
        if not any(quote in passage for passage in passages.get(actor, []))
    ]
    assert set(elsewhere) == support
    assert len(elsewhere) == len(support)


def test_support_of_colombias_proposal_is_a_statement_and_a_reference():
    named = ["Chile", "Paraguay", "El Salvador", "RCM Chair", "SACM Chair"]
    sentence = (
        "The proposal was supported by Chile, Paraguay, El Salvador, "
        "and the Chairs of the RCM and SACM"
    )
    said = STATEMENTS[STATEMENTS["quote"].str.contains(sentence, regex=False)]
    assert said["actor"].tolist() == named
    assert set(said["code"]) == {"cam_facilitator"}
    referred = REFERENCES[REFERENCES["quote"].str.contains(sentence, regex=False)]
    assert referred["actor"].tolist() == named
    assert set(referred["target"]) == {"Colombia"}
    assert set(referred["relation"]) == {"supports"}


def test_no_opposition_is_recorded():
    assert set(STATEMENTS["stance"]) == {"1"}


def test_the_primary_coder_is_declared_among_the_contributors():
    (coder,) = STATEMENTS["coder"].unique()
    declared = [c for c in DESCRIPTOR["contributors"] if c.get("coder") == coder]
    assert [c["role"] for c in declared] == ["coder"]
    assert "Primary coder" in declared[0]["description"]


# the folder as a whole


@pytest.mark.slow
def test_the_data_package_is_valid():
    report = frictionless.validate(str(DATA / "datapackage.json"))
    assert report.flatten(["name", "type", "message"]) == []
    assert report.valid
    assert {task.name for task in report.tasks} >= {"actors", "statements"}


def test_the_data_package_describes_every_file_of_the_folder():
    described = {resource["path"] for resource in DESCRIPTOR["resources"]}
    library = {"datapackage.json", "schema.json", "words.json", "README.md"}
    assert described | library == {path.name for path in DATA.iterdir()}


@pytest.mark.parametrize("resource", DESCRIPTOR["resources"], ids=lambda r: r["path"])
def test_every_file_is_the_one_that_the_data_package_states(resource):
    data = (DATA / resource["path"]).read_bytes()
    assert resource["bytes"] == len(data)
    assert resource["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
