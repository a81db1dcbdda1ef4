"""The package as it is installed: imports, names, layers, hidden state, the wheel and the sdist."""

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
import tomllib
import zipfile
from functools import cache
from pathlib import Path

import pytest

import camdata as cam

ROOT = Path(__file__).parents[1]
PACKAGE = Path(cam.__file__).parent

ROOMS = ["_display", "model", "io", "analysis", "plots", "report"]
"""The folders in the order of the flow: each imports only from itself and from those before it."""

BACKWARDS = {("model", "io"), ("io", "analysis"), ("model", "analysis")}
"""Imports against the flow that still stand, inside functions; each goes with its wing."""

FIRST_SCRIPT = """
import camdata as cam

meeting = cam.load_meeting()
positions = meeting.positions()
agreement = cam.agreement(meeting.tally())
clusters = cam.cluster(agreement)
ax = cam.plots.agreement(clusters)
evidence = meeting.evidence("Paraguay", dimension="pragmatism")
comparison = cam.compare(meeting, "Canada", "Uruguay")
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

HEAVY = ["matplotlib", "seaborn", "scipy", "networkx", "narwhals", "jinja2", "PIL", "sklearn"]
HEAVY += ["krippendorff", "polars", "pyarrow.parquet", "duckdb", "python_calamine", "pycountry"]


@pytest.fixture(scope="module")
def steps():
    """Return what was imported and opened by importing camdata, and by loading its meeting."""
    return run_code("""
        import json, sys
        opened, steps = [], []
        def note(event, arguments):
            if event == "open":
                opened.append(str(arguments[0]))
        sys.addaudithook(note)
        import camdata
        steps.append([sorted(sys.modules), list(opened)])
        camdata.load_meeting().positions()
        steps.append([sorted(sys.modules), list(opened)])
        print(json.dumps(steps))
    """)


def test_importing_loads_neither_plotting_nor_scipy_nor_a_data_engine(steps):
    loaded, _ = steps[0]
    assert "camdata.model.meeting" in loaded
    heavy = set(HEAVY)
    assert [name for name in loaded if {name, name.split(".")[0]} & heavy] == []
    assert [name for name in loaded if name.startswith("camdata.plots")] == []


def test_loading_a_meeting_loads_no_plotting(steps):
    top = {name.split(".")[0] for name in steps[1][0]}
    assert top & {"matplotlib", "seaborn", "networkx", "sklearn", "scipy"} == set()


def test_importing_reads_no_data(steps):
    data = str(PACKAGE / "data") + os.sep
    at_import, later = ([name for name in opened if name.startswith(data)] for _, opened in steps)
    assert at_import == []
    assert later != []


def test_plots_and_io_are_there_when_they_are_used():
    code = """
        import camdata, json
        names = [camdata.plots.__name__, camdata.io.__name__]
        print(json.dumps(names))
    """
    assert run_code(code) == ["camdata.plots", "camdata.io"]


# names


@cache
def parse(path):
    return ast.parse(path.read_bytes())


def public_names():
    """Return every public callable by its dotted name: functions, classes and their methods."""
    found = {}
    for module in (cam, cam.analysis, cam.plots, cam.io):
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


@pytest.mark.parametrize("module", ["camdata.analysis", "camdata.plots", "camdata.io"])
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
    if name.startswith("camdata.analysis.") and name.split(".")[2][0].isupper():
        return  # results are made by functions, whose examples show them
    assert re.search(r"^Examples\n-{8}\n", doc, re.MULTILINE), "no section of examples"
    examples = doc.split("Examples\n--------\n")[1]
    assert ">>> " in examples


def test_the_version_is_that_of_the_metadata():
    assert cam.__version__ == importlib.metadata.version("camdata")
    assert re.fullmatch(r"\d+\.\d+\.\d+", cam.__version__)


def test_the_package_says_that_it_is_typed():
    assert (PACKAGE / "py.typed").is_file()


# layers


def rooms_imported(path):
    """Return the rooms that a file imports from, and whether each is imported at module level."""
    tree = parse(path)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}, line {node.lineno}: a relative import"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        rooms = {name.split(".")[1] for name in names if name.startswith("camdata.")}
        found += [(room, node in tree.body) for room in rooms if room in ROOMS]
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_from_those_before_it(room):
    for path in sorted((PACKAGE / room).rglob("*.py")):
        for other, at_top in rooms_imported(path):
            before = ROOMS.index(other) <= ROOMS.index(room)
            assert before or ((room, other) in BACKWARDS and not at_top), f"{path.name}: {other}"


def test_charts_and_readers_are_imported_only_where_they_are_used():
    """The package itself names them for type checkers; others load them inside a function."""
    for room in ROOMS[:4]:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            top = {other for other, at_top in rooms_imported(path) if at_top}
            assert "plots" not in top, path.name


def test_only_charts_and_reports_name_a_plotting_library():
    pattern = r"^\s*(from|import) (matplotlib|seaborn)\b"
    for room in ROOMS[:4]:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            assert re.search(pattern, path.read_text("utf-8"), re.M) is None, path.name


def test_no_module_reads_or_writes_hidden_attributes_of_frames():
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Attribute):
                assert node.attr != "attrs", f"{path.name}, line {node.lineno}"


def test_nothing_process_wide_is_changed():
    """The current folder or the locale would hold for all threads."""
    forbidden = r"os\.chdir|locale\.setlocale|setrecursionlimit"
    for path in sorted(PACKAGE.rglob("*.py")):
        found = re.search(forbidden, path.read_text("utf-8"))
        assert found is None, f"{path.name}: {found}"


def test_every_module_is_a_room_of_its_own():
    """Over 400 lines of code a file holds two ideas."""
    for path in sorted(PACKAGE.rglob("*.py")):
        assert code_lines(path) <= 400, path.name


def code_lines(path):
    """Count the lines that hold code: no docstrings, comments or blank lines."""
    source = path.read_text("utf-8")
    tree = ast.parse(source)
    inside = set()
    for node in ast.walk(tree):
        value = node.value if isinstance(node, ast.Expr) else None
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            inside.update(range(node.lineno, node.end_lineno + 1))
    lines = enumerate(source.splitlines(), 1)
    return sum(
        bool(line.strip()) and not line.strip().startswith("#") and number not in inside
        for number, line in lines
    )


# metadata


def test_what_is_imported_at_run_time_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = {re.match(r"[\w-]+", line)[0].lower() for line in project["dependencies"]}
    declared |= {
        re.match(r"[\w-]+", line)[0].lower()
        for extra in project["optional-dependencies"].values()
        for line in extra
    }
    called = {"PIL": "pillow", "python_calamine": "python-calamine", "camdata": "camdata"}
    used = set()
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                used.add(node.module.split(".")[0])
    foreign = {called.get(name, name.lower()) for name in used - set(sys.stdlib_module_names)}
    assert foreign - {"camdata"} <= declared


def test_licences_of_code_and_data_are_metadata():
    metadata = importlib.metadata.metadata("camdata")
    assert "MIT" in metadata["License-Expression"]
    assert metadata.get_all("License-File")


# the wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from the source archive that is built from the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    done = run(sys.executable, "-m", "build", "--outdir", folder, ROOT, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    assert list(folder.glob("*.tar.gz"))
    return built


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The Python of a fresh environment, outside the checkout, that has the wheel."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    done = run(sys.executable, "-m", "venv", folder)
    assert done.returncode == 0, done.stderr
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = run(python, "-m", "pip", "install", "--quiet", "--no-compile", wheel, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return python


@pytest.mark.slow
def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        held = {name: archive.read(name) for name in names if name.startswith("camdata/data/")}
    data = {f"camdata/data/{path.name}": path.read_bytes() for path in (PACKAGE / "data").iterdir()}
    assert held == data
    folder = PACKAGE / "report" / "templates"
    assert {f"camdata/report/templates/{path.name}" for path in folder.iterdir()} <= set(names)
    assert "camdata/py.typed" in names
    assert {name.split("/")[0] for name in names} == {
        "camdata",
        f"camdata-{cam.__version__}.dist-info",
    }


@pytest.mark.slow
def test_the_first_script_runs_from_the_wheel(installed, tmp_path):
    code = FIRST_SCRIPT + textwrap.dedent("""
        import json
        print(json.dumps({
            "file": cam.__file__,
            "positions": positions.shape,
            "agreement": agreement.frame.shape,
            "unplaced": clusters.unplaced.index.tolist(),
            "drawn": ax.has_data(),
            "quotes": [q.quote for q in evidence],
            "shared": comparison.codes("shared"),
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


@pytest.mark.slow
def test_the_command_line_runs_from_the_wheel(installed, tmp_path):
    done = run(installed, "-m", "camdata", "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "positions.csv").is_file()
