"""Every notebook runs afresh, and says in its stored outputs what it says now."""

import re

import jupyterlite
import nbformat
import pytest

import camdata as cam
from notebooks import NOTEBOOKS, run, texts

PATHS = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def _source(path):
    return nbformat.read(path, as_version=4)


def test_the_six_notebooks_are_there():
    assert [path.stem for path in NOTEBOOKS] == [
        "01_positions",
        "02_agreement",
        "03_clusters",
        "04_processes",
        "05_your_meeting",
        "06_change_and_groups",
    ]


@pytest.mark.slow
@PATHS
def test_stored_outputs_are_those_of_a_fresh_run(path):
    assert texts(run(path)) == texts(_source(path))


@PATHS
def test_no_cell_failed_and_every_chart_was_stored_with_its_words(path):
    for cell in _source(path).cells:
        outputs = cell.get("outputs", [])
        assert not [o for o in outputs if o.output_type == "error"]
        drawn = [o for o in outputs if "image/png" in o.get("data", {})]
        assert len(drawn) == (1 if "cam.plots." in cell.source else 0)
        for output in drawn:
            assert output.metadata["image/png"]["alt"]
            assert 'alt="' in output.data["text/html"]


@PATHS
def test_cells_are_short_and_hold_no_helpers(path):
    for cell in _source(path).cells:
        if cell.cell_type == "code":
            assert len(cell.source.splitlines()) <= 15
            assert not re.search(r"^(def|class) |lambda", cell.source, flags=re.MULTILINE)
            assert "._" not in cell.source


@PATHS
def test_it_begins_with_its_question_and_ends_with_its_answer(path):
    cells = _source(path).cells
    assert cells[0].cell_type == cells[-1].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert "?**" in cells[0].source
    assert "## Answer\n" in cells[-1].source


@PATHS
def test_nothing_stored_tells_of_the_machine(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"/home/|/Users/|/tmp/|/root/|[A-Z]:\\\\|site-packages", text)
    notebook = _source(path)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert all(not cell.metadata for cell in notebook.cells)


def test_pyodide_meets_all_that_the_notebooks_need():
    assert jupyterlite.unmet() == []


# numbers in prose


def _answer(name):
    return next(_source(path) for path in NOTEBOOKS if path.stem == name).cells[-1].source


WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()


def test_numbers_in_the_answer_of_positions():
    positions = cam.load_meeting().positions()
    held = positions.notna()
    counts = held.sum()
    answer = _answer("01_positions")
    assert f"({WORDS[counts['coordination']]} of fourteen)" in answer
    assert f"pragmatism follows with {WORDS[counts['pragmatism']]}" in answer
    assert f"rights with {WORDS[counts['rights']]}" in answer
    assert f"terms definition with {WORDS[counts['terms definition']]}" in answer
    assert held["terms definition"].idxmax() == "Canada"
    assert held.index.get_loc("Canada") == 7
    spoken = [i for i, yes in enumerate(held["coordination"], 1) if yes]
    assert (spoken[0], spoken[-1]) == (1, 12)
    assert not (cam.load_meeting().statements["stance"] == -1).any()


def test_the_codings_in_the_answer_of_positions():
    reliability = cam.reliability(cam.load_meeting())
    answer = _answer("01_positions")
    assert f"alpha is {reliability.by_kind.loc['delegation', 'alpha']:.2f} for the" in answer
    assert f"{reliability.alpha:.2f} over everybody" in answer
    meeting = cam.load_meeting()
    coded = [meeting.select(coder=who).positions() for who in reliability.coders]
    assert all(positions.equals(coded[0]) for positions in coded)


def test_numbers_in_the_answer_of_agreement():
    pairs = cam.dyads(cam.load_meeting().tally(), ["jaccard", "overlap", "matching"])
    answer = _answer("02_agreement")
    zero, same = (pairs["jaccard"] == 0).sum(), (pairs["jaccard"] == 1).sum()
    assert f"in {zero} of the {pairs['jaccard'].count()} pairs" in answer
    assert f"full agreement in {WORDS[int(same)]};" in answer
    assert f"full agreement in {(pairs['overlap'] == 1).sum()}," in answer
    assert f"the {pairs['matching'].count()} pairs" in answer
    assert set(pairs["matching"].dropna()) == {1.0}


def test_numbers_in_the_answer_of_clusters():
    universe = cam.multiverse(cam.load_meeting(), n_resamples=999)
    answer = _answer("03_clusters")
    assert f"all {len(universe.specifications)} specifications" in answer
    first, second, third = universe.cores
    assert len(first) == len(second) == 4
    for core in (first, second, third):
        assert f"{', '.join(core[:-1])} and {core[-1]}" in answer
    swing = universe.swing["actor"].tolist()
    assert f"{', '.join(swing[:-1])} and {swing[-1]} are recorded on both sides" in answer
    choice = universe.reference.choice
    assert f"(p = {choice.p_value:.2f})" in answer
    assert not choice.structured
    standing = cam.profile(universe.reference).apart()
    leading = standing.groupby("cluster")["dimension"].agg(list).to_dict()
    assert leading[1][0] == "coordination"
    assert set(leading[2]) == {"terms definition", "pragmatism"}
    sensitivity = cam.sensitivity(universe.reference)
    assert (int(sensitivity.effect.sum()), len(sensitivity.frame)) == (12, 38)
    assert "twelve of thirty-eight statements" in answer


def test_numbers_in_the_answer_of_processes():
    meeting = cam.load_meeting()
    process = meeting.actors.set_index("actor")["process"].dropna()
    answer = _answer("04_processes")
    coarse, fine = (cam.agreement(meeting.tally(by)) for by in ("dimension", "code"))
    for agreement, words in ((coarse, "within, {:.2f} between"), (fine, "against {:.2f}")):
        result = cam.association(agreement, process)
        said = f"({result.within:.2f} {words.format(result.between)}, p = {result.p_value:.2f})"
        assert said in answer
        assert result.rand < 0
    tried = {k: cam.association(cam.cluster(fine, k), process) for k in range(2, 9)}
    assert [k for k, result in tried.items() if result.rand_p_value < 0.05] == [5]
    assert f"index {tried[5].rand:.2f}, p = {tried[5].rand_p_value:.3f})" in answer
    assert cam.null_model(meeting.tally("code"), 999).backbone.empty
    supporters = meeting.references.query("relation == 'supports' and target == 'Colombia'")
    assert supporters["actor"].dropna().tolist() == [
        "Chile",
        "Paraguay",
        "El Salvador",
        "RCM Chair",
        "SACM Chair",
    ]
