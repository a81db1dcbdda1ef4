"""Graphs: nodes, edges and attributes as in the tables, and files that read back the same."""

import re
import sys
from xml.etree import ElementTree

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

import camdata as cam
from camdata.analysis.chance import NullModel

GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"


@pytest.fixture(scope="module")
def tally(meeting):
    return meeting.tally()


@pytest.fixture(scope="module")
def agreement(tally):
    return cam.agreement(tally)


@pytest.fixture(scope="module")
def clusters(agreement):
    return cam.cluster(agreement, 3)


def null_of(*significant, others=()):
    """Return a null model in which these pairs are significant and the others are not."""
    rows = [(a, b, True) for a, b in significant] + [(a, b, False) for a, b in others]
    pairs = pd.DataFrame(rows, columns=["actor", "other", "significant"])
    pairs = pairs.astype({"significant": bool})
    pairs = pairs.assign(shared=3, expected=1.0, p_value=0.01, p_adjusted=0.02, reachable=True)
    anything = cam.tally(pd.DataFrame({"actor": ["A"], "code": ["x"]}))
    return NullModel(pairs, alpha=0.05, n_resamples=99, null="positions", tally=anything)


def pairs_above(agreement, threshold):
    """List the pairs of a square table above a threshold, by loops, with their values."""
    names = list(agreement.index)
    return {
        frozenset((a, b)): agreement.loc[a, b]
        for i, a in enumerate(names)
        for b in names[:i]
        if agreement.loc[a, b] > threshold
    }


def cells_above_zero(table):
    """List the cells of a table of counts that hold something."""
    return {
        frozenset((actor, code)): table.loc[actor, code]
        for actor in table.index
        for code in table.columns
        if table.loc[actor, code]
    }


def weights(graph):
    return {frozenset((a, b)): weight for a, b, weight in graph.edges(data="weight")}


# agreement


def test_every_actor_is_a_node_in_the_order_of_the_table(agreement):
    graph = cam.analysis.to_networkx(agreement)
    assert list(graph) == list(agreement.actors)
    assert graph.degree["Bolivia"] == 0
    assert not graph.is_directed()
    assert not graph.is_multigraph()


@pytest.mark.parametrize("threshold", [0, 0.25, 0.5, 0.99, 1])
def test_edges_are_the_pairs_above_the_threshold(agreement, threshold):
    graph = cam.analysis.to_networkx(agreement, threshold=threshold)
    assert weights(graph) == pairs_above(agreement.frame, threshold)
    assert list(graph) == list(agreement.actors)
    assert all(type(weight) is float for weight in weights(graph).values())


@pytest.mark.parametrize(("measure", "threshold"), [("subtract", -2), ("s", -1.5)])
def test_negative_threshold_joins_no_pair_without_a_value(measure, threshold):
    rows = [
        ("A", "x", 1),
        ("A", "y", 1),
        ("B", "x", -1),
        ("B", "y", -1),
        ("C", "x", 1),
        ("D", "z", 1),
    ]
    rows = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    actors = pd.DataFrame({"actor": [*"ABCD", "silent"]})
    agreement = cam.agreement(cam.Meeting(rows, actors=actors).tally("code"), measure)
    table = agreement.frame
    assert table.loc["silent"].isna().all()
    assert (table.drop("silent").drop(columns="silent") < 0).any(axis=None)
    graph = cam.analysis.to_networkx(agreement, threshold=threshold)
    assert weights(graph) == pairs_above(table, threshold)
    assert nx.number_of_selfloops(graph) == 0


def test_attributes_of_the_actors(meeting, clusters):
    graph = cam.analysis.to_networkx(clusters)
    described = meeting.actors.set_index("actor")
    statements = meeting.statements["actor"].value_counts()
    for actor, attributes in graph.nodes(data=True):
        row = described.loc[actor].dropna().to_dict()
        expected = {"mode": "actor", "statements": int(statements.get(actor, 0)), **row}
        if not pd.isna(clusters.labels[actor]):
            expected["cluster"] = int(clusters.labels[actor])
        assert attributes == expected
    assert {"iso3", "kind", "process", "speaking_order"} <= set(graph.nodes["Peru"])
    assert "cluster" not in graph.nodes["Bolivia"]
    assert graph.nodes["Bolivia"]["statements"] == 0
    kinds = {type(value) for _, data in graph.nodes(data=True) for value in data.values()}
    assert kinds == {str, int}


