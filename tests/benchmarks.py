"""How long things take, as ratios measured in one run: ``python tests/benchmarks.py [PART …]``.

Every figure is a ratio to something anyone knows (importing pandas, doing it by hand in numpy),
measured on the same machine in the same run. Tables are made here, from fixed seeds.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(tempfile.gettempdir()) / "camdata-benchmarks"


def process(code: str, runs: int = 5) -> tuple[float, float]:
    """Return the median wall time in seconds and the peak memory in GB of a process."""
    times, peaks = [], []
    for _ in range(runs + 1):
        start = time.perf_counter()
        child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        times.append(time.perf_counter() - start)
        peaks.append(usage.ru_maxrss / 1e6)
        if status:
            raise RuntimeError(f"This process failed:\n{code}")
    return statistics.median(times[1:]), max(peaks[1:])


def call(function, runs: int = 3) -> float:
    """Return the median time of a call after one that does not count, in seconds."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def show(what: str, value: float, unit: str = "", limit: str = "") -> None:
    print(f"{what:<78} {value:8.2f} {unit:<6} {limit}", flush=True)


def votes(n_actors: int, n_codes: int, filled: float, levels=(1, 0, -1), shares=(0.8, 0.13, 0.07)):
    """Make a table of votes: a row for each actor and code that is filled."""
    generator = np.random.default_rng(0)
    cells = np.flatnonzero(generator.random(n_actors * n_codes) < filled)
    generator.shuffle(cells)
    return pd.DataFrame(
        {
            "actor": pd.Categorical.from_codes(
                cells % n_actors, [f"actor {i}" for i in range(n_actors)]
            ),
            "code": pd.Categorical.from_codes(
                cells // n_actors, [f"code {i}" for i in range(n_codes)]
            ),
            "stance": generator.choice(levels, size=len(cells), p=shares).astype("int8"),
        }
    ).astype({"actor": "str", "code": "str"})


def statements(n: int, n_actors: int, n_codes: int):
    """Make a table of n statements of support or opposition, drawn at random."""
    generator = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "actor": pd.Categorical.from_codes(
                generator.integers(n_actors, size=n), [f"actor {i}" for i in range(n_actors)]
            ),
            "code": pd.Categorical.from_codes(
                generator.integers(n_codes, size=n), [f"code {i}" for i in range(n_codes)]
            ),
            "stance": generator.choice([1, -1], size=n, p=[0.8, 0.2]).astype("int8"),
        }
    ).astype({"actor": "str", "code": "str"})


def parquet(name: str, make) -> Path:
    path = FOLDER / f"{name}.parquet"
    if not path.is_file():
        FOLDER.mkdir(exist_ok=True)
        make().to_parquet(path)
    return path


BY_HAND = """
import numpy as np, pandas as pd
frame = pd.read_parquet({path!r})
actor, actors = pd.factorize(frame["actor"])
code, codes = pd.factorize(frame["code"])
levels = np.unique(frame["stance"])
level = np.searchsorted(levels, frame["stance"])
n, wide = len(actors), {wide}
order = np.argsort(code, kind="stable")
actor, code, level = actor[order], code[order], level[order]
shared, joint = np.zeros((n, n)), np.zeros((n, n))
ends = np.searchsorted(code, np.arange(0, len(codes) + wide, wide))
for start, (low, high) in enumerate(zip(ends, ends[1:])):
    a, c, k = actor[low:high], code[low:high] - start * wide, level[low:high]
    held = np.zeros((n, len(levels) * wide), dtype="float32")
    held[a, k * wide + c] = 1
    shared += held @ held.T
    recorded = np.zeros((n, wide), dtype="float32")
    recorded[a, c] = 1
    joint += recorded @ recorded.T
"""
ALL = """
import pandas as pd
import camdata as cam
from camdata.analysis.measures import MEASURES
"""
DYADS = "cam.dyads({tally}, list(MEASURES))\n"
ELEVEN = """
tally = {tally}
for measure in MEASURES:
    cam.agreement(tally, measure)
"""


def imports() -> None:
    """Import, load, print the bundled meeting."""
    base, _ = process("import pandas")
    show("import camdata / import pandas", process("import camdata")[0] / base, "", "at most 1.15")
    loaded = process("import camdata; camdata.load_meeting()")[0]
    show("import camdata and load the bundled meeting / import pandas", loaded / base)
    with tempfile.TemporaryDirectory() as out:
        command = f"from camdata.__main__ import main; main(['--out', {out!r}])"
        show("python -m camdata", process(command, runs=3)[0], "s", "at most 5")


