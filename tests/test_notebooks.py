"""Every notebook runs afresh, and says in its stored outputs what it says now."""

import re

import nbformat
import numpy as np
import pytest

import camdata as cam
from notebooks import NOTEBOOKS, run, texts

PATHS = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def _source(path):
    return nbformat.read(path, as_version=4)


def test_the_five_notebooks_are_there():
    assert [path.stem for path in NOTEBOOKS] == [
        "01_positions",
        "02_agreement",
        "03_clusters",
        "04_processes",
        "05_your_meeting",
    ]


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


def test_numbers_in_the_answer_of_agreement():
    positions = cam.load_meeting().positions("code")
    answer = _answer("02_agreement")
    assert positions.notna().to_numpy().mean() == pytest.approx(1 / 7)
    assert "One cell in seven" in answer
    upper = np.triu_indices(len(positions), k=1)
    jaccard, overlap = (
        cam.agreement(positions, name).to_numpy()[upper] for name in ("jaccard", "overlap")
    )
    compared = int((~np.isnan(jaccard)).sum())
    assert f"in {(jaccard == 0).sum()} of the {compared} pairs" in answer
    assert not (jaccard == 1).any()
    assert f"full agreement in {WORDS[int((overlap == 1).sum())]}" in answer


def test_numbers_in_the_answer_of_clusters():
    meeting = cam.load_meeting()
    positions = meeting.positions("code")
    clusters = cam.cluster(cam.agreement(positions))
    answer = _answer("03_clusters")
    assert len(clusters.placed) == 13
    assert f"into {WORDS[clusters.n_clusters]} clusters" in answer
    leading = {
        "CAM as facilitator and joint inputs": ["cam_facilitator", "joint_inputs"],
        "acting together and migrants as subjects of law": ["joint_action", "subjects_of_law"],
        "a common position": ["common_position"],
        "being specific and actionable": ["specific_actionable"],
        "defining the key terms": ["key_terms"],
    }
    table = cam.profile(positions, clusters)
    for (words, codes), (label, actors) in zip(
        leading.items(), clusters.members.items(), strict=True
    ):
        assert f"{words} ({', '.join(actors)})" in answer
        first = table[table["cluster"] == label]["code"].tolist()
        assert first[: len(codes)] == codes
    assert not cam.cluster_choice(positions).structured
    changing = (cam.sensitivity(meeting, by="code")["adjusted_rand"] < 1 - 1e-9).sum()
    assert (int(changing), len(meeting.select()[1])) == (15, 38)
    assert "fifteen of thirty-eight statements" in answer


def test_numbers_in_the_answer_of_processes():
    meeting = cam.load_meeting()
    process = meeting.actors.set_index("actor")["process"].dropna()
    answer = _answer("04_processes")
    coarse = cam.association(cam.agreement(meeting.positions()), process)
    fine = cam.association(cam.agreement(meeting.positions("code")), process)
    assert (
        f"({coarse.within:.2f} within, {coarse.between:.2f} between, p = {coarse.p_value:.2f})"
        in answer
    )
    assert f"({fine.within:.2f} against {fine.between:.2f}, p = {fine.p_value:.2f})" in answer
    assert f"(adjusted Rand index {fine.rand:.2f}, p = {fine.rand_p_value:.2f})" in answer
    assert cam.null_model(meeting.positions("code"), n=999).backbone.empty
    supporters = meeting.references.query("relation == 'supports' and target == 'Colombia'")
    assert supporters["actor"].dropna().tolist() == [
        "Chile",
        "Paraguay",
        "El Salvador",
        "RCM Chair",
        "SACM Chair",
    ]