def test_missing_attributes_are_left_out(meeting):
    graph = cam.analysis.to_networkx(cam.agreement(meeting.select(kinds="all").tally()))
    assert "iso3" not in graph.nodes["IOM"]
    assert "speaking_order" not in graph.nodes["IOM"]
    assert graph.nodes["IOM"]["kind"] == "organisation"


def test_what_is_known_of_the_actors_comes_with_the_tally(meeting):
    plain = cam.analysis.to_networkx(cam.agreement(cam.tally(meeting.statements)))
    positions = cam.analysis.to_networkx(cam.agreement(meeting.positions()))
    assert all(set(data) == {"mode", "statements"} for _, data in plain.nodes(data=True))
    assert all(set(data) == {"mode"} for _, data in positions.nodes(data=True))


def test_counts_are_those_of_the_part_that_was_compared(meeting):
    part = meeting.select(actors=["Brazil", "Chile"], codes=["joint_action", "key_terms"])
    of_part = cam.analysis.to_networkx(cam.agreement(part.tally("code"))).nodes(data="statements")
    rows = part.statements["actor"].value_counts().reindex(["Brazil", "Chile"], fill_value=0)
    assert dict(of_part) == rows.to_dict()
    # a frame of somebody's own has no counts to carry along
    half = cam.agreement(meeting.tally()).frame / 2
    assert not nx.get_node_attributes(cam.analysis.to_networkx(half), "statements")


def test_clusters_bring_their_agreement_and_labels(clusters):
    graph = cam.analysis.to_networkx(clusters)
    same = cam.analysis.to_networkx(clusters.agreement, clusters=clusters)
    assert dict(graph.nodes(data=True)) == dict(same.nodes(data=True))
    assert weights(graph) == weights(same) == pairs_above(clusters.agreement.frame, 0)
    other = cam.analysis.to_networkx(clusters, clusters={"Peru": "alone"})
    assert nx.get_node_attributes(other, "cluster") == {"Peru": 1}


def test_table_that_does_not_know_the_statements():
    square = pd.DataFrame([[np.nan, 0.5], [0.5, np.nan]], index=["A", "B"], columns=["A", "B"])
    graph = cam.analysis.to_networkx(square, clusters={"A": "left"})
    assert dict(graph.nodes(data=True)) == {
        "A": {"mode": "actor", "cluster": 1},
        "B": {"mode": "actor"},
    }
    assert weights(graph) == {frozenset("AB"): 0.5}


def test_empty_backbone_joins_nobody(agreement):
    graph = cam.analysis.to_networkx(agreement, backbone=null_of(others=[("Canada", "Uruguay")]))
    assert list(graph) == list(agreement.actors)
    assert graph.number_of_edges() == 0


def test_backbone_joins_its_significant_pairs_only(agreement):
    null = null_of(("Uruguay", "Canada"), ("Chile", "Costa Rica"), others=[("Brazil", "Chile")])
    graph = cam.analysis.to_networkx(agreement, backbone=null)
    assert weights(graph) == {
        frozenset(("Canada", "Uruguay")): agreement.frame.loc["Canada", "Uruguay"],
        frozenset(("Chile", "Costa Rica")): agreement.frame.loc["Chile", "Costa Rica"],
    }


def test_planted_backbone():
    # two blocs on codes of their own, each member on eight of the ten; random tables mix them
    rows = [
        (f"{bloc}{i}", f"{bloc} code {(i + j) % 10}")
        for bloc in ("left", "right")
        for i in range(8)
        for j in range(8)
    ]
    meeting = cam.Meeting(pd.DataFrame(rows, columns=["actor", "code"]))
    tally = meeting.tally()
    null = cam.analysis.null_model(tally, 999)
    graph = cam.analysis.to_networkx(cam.agreement(tally), backbone=null)
    assert graph.number_of_edges() == len(null.backbone) > 0
    assert all(a.rstrip("01234567") == b.rstrip("01234567") for a, b in graph.edges)


