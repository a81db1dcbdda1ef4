"""The package as it is installed: imports, names, layers, the wheel and the command line."""

import ast
import importlib
import importlib.metadata
import inspect
import json
import os
import re
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import camdata as cam

ROOT = Path(__file__).parents[1]
PACKAGE = Path(cam.__file__).parent

LAYERS = (
    "schema reading evidence validation positions comparison meeting labels sampling measures "
    "clustering chance robustness reliability networks exchange plots camdata __main__"
).split()
"""Every module, each importing only from those before it; `camdata` is the package's own."""

FIRST_SCRIPT = """
import camdata as cam

meeting = cam.load_meeting()
positions = meeting.positions()
agreement = cam.agreement(positions)
clusters = cam.cluster(agreement)
ax = cam.plots.agreement(agreement, clusters)
evidence = meeting.evidence("Paraguay", dimension="pragmatism")
comparison = meeting.compare("Canada", "Uruguay")
"""


def environment(**more):
    """Return the environment without what would point a subprocess back at this checkout."""
    drop = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in drop} | more


def run(*command, cwd=None, **variables):
    """Run a command and return what it did."""
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment(MPLBACKEND="Agg", PYTHONIOENCODING="utf-8", **variables),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def run_code(code, python=sys.executable, **options):
    """Run Python code in a process of its own and return the JSON that it prints last."""
    done = run(python, "-W", "error", "-c", textwrap.dedent(code), **options)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


# importing

HEAVY = ["matplotlib", "seaborn", "scipy", "networkx", "pandera", "sklearn", "krippendorff"]


def test_importing_loads_neither_plotting_nor_the_validator():
    loaded = run_code("import camdata, json, sys; print(json.dumps(sorted(sys.modules)))")
    assert "camdata.meeting" in loaded
    assert [name for name in loaded if name.split(".")[0] in HEAVY] == []
    assert [name for name in loaded if name.startswith(("camdata.plots", "camdata.exchange"))] == []


def test_loading_a_meeting_loads_no_plotting():
    code = """
        import camdata, json, sys
        camdata.load_meeting().positions()
        print(json.dumps(sorted(sys.modules)))
    """
    top = {name.split(".")[0] for name in run_code(code)}
    assert "pandera" in top
    assert top & {"matplotlib", "seaborn", "networkx", "sklearn"} == set()


def test_importing_reads_no_data():
    code = """
        import json, sys
        opened = []
        def note(event, arguments):
            if event == "open":
                opened.append(str(arguments[0]))
        sys.addaudithook(note)
        import camdata
        at_import = list(opened)
        camdata.load_meeting()
        print(json.dumps([at_import, opened]))
    """
    at_import, later = run_code(code)
    data = str(PACKAGE / "data")
    assert [name for name in at_import if name.startswith(data)] == []
    assert [name for name in later if name.startswith(data)] != []


def test_plots_and_exchange_are_there_when_they_are_used():
    code = """
        import camdata, json
        names = [camdata.plots.__name__, camdata.exchange.__name__]
        print(json.dumps(names))
    """
    assert run_code(code) == ["camdata.plots", "camdata.exchange"]


# names


def public_names():
    """Return every public callable by its dotted name: functions, classes and their methods."""
    found = {}
    for module in (cam, cam.plots, cam.exchange):
        for name in module.__all__:
            value = getattr(module, name)
            if not callable(value):
                continue
            found[f"{module.__name__}.{name}"] = value
            if inspect.isclass(value):
                for method in vars(value):
                    member = inspect.getattr_static(value, method)
                    if not method.startswith("_") and inspect.isfunction(member):
                        found[f"{module.__name__}.{name}.{method}"] = member
    return found


PUBLIC = public_names()


def test_the_public_names_resolve():
    assert cam.__all__ == sorted(cam.__all__)
    assert len(set(cam.__all__)) == len(cam.__all__)
    for name in cam.__all__:
        assert getattr(cam, name) is not None
    assert dir(cam) == sorted(cam.__all__)
    assert {"load_meeting", "Meeting", "MeetingError", "agreement", "cluster", "plots"} <= set(
        cam.__all__
    )


