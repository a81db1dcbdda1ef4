"""What the README says is what a run gives."""

import contextlib
import io
import re
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
import readme
from matplotlib import pyplot
from strategies import tally_of

import camdata as cam
from camdata.analysis.measures import MEASURES

matplotlib.use("Agg")

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SCRIPTS = [(found[1], found[2]) for found in readme.SCRIPT.findall(README)]


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    pyplot.close("all")


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_scripts_print_what_the_readme_shows(script, expected):
    assert readme.run(script) == expected


def test_there_are_scripts_to_run():
    assert len(SCRIPTS) == 3


def test_the_chart_has_the_words_of_the_chart():
    alt, file = readme.LEAD.search(README).groups()
    assert readme.lead().figure.alt == alt
    assert (ROOT / file).read_bytes().startswith(b"\x89PNG")


def section(heading):
    """Return the text of a section, and its blocks as (language, content)."""
    text = README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return text, re.findall(r"```(\w+)\n(.*?)```", text, flags=re.DOTALL)


def test_the_way_from_a_workbook_is_as_the_readme_shows(tmp_path, monkeypatch):
    from test_exchange_table import coding, workbook

    header = ["Country", "Issue", "Position", "Coder"]
    workbook(tmp_path / "coding.xlsx", {"Coding": [header, *coding()]})
    monkeypatch.chdir(tmp_path)
    (_, first), (_, faults), (_, second), (_, changes), (_, last) = section("Your own table")[1]
    with pytest.raises(cam.MeetingError) as error:
        exec(first, {"cam": cam})
    assert f"{error.value}\n" == faults
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(second, {"cam": cam})
    assert printed.getvalue().splitlines() == changes.splitlines()
    assert len(last.splitlines()) <= 5
    exec(last, {"cam": cam})


def test_the_snippets_of_engines_are_those_that_are_run():
    """`tests/test_lazy.py` runs them on small data, and compares what they give."""
    from test_lazy import SNIPPETS

    blocks = [block for _, block in section("From one meeting to millions of statements")[1]]
    snippets = SNIPPETS.values() if isinstance(SNIPPETS, dict) else SNIPPETS
    assert [block.strip() for block in blocks] == [snippet.strip() for snippet in snippets]


def interval(row):
    """Return the interval of an alpha as the README says it."""
    return "none" if pd.isna(row["low"]) else f"{row['low']:.2f} to {row['high']:.2f}"


def test_the_figures_of_the_three_codings():
    meeting = cam.load_meeting()
    text, _ = section("How far three codings agree")
    rows = meeting.select(coder="full_codebook").statements
    codes = meeting.codebook.set_index("code")
    example = codes["include"].map(lambda rule: re.search("Example: “(.+)”", rule)[1])
    words = rows["code"].map(example)
    begin, start = words.map(meeting.text.index), rows["quote"].map(meeting.text.index)
    rests = (start < begin + words.str.len()) & (begin < start + rows["quote"].str.len())
    cells = rows.loc[rests, ["actor", "code"]]
    assert f"{len(cells)} of its {len(rows)} rows rest on an include example" in text
    whole, without = cam.reliability(meeting), cam.reliability(meeting, without=cells)
    names = {"delegations": "delegation", "chairs": "chair", "officials": "official", "all": "all"}
    table = re.findall(r"^\| ([\w ]+) \| (\d+) \| (.*) \|$", text, flags=re.MULTILINE)
    assert len(table) == 9
    for name, units, said in table:
        key = names.get(name, name)
        one, other = (
            pd.concat([r.overall, r.by_kind, r.by_dimension]).loc[key] for r in (whole, without)
        )
        assert int(units) == one["units"]
        assert said == (
            f"{one['alpha']:.2f} | {interval(one)} | {other['alpha']:.2f} ({interval(other)})"
        )
    said = re.findall(
        r"(\w+) (\d\.\d\d) \(([^)]+)\)", text.partition("By code:")[2].split("There is")[0]
    )
    assert len(said) == 5
    for code, alpha, between in said:
        row = whole.by_code.loc[code]
        assert (f"{row['alpha']:.2f}", interval(row)) == (alpha, between)
    assert (whole.by_code["alpha"] == 1).sum() == 12
    assert len(whole.disagreements) == 7


def test_every_name_that_the_readme_calls_is_there():
    for name in re.findall(r"\bcam\.((?:io\.|plots\.)?\w+)", README):
        value = cam
        for part in name.split("."):
            value = getattr(value, part)


@pytest.mark.parametrize("marker", ["main command", "test command"])
def test_each_command_is_one_line_that_sets_up_everything(marker):
    block = re.search(rf"<!-- {marker} -->\n```sh\n(.*?)\n```", README, flags=re.DOTALL)[1]
    assert "\n" not in block
    assert block.startswith("python3 -m venv .venv && .venv/bin/python -m pip install")