# positions


@pytest.mark.parametrize("of", ["tally", "positions"])
def test_positions_make_a_bipartite_graph(tally, of):
    positions = tally.positions
    graph = cam.analysis.to_networkx(tally if of == "tally" else positions)
    sides = nx.get_node_attributes(graph, "bipartite")
    assert [n for n, side in sides.items() if side == 0] == list(positions.index)
    assert [n for n, side in sides.items() if side == 1] == list(positions.columns)
    assert {graph.nodes[name]["mode"] for name in positions.columns} == {"dimension"}
    assert nx.is_bipartite(graph)
    assert all(sides[a] != sides[b] for a, b in graph.edges)
    assert set(weights(graph)) == set(cells_above_zero(positions.notna()))
    assert graph.degree["Bolivia"] == 0


def test_weights_of_a_tally_are_its_counts(meeting):
    tally = meeting.tally("code", duplicates="all")
    graph = cam.analysis.to_networkx(tally)
    counts = tally.frame.T.groupby(level=0, sort=False).sum().T
    assert weights(graph) == cells_above_zero(counts)
    assert counts.max(axis=None) > 1
    assert {graph.nodes[code]["mode"] for code in counts.columns} == {"code"}


def test_stance_and_sign():
    rows = [("A", "x", 1), ("A", "x", -1), ("A", "y", 1), ("B", "x", -1), ("B", "x", -1)]
    table = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    graph = cam.analysis.to_networkx(cam.Meeting(table).tally("code", duplicates="all"))
    assert {(a, b): data for a, b, data in graph.edges(data=True)} == {
        ("A", "x"): {"weight": 2, "stance": 0, "sign": "both"},
        ("A", "y"): {"weight": 1, "stance": 1, "sign": "positive"},
        ("B", "x"): {"weight": 2, "stance": -1, "sign": "negative"},
    }


def ordinal():
    """Return the two-mode graph of an ordinal scale with whole and halved means."""
    rows = [
        ("A", "x", 1),
        ("A", "x", 2),
        ("A", "y", 3),
        ("B", "x", 2),
        ("B", "y", 1),
        ("B", "y", 3),
    ]
    table = pd.DataFrame(rows, columns=["actor", "code", "stance"])
    return cam.analysis.to_networkx(cam.Meeting(table, stances=[1, 2, 3]).tally("code"))


def test_stance_of_an_ordinal_scale_is_the_mean():
    stances = {(a, b): stance for a, b, stance in ordinal().edges(data="stance")}
    assert stances == {("A", "x"): 1.5, ("A", "y"): 3, ("B", "x"): 2, ("B", "y"): 2}


def test_two_mode_graph_carries_actors_and_clusters(tally, clusters):
    graph = cam.analysis.to_networkx(tally, clusters=clusters)
    assert graph.nodes["Peru"]["process"] == "SACM"
    assert graph.nodes["Brazil"]["cluster"] == 1
    assert graph.nodes["Brazil"]["statements"] == tally.statements["Brazil"]
    assert set(graph.nodes["rights"]) == {"mode", "bipartite", "label"}


def test_codes_carry_the_label_that_charts_call_them_by(meeting):
    graph = cam.analysis.to_networkx(meeting.tally("code"))
    labels = meeting.codebook.set_index("code")["label"].to_dict()
    assert {code: graph.nodes[code]["label"] for code in labels} == labels


# errors


def test_actor_and_code_of_one_name():
    table = pd.DataFrame({"actor": ["tax", "B"], "code": ["quota", "tax"]})
    with pytest.raises(ValueError, match="tax: a name both of an actor and of a code"):
        cam.analysis.to_networkx(cam.Meeting(table).tally())
    book = pd.DataFrame({"code": ["quota", "tax"], "dimension": ["B", "money"]})
    meeting = cam.Meeting(table, codebook=book)
    with pytest.raises(ValueError, match="B: a name both of an actor and of a dimension"):
        cam.analysis.to_networkx(meeting.tally())
    # as a graph of actors there is nothing to confuse
    assert list(cam.analysis.to_networkx(cam.agreement(meeting.tally("code")))) == ["tax", "B"]


