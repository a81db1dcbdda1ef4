"""Whatever the process is set to, the answers are the same; and camdata leaves it as it was."""

import decimal
import hashlib
import locale
import multiprocessing
import os
import random
import subprocess
import sys
import tempfile
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import camdata as cam

TABLE = "actor;code;stance\nÁna;tax;yes\nÁna;aid;no\nBeto;tax;yes\nBeto;aid;yes\nCira;tax;no\n"


def answer():
    """Write, read, compare, cluster, test, show and draw; return a digest of what came out."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, sheet = Path(scratch) / "again", Path(scratch) / "sheet.csv"
        cam.io.write_folder(cam.load_meeting(), folder)
        meeting = cam.load_meeting(folder)
        sheet.write_text(TABLE, encoding="utf-8")
        table = cam.read_table(sheet)
    agreement = cam.agreement(meeting.tally("code"))
    clusters = cam.cluster(agreement, 5)
    cam.plots.positions(clusters)
    numbers = [
        agreement.frame,
        clusters.frame,
        cam.analysis.null_model(meeting.tally("code"), n_resamples=19).frame,
    ]
    shown = [
        table,
        table.statements.to_csv(),
        agreement,
        clusters,
        cam.structure(agreement, n_resamples=19),
    ]
    shown += [cam.to_table(agreement), meeting.evidence("Chile")]
    values = [frame.to_csv(float_format="%.12g") for frame in numbers]
    return hashlib.sha256("\n".join(map(str, values + shown)).encode()).hexdigest()


@pytest.fixture(scope="module")
def expected():
    return answer()


SETTINGS = {
    "strings held by Python": lambda: pd.option_context("mode.string_storage", "python"),
    "few digits, rows and columns": lambda: pd.option_context(
        *("display.precision", 1, "display.max_rows", 2, "display.width", 20)
    ),
    "floats in another format": lambda: pd.option_context("display.float_format", "{:.1f}".format),
    "errors of arithmetic are raised": lambda: np.errstate(all="raise"),
    "numpy prints little": lambda: np.printoptions(precision=1, threshold=3),
    "decimals have two digits": lambda: decimal.localcontext(prec=2),
    "a style of charts": lambda: plt.style.context("dark_background"),
    "warnings are errors": lambda: warnings.catch_warnings(action="error"),
}


@pytest.mark.parametrize("setting", SETTINGS)
def test_settings_of_other_libraries_change_no_answer(setting, expected):
    with SETTINGS[setting]():
        assert answer() == expected


# what is set before Python starts

STARTS = {
    "asserts and docstrings left out": (["-OO"], {}),
    "warnings are errors": (["-W", "error"], {}),
    "no UTF-8": (["-X", "utf8=0"], {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}),
    "another order of sets": ([], {"PYTHONHASHSEED": "1"}),
    "another time zone and charts on no screen": ([], {"TZ": "Pacific/Apia", "MPLBACKEND": "svg"}),
    "one thread": ([], {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("start", STARTS)
def test_how_python_starts_changes_no_answer(start, expected):
    options, environment = STARTS[start]
    done = subprocess.run(
        [sys.executable, *options, __file__],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parent,
    )
    assert (done.stdout.strip(), done.stderr) == (expected, "")


# several at once


def test_threads_and_processes_get_the_same_answer(expected):
    with ThreadPoolExecutor(3) as pool:
        assert {one.result() for one in [pool.submit(answer) for _ in range(3)]} == {expected}


@pytest.mark.slow
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_other_processes_get_the_same_answer(method, expected):
    with ProcessPoolExecutor(1, multiprocessing.get_context(method)) as pool:
        assert pool.submit(answer).result() == expected


# what camdata leaves alone

OPTIONS = ("display.precision", "display.max_rows", "display.width", "display.float_format")
STATE = {
    "folder": os.getcwd,
    "environment": lambda: dict(os.environ),
    "locale": lambda: locale.setlocale(locale.LC_ALL),
    "random numbers": random.getstate,
    "random numbers of numpy": lambda: np.random.get_state()[1].tolist(),  # noqa: NPY002
    "errors of arithmetic": np.geterr,
    "numpy's printing": np.get_printoptions,
    "pandas' options": lambda: [pd.get_option(name) for name in OPTIONS],
    "settings of charts": lambda: dict(mpl.rcParams),
    "open charts": plt.get_fignums,
    "filters of warnings": lambda: list(warnings.filters),
    "precision of decimals": lambda: decimal.getcontext().prec,
    "recursion": sys.getrecursionlimit,
}


def test_what_belongs_to_the_process_is_left_as_it_was():
    before = {name: of() for name, of in STATE.items()}
    assert answer()
    plt.close("all")
    after = {name: of() for name, of in STATE.items()}
    assert [name for name in STATE if before[name] != after[name]] == []


if __name__ == "__main__":
    print(answer())
