"""Every notebook runs afresh, and says in its stored outputs what it says now."""

import re

import nbformat
import pytest

import camdata as cam
from notebooks import NOTEBOOKS, run, texts

PATHS = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells_of(path):
    return nbformat.read(path, as_version=4).cells


@pytest.mark.slow
@PATHS
def test_stored_outputs_are_those_of_a_fresh_run(path):
    """What is printed and what charts say; pixels differ from machine to machine."""
    assert texts(run(path)) == texts(nbformat.read(path, as_version=4))


@PATHS
def test_no_cell_failed_and_every_chart_is_stored_once_with_its_words(path):
    for cell in cells_of(path):
        outputs = cell.get("outputs", [])
        assert not [o for o in outputs if o.output_type == "error"]
        images = "".join(str(o.get("data", {}).get("text/html", "")) for o in outputs)
        assert images.count("<img alt=") == (1 if "cam.plots." in cell.source else 0)
        assert '<img alt=""' not in images
        assert not [o for o in outputs if "image/png" in o.get("data", {})]


@PATHS
def test_cells_are_what_a_user_would_write(path):
    for cell in cells_of(path):
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 15
            assert not re.search(r"^(def|class) |lambda", cell.source, flags=re.MULTILINE)
            assert "._" not in cell.source


@PATHS
def test_it_begins_with_its_question_and_is_small(path):
    first = cells_of(path)[0]
    assert first.cell_type == "markdown"
    assert first.source.startswith("# ")
    assert "?**" in first.source
    assert path.stat().st_size < 300_000


@PATHS
def test_nothing_stored_tells_of_the_machine(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/home/|/Users/|/tmp/|/root/|[A-Z]:\\\\|site-packages", text)
    notebook = nbformat.read(path, as_version=4)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert all(not cell.metadata for cell in notebook.cells)


# what is claimed in prose


@PATHS
def test_every_decimal_number_in_prose_stands_in_an_output(path):
    notebook = nbformat.read(path, as_version=4)
    prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    printed = "\n".join(texts(notebook))
    numbers = set(re.findall(r"\d+\.\d+", prose))
    assert numbers <= set(re.findall(r"\d+\.\d+", printed))


def test_claims_of_the_notebook_on_positions():
    positions = cam.load_meeting().positions()
    counts = positions.notna().sum()
    assert counts.idxmax() == "coordination"
    assert counts.idxmin() == "terms definition"
    assert not (cam.load_meeting().statements["stance"] == -1).any()
    assert positions.loc["Bolivia"].isna().all()


def test_claims_of_the_notebook_on_agreement():
    meeting = cam.load_meeting()
    pairs = cam.dyads(meeting.tally(), ["matching"])
    assert set(pairs["matching"].dropna()) == {1.0}
    assert len(pairs) == 91
    assert cam.compare(meeting, "Canada", "Uruguay").value == 1
    by_code = cam.compare(meeting, "Canada", "Uruguay", by="code")
    assert (len(by_code.codes("shared")), len(by_code.frame)) == (1, 7)


def test_claims_of_the_notebook_on_processes():
    meeting = cam.load_meeting()
    for by in ("dimension", "code"):
        agreement = cam.agreement(meeting.tally(by))
        for null in (None, "relabeling"):
            result = cam.analysis.association(agreement, "process", null=null)
            assert result.p_value > 0.05