@pytest.mark.parametrize("option", [{"threshold": 0.1}, {"backbone": null_of()}], ids=list)
def test_options_of_agreement_are_not_for_a_tally(tally, option):
    with pytest.raises(ValueError, match="for agreement, not for a tally"):
        cam.analysis.to_networkx(tally, **option)


def test_agreement_must_be_symmetric(agreement):
    uneven = agreement.frame
    uneven.loc["Canada", "Peru"] = 0.123
    with pytest.raises(ValueError, match=r"symmetric.*Canada.*Peru"):
        cam.analysis.to_networkx(uneven)


@pytest.mark.parametrize("suffix", [".graphml", ".gexf", ".csv"])
def test_without_networkx_the_extra_is_named(monkeypatch, tmp_path, agreement, suffix):
    graph = cam.analysis.to_networkx(agreement)
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ImportError, match=r"networkx.*camdata\[networks\]"):
        cam.analysis.to_networkx(agreement)
    with pytest.raises(ImportError, match=r"networkx.*camdata\[networks\]"):
        cam.analysis.write_graph(graph, tmp_path / f"graph{suffix}")


def test_unknown_suffix(tmp_path, agreement):
    graph = cam.analysis.to_networkx(agreement)
    with pytest.raises(ValueError, match=r"'\.grapml' \(did you mean '\.graphml'\?\)"):
        cam.analysis.write_graph(graph, tmp_path / "graph.grapml")
    with pytest.raises(ValueError, match=r"must be one of.*\.csv"):
        cam.analysis.write_graph(graph, tmp_path / "graph")
    assert list(tmp_path.iterdir()) == []


# files


def awkward():
    """Return a graph with names that files must escape or encode."""
    names = [
        "Côte d’Ivoire",
        "A & B <C>",
        'Said "so"',
        "日本, Tokyo",
        "$5 and $9",
        "a\u2028b",
        "-1",
    ]
    actors = pd.DataFrame({"actor": names, "role": names[::-1]})
    statements = pd.DataFrame({"actor": names, "code": "x\ty & <z>"})
    return cam.analysis.to_networkx(cam.agreement(cam.Meeting(statements, actors=actors).tally()))


@pytest.fixture(params=["agreement", "backbone", "positions", "ordinal", "awkward"])
def graph(request, agreement, tally, clusters):
    return {
        "agreement": lambda: cam.analysis.to_networkx(clusters),
        "backbone": lambda: cam.analysis.to_networkx(agreement, backbone=null_of()),
        "positions": lambda: cam.analysis.to_networkx(tally, clusters=clusters),
        "ordinal": ordinal,
        "awkward": awkward,
    }[request.param]()


READ = {".graphml": nx.read_graphml, ".gexf": nx.read_gexf}


@pytest.mark.parametrize("suffix", READ)
def test_files_read_back_the_same(tmp_path, graph, suffix):
    path = tmp_path / f"graph{suffix}"
    cam.analysis.write_graph(graph, path)
    back = READ[suffix](path)
    assert list(back) == list(graph)
    for name, attributes in graph.nodes(data=True):
        found = dict(back.nodes[name])
        if suffix == ".gexf" and "label" not in attributes:
            assert found.pop("label") == name  # which every node of this format has
        assert found == attributes
        assert {k: type(v) for k, v in found.items()} == {k: type(v) for k, v in attributes.items()}
    assert weights(back) == weights(graph)
    for a, b, attributes in graph.edges(data=True):
        found = back.edges[a, b]
        assert {key: found[key] for key in attributes} == attributes