def test_the_data_section_names_the_columns_that_the_tables_have():
    meeting = cam.load_meeting()
    for name in ("actors", "codebook", "interventions", "statements", "references", "recodings"):
        row = re.search(rf"^\| `{name}` \|.*\| (.*) \|$", README, flags=re.MULTILINE)[1]
        assert re.findall(r"`(.*?)`", row) == list(getattr(meeting, name).columns)


def test_the_version_is_the_package_s():
    assert f"Version {cam.__version__}." in README


# the table of measures, computed


def _row(method):
    cells = re.search(rf"^\| `{method}` \|(.*)\|$", README, flags=re.MULTILINE)[1].split("|")
    return [cell.strip() for cell in cells]


def _tally(table):
    """Make a tally of two actors from counts of support and opposition, code by code."""
    counts = np.asarray(table).reshape(2, -1, 2)
    return tally_of(counts, ("a", "b"), [f"code {i}" for i in range(counts.shape[1])])


def _changes(method, added):
    """Collect how the agreement of random pairs changes when a code is added."""
    generator = np.random.default_rng(0)
    changes = set()
    for _ in range(300):
        before = generator.integers(0, 2, (2, 10))
        after = np.hstack([before, np.array(added)])
        old, new = (cam.agreement(_tally(t), method).values[0, 1] for t in (before, after))
        if np.isnan(old) or np.isnan(new):
            continue
        changes.add(int(np.sign(round(new - old, 12))))
    return changes


def test_the_table_lists_every_measure():
    assert re.findall(r"^\| `(\w+)` \| ignored", README, flags=re.MULTILINE) == list(MEASURES)


@pytest.mark.slow
@pytest.mark.parametrize("method", MEASURES)
def test_what_the_table_says_of_joint_silence(method):
    assert _row(method)[0] == "ignored"
    assert _changes(method, [[0, 0], [0, 0]]) <= {0}


@pytest.mark.slow
@pytest.mark.parametrize("method", MEASURES)
def test_what_the_table_says_of_one_sided_silence(method):
    found = _changes(method, [[1, 0], [0, 0]]) | _changes(method, [[0, 0], [1, 0]])
    said = _row(method)[1]
    if said == "ignored":
        assert found == {0}
    elif said == "lowers":
        assert found == {0, -1}  # 0 where nothing was shared to begin with
    else:
        assert said == "depends"
        assert found == {0, -1}
        larger = _tally(np.array([[1, 0, 1, 0, 1, 0], [1, 0, 0, 0, 0, 0]]))
        more = _tally(np.array([[1, 0, 1, 0, 1, 0, 1, 0], [1, 0, 0, 0, 0, 0, 0, 0]]))
        assert cam.agreement(larger, method).frame.equals(cam.agreement(more, method).frame)


@pytest.mark.slow
@pytest.mark.parametrize("method", MEASURES)
def test_what_the_table_says_of_the_range(method):
    generator = np.random.default_rng(1)
    values = []
    for _ in range(300):
        table = generator.integers(0, 3, (2, 12)) * (generator.random((2, 12)) < 0.6)
        values.append(cam.agreement(_tally(table), method).values[0, 1])
    values = np.array(values)[~np.isnan(values)]
    low, high = {
        "0 to 1": (0, 1),
        "0 and up": (0, np.inf),
        "any": (-np.inf, np.inf),
        "-1 to 1": (-1, 1),
        "up to 1": (-np.inf, 1),
    }[_row(method)[2]]
    assert values.min() >= low - 1e-12
    assert values.max() <= high + 1e-12
    if low == -np.inf or low == -1:
        assert values.min() < 0


@pytest.mark.parametrize("method", MEASURES)
def test_what_the_table_says_of_having_nothing_to_say(method):
    silent = _tally(np.array([[1, 0, 1, 0], [0, 0, 0, 0]]))
    apart = _tally(np.array([[1, 0, 0, 0], [0, 0, 1, 0]]))
    alike = _tally(np.array([[1, 0, 1, 0], [1, 0, 1, 0]]))
    nothing = [
        bool(np.isnan(cam.agreement(t, method).values[0, 1])) for t in (silent, apart, alike)
    ]
    expected = {
        "one of them is silent throughout": [True, False, False],
        "no code in common": [True, True, False],
        "no code in common, or one rating only": [True, True, True],
    }
    assert nothing == expected[_row(method)[4]]


def test_what_the_table_says_of_these_data():
    tally = cam.load_meeting().tally("code")
    conflict, matching = (cam.agreement(tally, name).values for name in ("conflict", "matching"))
    assert set(conflict[~np.isnan(conflict)]) == {0.0}
    assert set(matching[~np.isnan(matching)]) == {1.0}
