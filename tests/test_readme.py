"""What the README and the data's own page say is what a run gives."""

import re
from pathlib import Path

import matplotlib
import pytest
import readme
from matplotlib import pyplot

import camdata as cam

matplotlib.use("Agg")

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DATA = (ROOT / "camdata" / "data" / "README.md").read_text(encoding="utf-8")
SCRIPTS = [(found[1], found[2]) for found in readme.SCRIPT.findall(README)]


@pytest.fixture(autouse=True)
def _closed_figures():
    yield
    pyplot.close("all")


@pytest.mark.parametrize(("script", "expected"), SCRIPTS)
def test_scripts_print_what_the_readme_shows(script, expected):
    assert readme.run(script) == expected


def test_there_is_a_script_to_run():
    assert len(SCRIPTS) == 1


def test_it_is_short():
    assert len(README.splitlines()) <= 150
    assert len(README.encode()) <= 9_000 + len(SCRIPTS[0][1].encode())


def test_the_picture_has_the_words_of_the_chart():
    alt, file = readme.LEAD.search(README).groups()
    assert readme.lead().figure.alt == alt
    assert (ROOT / file).read_bytes().startswith(b"\x89PNG")


def test_a_table_with_faults_is_refused_as_the_readme_shows(tmp_path, monkeypatch):
    from test_io_table import coding, workbook

    header = ["Country", "Issue", "Position", "Coder"]
    workbook(tmp_path / "coding.xlsx", {"Coding": [header, *coding()]})
    monkeypatch.chdir(tmp_path)
    section = README.partition("\n## Your own table\n")[2].partition("\n## ")[0]
    first, faults, second = re.findall(r"```\w+\n(.*?)```", section, flags=re.DOTALL)
    with pytest.raises(cam.MeetingError) as error:
        exec(first, {"cam": cam})
    assert f"{error.value}\n" == faults
    exec(second, {"cam": cam})


def test_how_far_the_codings_agree():
    assert readme.RELIABILITY.search(DATA)[2] == readme.reliability()


def test_every_name_that_the_readme_calls_is_there():
    for name in re.findall(r"\bcam\.((?:io\.|plots\.|analysis\.)?\w+)", README):
        value = cam
        for part in name.split("."):
            value = getattr(value, part)


@pytest.mark.parametrize("marker", ["main command", "test command"])
def test_each_command_is_one_line_that_sets_up_everything(marker):
    block = re.search(rf"<!-- {marker} -->\n```sh\n(.*?)\n```", README, flags=re.DOTALL)[1]
    assert "\n" not in block
    assert block.startswith("python3 -m venv .venv && .venv/bin/python -m pip install")


@pytest.mark.parametrize(
    "name", ["actors", "codebook", "interventions", "statements", "references", "recodings"]
)
def test_the_data_page_names_the_columns_that_the_tables_have(name):
    row = re.search(rf"^\| `{name}` \|.*\| (.*) \|$", DATA, flags=re.MULTILINE)[1]
    assert re.findall(r"`(.*?)`", row) == list(getattr(cam.load_meeting(), name).columns)


def test_the_version_is_the_package_s():
    version = cam.__version__
    assert f"Version {version}." in README
    assert f"version: {version}" in (ROOT / ".github" / "CITATION.cff").read_text("utf-8")
    assert f"\n## {version}\n" in (ROOT / ".github" / "CHANGES.md").read_text("utf-8")