def test_actors_may_have_a_weight_of_their_own(tmp_path, agreement):
    names = agreement.actors
    actors = pd.DataFrame({"actor": names, "weight": range(len(names))})
    statements = pd.DataFrame({"actor": names, "code": "x"})
    graph = cam.analysis.to_networkx(cam.agreement(cam.Meeting(statements, actors=actors).tally()))
    for suffix, read in READ.items():
        cam.analysis.write_graph(graph, tmp_path / f"graph{suffix}")
        back = read(tmp_path / f"graph{suffix}")
        assert nx.get_node_attributes(back, "weight") == nx.get_node_attributes(graph, "weight")
        assert weights(back) == weights(graph)


def test_graphml_has_typed_keys(tmp_path, graph):
    path = tmp_path / "graph.graphml"
    cam.analysis.write_graph(graph, path)
    assert path.read_bytes().startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<graphml")
    root = ElementTree.parse(path).getroot()
    keys = list(root.iter(f"{GRAPHML}key"))
    assert len({key.get("id") for key in keys}) == len(keys)
    for element, holders in (
        ("node", [data for _, data in graph.nodes(data=True)]),
        ("edge", [data for *_, data in graph.edges(data=True)]),
    ):
        declared = {
            key.get("attr.name"): key.get("attr.type") for key in keys if key.get("for") == element
        }
        types = {name: {type(data[name]) for data in holders if name in data} for name in declared}
        assert declared == {
            name: "string" if str in kinds else "double" if float in kinds else "long"
            for name, kinds in types.items()
        }
        assert set(declared) == {name for data in holders for name in data}
        used = {data.get("key") for parent in root.iter(f"{GRAPHML}{element}") for data in parent}
        assert used == {key.get("id") for key in keys if key.get("for") == element}


def test_gexf_is_xml_without_a_date(tmp_path, graph):
    path = tmp_path / "graph.gexf"
    cam.analysis.write_graph(graph, path)
    text = path.read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert not re.search(r"\d{4}-\d{2}-\d{2}", text)
    assert "lastmodified" not in text


@pytest.mark.parametrize("suffix", [".graphml", ".gexf", ".csv", ".GraphML"])
def test_same_graph_same_bytes(tmp_path, graph, suffix):
    paths = [tmp_path / f"{name}{suffix}" for name in ("first", "second")]
    for path in paths:
        cam.analysis.write_graph(graph, str(path))
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    assert b"\r" not in first
    assert first.endswith(b"\n")
    assert not first.endswith(b"\n\n")


@pytest.mark.parametrize("threshold", [0, 0.5])
def test_csv_is_the_matrix_of_agreement(tmp_path, agreement, threshold):
    path = tmp_path / "graph.csv"
    cam.analysis.write_graph(cam.analysis.to_networkx(agreement, threshold=threshold), path)
    table = agreement.frame
    expected = table.where(table > threshold, 0.0)
    expected = expected.mask(np.eye(len(expected), dtype=bool), 0.0)
    found = pd.read_csv(path, index_col=0)
    assert_frame_equal(found, expected, check_names=False)


def test_csv_of_the_two_mode_graph_holds_both_modes(tmp_path, meeting):
    tally = meeting.tally(duplicates="all")
    path = tmp_path / "graph.csv"
    cam.analysis.write_graph(cam.analysis.to_networkx(tally), path)
    found = pd.read_csv(path, index_col=0)
    counts = tally.frame.T.groupby(level=0, sort=False).sum().T
    assert (found.loc[counts.index, counts.columns] == counts).all(axis=None)
    assert (found.loc[counts.index, counts.index] == 0).all(axis=None)
    assert (found == found.T).all(axis=None)


# what files cannot hold, or would take for something else


def met(names, **columns):
    """Return the graph of actors who all say one thing, with columns of their own."""
    actors = pd.DataFrame({"actor": names, **columns})
    statements = pd.DataFrame({"actor": names, "code": "x"})
    return cam.analysis.to_networkx(cam.agreement(cam.Meeting(statements, actors=actors).tally()))