def bundled() -> None:
    """Resample the bundled meeting, and a tree of 200 actors."""
    import camdata as cam

    clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()))
    for over in ("codes", "statements"):
        took = call(lambda over=over: cam.analysis.stability(clusters, over, 1000))
        show(f"1,000 resamples of {over} of the bundled meeting", took, "s", "at most 1")
    took = call(lambda: cam.analysis.null_model(cam.load_meeting().tally("code")), runs=1)
    show("9,999 random tables of the bundled meeting", took, "s")
    for number in (199, None):
        took = call(lambda n=number: cam.multiverse(cam.load_meeting(), n_resamples=n), runs=1)
        words, limit = (f"{number}", "at most 3") if number else ("999", "")
        show(f"the multiverse of the bundled meeting, {words} random tables", took, "s", limit)
    for n, number in ((200, None), (1000, 8)):
        frame = statements(100 * n, n, 500)

        def chosen(frame=frame, number=number):
            return cam.cluster(cam.agreement(cam.tally(frame)), number)

        words = "number given" if number else "number chosen against 199 random tables"
        show(f"{n:,} actors from a frame to clusters, {words}", call(chosen, runs=1), "s")


def workbook() -> None:
    """A workbook of 100,000 statements."""
    import camdata as cam

    rows = statements(100_000, 200, 500).assign(note="as read")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coding.xlsx"
        rows.to_excel(path, index=False)
        ours = call(lambda: cam.read_table(path), runs=1)
        theirs = call(lambda: pd.read_excel(path, engine="calamine"), runs=1)
    show("100,000 rows of a workbook: read_table", ours, "s")
    show("read_table / pandas.read_excel, which checks nothing", ours / theirs)


def united_nations() -> None:
    """Votes of the shape of the UN General Assembly's: 200 actors, 6,203 codes, 870,000 rows."""
    path = str(parquet("un", lambda: votes(200, 6203, 0.7)))
    scale = "stances=(1, 0, -1)"
    hand, _ = process(BY_HAND.format(path=path, wide=6203))
    empty, _ = process("import pandas, pyarrow.parquet")
    read = f"frame = pd.read_parquet({path!r})\n"
    table = ALL + read + DYADS.format(tally=f"cam.tally(frame, {scale})")
    took, _ = process(table)
    show("UN shape, Parquet to all measures: cam.dyads / by hand", took / hand, "", "at most 2")
    show("the same without the time to import pandas", (took - empty) / (hand - empty))
    took, _ = process(ALL + read + ELEVEN.format(tally=f"cam.tally(frame, {scale})"))
    show(
        "UN shape, Parquet to eleven calls of cam.agreement / by hand", took / hand, "", "at most 2"
    )
    show("the same without the time to import pandas", (took - empty) / (hand - empty))
    took, _ = process(ALL + read + DYADS.format(tally=f"cam.Meeting(frame, {scale}).tally()"))
    show("UN shape, Parquet to all measures: Meeting / by hand", took / hand, "", "at most 12")
    show("the same without the time to import pandas", (took - empty) / (hand - empty))

    import camdata as cam

    frame = pd.read_parquet(path)
    group = call(lambda: frame.groupby(["actor", "code", "stance"], sort=False).size())
    made = call(lambda: cam.Meeting(frame, stances=(1, 0, -1)))
    show("Meeting(frame) / group-by of the same three columns", made / group, "", "at most 3")


def millions() -> None:
    """Ten million statements of 500 actors on 200,000 codes."""
    path = str(parquet("millions", lambda: statements(10_000_000, 500, 200_000)))
    hand, hand_peak = process(BY_HAND.format(path=path, wide=4000), runs=2)
    read = f"frame = pd.read_parquet({path!r})\n"
    took, peak = process(ALL + read + DYADS.format(tally="cam.tally(frame)"), runs=2)
    show("10 million, Parquet to all measures / numpy by blocks", took / hand, "", "at most 2")
    show("peak memory, numpy by blocks", hand_peak, "GB")
    show("peak memory, camdata", peak, "GB", "at most 1.5")
    stream = f"import pyarrow.dataset as ds\nsource = ds.dataset({path!r})\n"
    took, peak = process(ALL + stream + DYADS.format(tally="cam.tally(source)"), runs=2)
    show("the same from a dataset, through cam.tally", took / hand, "", "at most 2")
    show("peak memory", peak, "GB", "at most 1.5")
    took, peak = process(ALL + stream + DYADS.format(tally="source"), runs=2)
    show("the same from a dataset, without a tally", took / hand)
    show("peak memory", peak, "GB")
    engine = f"import duckdb\nsource = duckdb.read_parquet({path!r})\n"
    took, peak = process(ALL + engine + DYADS.format(tally="cam.tally(source)"), runs=2)
    show("the same from DuckDB, through cam.tally", took / hand)
    show("peak memory", peak, "GB")