@pytest.mark.parametrize("module", ["camdata.plots", "camdata.exchange"])
def test_the_names_of_subpackages_resolve(module):
    loaded = importlib.import_module(module)
    assert loaded.__all__
    assert all(callable(getattr(loaded, name)) for name in loaded.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'camdata' has no attribute 'load_meating'"):
        _ = cam.load_meating


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_callable_has_a_docstring_with_examples(name):
    doc = inspect.getdoc(PUBLIC[name])
    assert doc
    assert re.search(r"^Examples\n-{8}\n", doc, re.MULTILINE), "no section of examples"
    examples = doc.split("Examples\n--------\n")[1]
    assert ">>> " in examples


def test_the_version_is_that_of_the_metadata():
    assert cam.__version__ == importlib.metadata.version("camdata")
    assert re.fullmatch(r"\d+\.\d+\.\d+", cam.__version__)


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()


# layers


def modules():
    """Return the package's files by the name of the layer that they belong to."""
    files = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        top = path.relative_to(PACKAGE).parts[0]
        layer = "camdata" if top == "__init__.py" else top.removesuffix(".py")
        files.setdefault(layer, []).append(path)
    return files


MODULES = modules()


def imported(path, module_level_only=False):
    """Return the layers that a file imports from, those for type checking included."""
    tree = ast.parse(path.read_bytes())
    nodes = tree.body if module_level_only else ast.walk(tree)
    layers = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}, line {node.lineno}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            top, *rest = name.split(".")
            if top == "camdata":
                layers.add(rest[0] if rest and rest[0] in MODULES else "camdata")
    return layers


def test_every_module_has_its_layer():
    assert sorted(MODULES) == sorted(LAYERS)


@pytest.mark.parametrize("layer", MODULES)
def test_a_module_imports_only_from_those_above_it(layer):
    above = LAYERS[: LAYERS.index(layer)]
    for path in MODULES[layer]:
        assert imported(path) - {layer} <= set(above), path.name


def test_charts_are_imported_only_by_the_command_line():
    """The package itself names them for type checkers, and loads them when they are used."""
    importers = {
        layer
        for layer, paths in MODULES.items()
        for path in paths
        if "plots" in imported(path) and layer != "plots"
    }
    assert importers == {"__main__", "camdata"}
    (package,) = MODULES["camdata"]
    assert imported(package, module_level_only=True) & {"plots", "exchange"} == set()


def test_only_charts_and_the_command_line_name_a_plotting_library():
    naming = {
        layer
        for layer, paths in MODULES.items()
        for path in paths
        if re.search(r"^\s*(from|import) (matplotlib|seaborn)\b", path.read_text("utf-8"), re.M)
    }
    assert naming == {"plots", "__main__"}