@pytest.mark.parametrize("suffix", READ)
def test_columns_may_be_called_what_a_graph_or_a_file_calls_its_own(tmp_path, suffix):
    columns = ["mode", "statements", "cluster", "bipartite", "mode_"]
    columns += ["id", "pid", "parents", "start", "end", "slices", "spells", "viz", "key"]
    columns += ["label", "for", "value", "type", "name", "weight"]
    names = ["A", "B", "C"]
    graph = met(names, **{name: [f"{name} {n}" for n in names] for name in columns})
    for name in names:
        data = graph.nodes[name]
        assert (data["mode"], data["statements"]) == ("actor", 1)
        assert set(data.values()) == {"actor", 1, *(f"{column} {name}" for column in columns)}
    cam.analysis.write_graph(graph, tmp_path / f"graph{suffix}")
    back = READ[suffix](tmp_path / f"graph{suffix}")
    assert dict(back.nodes(data=True)) == dict(graph.nodes(data=True))
    assert weights(back) == weights(graph)


def test_attributes_of_every_kind_can_be_written(tmp_path):
    columns = {
        "since": pd.to_datetime(["2017-10-17", None]),
        "flag": [True, False],
        "nullable": pd.array([True, None], dtype="boolean"),
        "share": [0.5, np.nan],
        "large": pd.array([2**40, None], dtype="Int64"),
        "group": pd.Categorical(["x", None]),
    }
    graph = met(["A", "B"], **columns)
    assert graph.nodes["A"] == {
        "mode": "actor",
        "statements": 1,
        "since": "2017-10-17 00:00:00",
        "flag": True,
        "nullable": True,
        "share": 0.5,
        "large": 2**40,
        "group": "x",
    }
    for suffix, read in READ.items():
        cam.analysis.write_graph(graph, tmp_path / f"graph{suffix}")
        back = read(tmp_path / f"graph{suffix}")
        for name, attributes in graph.nodes(data=True):
            found = {key: back.nodes[name][key] for key in attributes}
            assert found == attributes


def test_names_that_are_not_text():
    square = pd.DataFrame([[1.0, 0.5], [0.5, 1.0]], index=[2017, 2018], columns=[2017, 2018])
    graph = cam.analysis.to_networkx(square, clusters={2017: 1, 2018: 2})
    assert dict(graph.nodes(data="cluster")) == {"2017": 1, "2018": 2}
    positions = pd.DataFrame({1: [1, None], 2.0: [-1, 1]}, index=[3, 4])
    graph = cam.analysis.to_networkx(positions)
    assert {(a, b): stance for a, b, stance in graph.edges(data="stance")} == {
        ("3", "1"): 1,
        ("3", "2"): -1,
        ("4", "2"): 1,
    }
    with pytest.raises(ValueError, match="a name both of an actor and of a code"):
        cam.analysis.to_networkx(pd.DataFrame({1: [1], 2: [1]}, index=[1]))


@pytest.mark.parametrize("suffix", [".graphml", ".gexf", ".csv"])
def test_a_graph_of_nobody_is_a_file_too(tmp_path, suffix):
    graph = cam.analysis.to_networkx(pd.DataFrame())
    assert len(graph) == 0
    cam.analysis.write_graph(graph, tmp_path / f"graph{suffix}")
    assert (tmp_path / f"graph{suffix}").stat().st_size > 0


@pytest.mark.parametrize("suffix", [".graphml", ".gexf"])
def test_what_a_format_cannot_hold_is_one_error_and_no_file(tmp_path, suffix):
    graph = nx.Graph()
    graph.add_node("A", what=object())
    with pytest.raises(ValueError, match=rf"A file \{suffix} cannot hold this graph"):
        cam.analysis.write_graph(graph, tmp_path / f"graph{suffix}")
    assert list(tmp_path.iterdir()) == []


def test_labels_and_backbones_of_others_are_an_error(agreement):
    with pytest.raises(ValueError, match=r"`clusters` is about actors that are not there: 'Perú'"):
        cam.analysis.to_networkx(agreement, clusters={"Perú": 1, "Chile": 2})
    with pytest.raises(ValueError, match=r"`backbone` is about actors that are not there: 'Cnada'"):
        cam.analysis.to_networkx(agreement, backbone=null_of(("Cnada", "Chile")))
    # whoever is not placed need not be there
    assert len(cam.analysis.to_networkx(agreement, clusters={"Nobody": None})) == 14