def roll_calls(n_statements: int) -> Path:
    """Write votes of 500 actors, 80 % of them there, bill by bill, with names as dictionaries."""
    import pyarrow as pa
    import pyarrow.parquet

    path = FOLDER / f"roll-calls-{n_statements}.parquet"
    if path.is_file():
        return path
    FOLDER.mkdir(exist_ok=True)
    n_codes, generator = n_statements // 400, np.random.default_rng(0)
    names = pa.dictionary(pa.int32(), pa.string())
    schema = pa.schema([("actor", names), ("code", names), ("stance", pa.int8())])
    actors = pa.array([f"actor {i}" for i in range(500)])
    partial = path.with_suffix(".part")
    with pyarrow.parquet.ParquetWriter(partial, schema, compression="zstd") as file:
        for start in range(0, n_codes, 2_500):
            wide = min(2_500, n_codes - start)
            cells = np.flatnonzero(generator.random(500 * wide, dtype="float32") < 0.8)
            code, actor = np.divmod(cells.astype("int32"), np.int32(500))
            stance = np.where(generator.random(len(cells)) < 0.8, 1, -1).astype("int8")
            codes = pa.array([f"code {i}" for i in range(start, start + wide)])
            columns = [
                pa.DictionaryArray.from_arrays(actor, actors),
                pa.DictionaryArray.from_arrays(code, codes),
                pa.array(stance),
            ]
            file.write_table(pa.table(columns, schema=schema))
    partial.rename(path)
    return path


STREAMED = """
place, names = {}, {}
held = np.zeros((n_codes, 500), "uint8")
data = ds.dataset(path)
for batch in data.to_batches(batch_size=2**18, batch_readahead=4, fragment_readahead=1):
    actor, code = batch.column("actor"), batch.column("code")
    who = np.array([names.setdefault(x, len(names)) for x in actor.dictionary.to_pylist()])
    what = np.array([place.setdefault(x, len(place)) for x in code.dictionary.to_pylist()])
    level = np.where(batch.column("stance").to_numpy() == 1, 1, 2)
    held[what[code.indices.to_numpy()], who[actor.indices.to_numpy()]] = level
total = np.zeros((1000, 1000))
for start in range(0, n_codes, 8000):
    part = held[start : start + 8000]
    block = np.concatenate([part == 1, part == 2], axis=1).astype("float32")
    total += block.T @ block
"""
PIVOT = """
wide = pd.read_parquet(path).pivot(index="actor", columns="code", values="stance")
for_, against = ((wide == level).astype("float32") for level in (1, -1))
tables = [for_.dot(for_.T), for_.dot(against.T), against.dot(against.T)]
"""
SPARSE = """
frame = pd.read_parquet(path)
actor, code = frame["actor"].cat.codes.to_numpy(), pd.factorize(frame["code"])[0]
row = actor.astype("int32") + 500 * (frame["stance"].to_numpy() == -1)
ones = np.ones(len(row), dtype="float32")
held = sparse.coo_array((ones, (row, code.astype("int32")))).tocsr()
tables = (held @ held.T).toarray()
"""
JOIN = """
tables = duckdb.sql(
    f"select a.actor, b.actor, a.stance, b.stance, count(*) from '{path}' a join '{path}' b "
    "using (code) group by all"
).fetchall()
"""
WAYS = {
    "camdata, a dataset": ("tables = cam.analysis.pair_tables(ds.dataset(path))", 10**8),
    "camdata, DuckDB": ("tables = cam.analysis.pair_tables(duckdb.read_parquet(path))", 10**8),
    "camdata, Polars": ("tables = cam.analysis.pair_tables(pl.scan_parquet(path))", 10**7),
    "camdata, all measures": ("cam.dyads(ds.dataset(path), list(MEASURES))", 10**8),
    "numpy, streamed": (STREAMED, 10**8),
    "pandas, pivot and dot": (PIVOT, 10**8),
    "scipy, sparse": (SPARSE, 10**7),
    "DuckDB, self join": (JOIN, 10**6),
}
"""Ways from a Parquet file to the pair tables (one of them goes on to the table of all pairs and
measures), and up to how many statements each is asked."""
TIMED = """
import json, time
import duckdb, narwhals, numpy as np, pandas as pd, polars as pl, pyarrow.dataset as ds
from scipy import sparse
import camdata as cam
from camdata.analysis.measures import MEASURES
path, n_codes = {path!r}, {n_codes}
np.ones((300, 300), "float32") @ np.ones((300, 300), "float32")
begun_at, spent_at = time.perf_counter(), time.process_time()
{code}
took = [time.perf_counter() - begun_at, time.process_time() - spent_at]
assert min(took) > 0, "the code above has a variable of the timer's name"
print(json.dumps(took))
"""