# the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The Python of a fresh environment, outside the checkout, that has the wheel."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    done = run(sys.executable, "-m", "venv", folder)
    assert done.returncode == 0, done.stderr
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = run(python, "-m", "pip", "install", "--quiet", wheel, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return python


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        held = {name: archive.read(name) for name in names if name.startswith("camdata/data/")}
    data = {f"camdata/data/{path.name}": path.read_bytes() for path in (PACKAGE / "data").iterdir()}
    assert held == data
    assert "camdata/py.typed" in names
    assert {name.split("/")[0] for name in names} == {
        "camdata",
        f"camdata-{cam.__version__}.dist-info",
    }


def test_the_first_script_runs_from_the_wheel(installed, tmp_path):
    code = FIRST_SCRIPT + textwrap.dedent("""
        import json
        print(json.dumps({
            "file": cam.__file__,
            "positions": positions.shape,
            "agreement": agreement.shape,
            "unplaced": clusters.unplaced.index.tolist(),
            "drawn": ax.has_data(),
            "quotes": [q.quote for q in evidence],
            "shared": comparison.shared,
        }))
    """)
    found = run_code(code, python=installed, cwd=tmp_path)
    assert Path(found.pop("file")).is_relative_to(installed.parents[1])
    assert found == {
        "positions": [14, 4],
        "agreement": [14, 14],
        "unplaced": ["Bolivia"],
        "drawn": True,
        "quotes": ["Paraguay indicated a need for pragmatism"],
        "shared": ["key_terms"],
    }


def test_the_command_line_runs_from_the_wheel(installed, tmp_path):
    done = run(installed, "-m", "camdata", "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "positions.csv").is_file()


# the command line


def command_line(*arguments, cwd):
    return run(sys.executable, "-m", "camdata", *arguments, cwd=cwd)


def announced(printed):
    """Return the files that the command line says it wrote."""
    told = printed.partition("\nWrote to ")[2]
    files = set()
    for kinds, names in re.findall(r"\((.+?)\): (.+)", told):
        for suffix in re.split(" and |, ", kinds):
            files |= {f"{name}.{suffix.lower()}" for name in names.split(", ")}
    return files


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """What the command line did with the bundled meeting, and where."""
    folder = tmp_path_factory.mktemp("command")
    return command_line("--out", "results", cwd=folder), folder / "results"


def test_the_command_line_writes_the_files_that_it_names(drawn):
    done, out = drawn
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    files = announced(done.stdout)
    assert {"positions.csv", "agreement.csv", "clusters.csv", "agreement.png"} <= files
    assert {path.name for path in out.iterdir()} == files
    assert [path.name for path in out.iterdir() if path.stat().st_size == 0] == []


def test_the_command_lines_files_are_what_they_are_called(drawn):
    _, out = drawn
    beginnings = {".png": b"\x89PNG\r\n", ".svg": b"<?xml"}
    for path in out.iterdir():
        if path.suffix == ".csv":
            assert len(pd.read_csv(path)), path.name
        else:
            assert path.read_bytes().startswith(beginnings[path.suffix]), path.name


def test_the_command_lines_positions_are_the_meetings(drawn):
    done, out = drawn
    positions = cam.load_meeting().positions()
    written = pd.read_csv(out / "positions.csv", index_col="actor").astype("Int8")
    pd.testing.assert_frame_equal(written, positions, check_names=False)
    assert positions.to_string() in done.stdout
    assert "Bolivia" in done.stdout.partition("Unplaced: ")[2]


@pytest.fixture
def meeting_folder(tmp_path):
    def write(statements, **files):
        folder = tmp_path / "meeting"
        folder.mkdir()
        for name, content in {"statements.csv": statements, **files}.items():
            (folder / name).write_text(content, "utf-8")
        return folder

    return write


def test_a_folder_of_ones_own_without_dimensions_is_drawn_by_code(meeting_folder, tmp_path):
    folder = meeting_folder("actor,code\nA,tax\nB,tax\nC,fee\nD,fee\n")
    done = command_line(folder, "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Positions by code" in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == announced(done.stdout)


def test_a_bad_folder_exits_with_two_and_its_faults(meeting_folder, tmp_path):
    folder = meeting_folder("actor,code,stance\nA,tax,5\nB,,1\n")
    done = command_line(folder, "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        f"2 faults in {folder}:",
        "  statements.csv, line 2, column stance: expected one of 1, -1; got '5'",
        "  statements.csv, line 3, column code: expected a value; got nothing",
    ]
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_there_exits_with_two(tmp_path):
    done = command_line("nowhere", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere: expected a folder; got nothing there" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_to_exits_with_two(tmp_path):
    (tmp_path / "taken").write_text("x", "utf-8")
    done = command_line("--out", "taken", cwd=tmp_path)
    assert done.returncode == 2
    assert "Cannot write to taken" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("statements", "descriptor"),
    [
        ("actor,code,stance\nA,x,0\nB,x,2\nC,y,1\n", '{"stances": [0, 1, 2]}'),
        ("actor,code,coder\nA,x,Ann\nA,x,Bob\nB,x,Ann\n", "{}"),
        ("actor,code\n", "{}"),
        ("actor,code\nA,x\n", "{}"),
    ],
    ids=["ordinal stances", "two coders", "no statements", "one actor"],
)
def test_a_sound_folder_that_cannot_be_clustered_ends_without_a_traceback(
    statements, descriptor, meeting_folder, tmp_path
):
    folder = meeting_folder(statements, **{"datapackage.json": descriptor})
    done = command_line(folder, "--out", tmp_path / "out", cwd=tmp_path)
    assert "Traceback" not in done.stderr
    assert done.returncode in {0, 2}
    assert done.stdout or done.stderr