def inside(code: str) -> tuple[list[float], float]:
    """Return what a process prints last (as JSON), and its peak memory in GB."""
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen([sys.executable, "-c", code], stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
        if status:
            raise RuntimeError(f"This process failed:\n{code}")
        out.seek(0)
        return json.loads(out.read().splitlines()[-1]), usage.ru_maxrss / 1e6


def way(name: str, n: int) -> tuple[list[float], float]:
    """Return the seconds that one way took, on the clock and of processors, and its peak in GB."""
    return inside(TIMED.format(path=str(roll_calls(n)), n_codes=n // 400, code=WAYS[name][0]))


def hundred_millions() -> None:
    """A hundred million votes of 500 actors on 250,000 codes, from Parquet to all measures."""
    _, base = inside(TIMED.format(path="", n_codes=1, code=""))
    # in turns, since other work on the machine comes and goes
    runs = [(way("numpy, streamed", 10**8), way("camdata, all measures", 10**8)) for _ in range(3)]
    (sketch, by_hand), (ours, peak) = (
        (np.array([took for took, _ in turn]), max(peak for _, peak in turn))
        for turn in zip(*runs, strict=True)
    )
    for column, clock in enumerate(("on the clock", "of processors")):
        each = ours[:, column] / sketch[:, column]
        words = f"all measures / a streamed sketch in numpy, {clock}"
        words += f" ({each.min():.2f} to {each.max():.2f})"
        show(words, float(np.median(each)), "", "at most 1.3")
    show("all measures, the fastest of three", ours[:, 0].min(), "s")
    show("memory above the interpreter with its imports", peak - base, "GB", "at most 1")
    show("the sketch's", by_hand - base, "GB")


def ways() -> None:
    """From Parquet to the pair tables of 500 actors, in several ways."""
    print(f"{'statements':>12}  {'way':<22} {'clock':>10} {'processors':>11} {'peak':>9}")
    for n in (10**power for power in range(4, 9)):
        asked = [name for name, (_, most) in WAYS.items() if n <= most]
        # in turns, since other work on the machine comes and goes
        turns = [[way(name, n) for name in asked] for _ in range(3 if n < 10**7 else 1)]
        for name, runs in zip(asked, zip(*turns, strict=True), strict=True):
            (clock, spent), peak = min(runs)
            words = f"{clock:8.3f} s {spent:9.3f} s {peak:6.2f} GB"
            print(f"{n:>12,}  {name:<22} {words}", flush=True)


GROWING = {
    "actors (600 codes, 20,000 statements)": [(n, 600, 20_000) for n in (100, 200, 400, 800)],
    "codes (200 actors, 20,000 statements)": [(200, n, 20_000) for n in (500, 1000, 2000, 4000)],
    "statements (200 actors, 600 codes)": [(200, 600, n) for n in (50_000, 200_000, 800_000)],
}


def growth() -> None:
    """How the time of each step grows: the exponent between the last two sizes.

    No step may grow faster than actors squared times codes, or than the number of statements.
    """
    import camdata as cam

    for what, sizes in GROWING.items():
        found = []
        for n_actors, n_codes, n in sizes:
            frame = statements(n, n_actors, n_codes)
            tally = cam.tally(frame)
            shared = cam.agreement(tally)
            steps = {
                "checked": lambda frame=frame: cam.Meeting(frame, stances=(1, -1)),
                "tally": lambda frame=frame: cam.tally(frame),
                "agreement": lambda frame=frame: cam.agreement(cam.tally(frame)),
                "tree": lambda shared=shared: cam.cluster(shared, 4),
                "Louvain": lambda shared=shared: cam.cluster(shared, method="louvain"),
                "19 random tables": lambda shared=shared: cam.cluster_choice(shared, 19),
            }
            found.append({step: call(function, runs=1) for step, function in steps.items()})
        name = what.split(" (")[0]
        varied = {"actors": 0, "codes": 1, "statements": 2}[name]
        table = pd.DataFrame(found, index=[f"{size[varied]:,}" for size in sizes]).T
        ratio = np.log(sizes[-1][varied] / sizes[-2][varied])
        table["exponent"] = np.log(table.iloc[:, -1] / table.iloc[:, -2]) / ratio
        print(f"\nseconds by {what}\n{table.round(3).to_string()}", flush=True)


def refused(tables: dict, faults: int) -> float:
    """Return how long it took to name the faults of a meeting, in seconds."""
    import pytest

    import camdata as cam

    start = time.perf_counter()
    with pytest.raises(cam.MeetingError) as caught:
        cam.Meeting(**tables)
    took = time.perf_counter() - start
    assert len(caught.value.faults) >= faults
    assert len(str(caught.value).encode()) < 10_000
    return took


def hostile() -> None:
    """Faulty input of every size that is met: named within a time bounded by its size."""
    import camdata as cam
    from camdata.model.text import sentences

    # words as often as in the report, in another order
    rng = np.random.default_rng(0)
    text = " ".join(rng.choice(cam.load_meeting().texts["report"].split(), 160_000))
    n = 100_000
    rows = pd.DataFrame({"actor": "A", "code": [f"c{i}" for i in range(n)], "document": "report"})
    places = rng.integers(0, len(text) - 3_000, n)
    longest = f"{len(text) / 1e6:.1f} MB"
    for length in (12, 20, 40, 120):
        quotes = [text[place : place + length - 1].strip() + "X" for place in places]
        took = refused({"statements": rows.assign(quote=quotes), "texts": {"report": text}}, n)
        show(
            f"{n:,} wrong quotes of {length} characters in a text of 1 MB", took, "s", "at most 10"
        )
    place = places[0]
    wrong = text[place : place + 1_000] + "X" + text[place + 1_001 : place + 2_000]
    one = rows.head(1).assign(quote=wrong.strip())
    took = refused({"statements": one, "texts": {"report": text}}, 1)
    show(f"a wrong quote of 2,000 characters in a text of {longest}", took, "s", "at most 1")
    known = pd.DataFrame({"actor": [f"delegation {i}" for i in range(5_000)]})
    bare = rows[["code"]]
    unknown = bare.assign(actor=[f"delegatoin {i}" for i in range(n)])
    took = refused({"statements": unknown, "actors": known}, n)
    show(f"{n:,} unknown actors, 5,000 known", took, "s", "at most 10")
    twice = bare.assign(actor="delegation 1", statement=np.arange(n) // 2)
    took = refused({"statements": twice, "actors": known}, n // 2)
    show(f"{n:,} repeated ids", took, "s", "at most 10")
    took = call(lambda: list(sentences("A. " * 60_000)))
    show("sentences of 60,000 full stops", took, "s", "at most 1")


def inference() -> None:
    """How often the tests of chance reject; numbers: tables, random tables, processes."""
    from inference import print_tables

    print_tables(*(int(number) for number in sys.argv[1:] if number.isdigit()))


def coders() -> None:
    """How often the intervals of alpha hold the true alpha, in simulated codings."""
    import coverage_of_alpha

    coverage_of_alpha.main()


PARTS = {
    part.__name__: part
    for part in (
        imports,
        bundled,
        workbook,
        united_nations,
        millions,
        hundred_millions,
        ways,
        growth,
        hostile,
        inference,
        coders,
    )
}


def main() -> None:
    chosen = [name for name in sys.argv[1:] if not name.isdigit()] or list(PARTS)
    print(f"python {sys.version.split()[0]}, pandas {pd.__version__}, {os.cpu_count()} processors")
    for name in chosen:
        print(f"\n{PARTS[name].__doc__}")
        PARTS[name]()


if __name__ == "__main__":
    main()
