"""How long things take, as ratios measured in one run: ``python tests/benchmarks.py [PART …]``.

Every figure is a ratio to something anyone knows (importing pandas, doing it by hand in numpy),
measured on the same machine in the same run. Tables are made here, from fixed seeds.
"""

from __future__ import annotations

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
from camdata.measures import MEASURES
"""
DYADS = "cam.dyads({tally}, list(MEASURES))\n"


def imports() -> None:
    """Import, load, print the bundled meeting."""
    base, _ = process("import pandas")
    show("import camdata / import pandas", process("import camdata")[0] / base, "", "at most 1.15")
    loaded = process("import camdata; camdata.load_meeting()")[0]
    show("import camdata and load the bundled meeting / import pandas", loaded / base)
    with tempfile.TemporaryDirectory() as out:
        command = f"from camdata.__main__ import main; main(['--out', {out!r}])"
        show("python -m camdata", process(command, runs=3)[0], "s", "at most 3.85")


def bundled() -> None:
    """Resample the bundled meeting, and a tree of 200 actors."""
    import camdata as cam

    clusters = cam.cluster(cam.agreement(cam.load_meeting().tally()))
    for over in ("codes", "statements"):
        took = call(lambda over=over: cam.stability(clusters, over, 1000))
        show(f"1,000 resamples of {over} of the bundled meeting", took, "s", "at most 1")
    took = call(lambda: cam.null_model(cam.load_meeting().tally("code")), runs=1)
    show("9,999 random tables of the bundled meeting", took, "s")
    took = call(lambda: cam.multiverse(cam.load_meeting()), runs=1)
    show("the multiverse of the bundled meeting", took, "s")
    tally = cam.tally(statements(20_000, 200, 500))
    shared = cam.agreement(tally)
    show("clusters of 200 actors", call(lambda: cam.cluster(shared)), "s", "at most 0.3")


def united_nations() -> None:
    """Votes of the shape of the UN General Assembly's: 200 actors, 6,203 codes, 870,000 rows."""
    path = str(parquet("un", lambda: votes(200, 6203, 0.7)))
    scale = "stances=(1, 0, -1)"
    hand, _ = process(BY_HAND.format(path=path, wide=6203))
    empty, _ = process("import pandas, pyarrow.parquet")
    read = f"frame = pd.read_parquet({path!r})\n"
    table = ALL + read + DYADS.format(tally=f"cam.tally(frame, {scale})")
    took, _ = process(table)
    show("UN shape, Parquet to all measures: cam.tally / by hand", took / hand, "", "at most 2")
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


def rules() -> None:
    """How often each rule finds the number of planted blocks."""
    from planted import table_of_rules

    print(table_of_rules().to_string())


PARTS = {part.__name__: part for part in (imports, bundled, united_nations, millions, rules)}


def main() -> None:
    chosen = sys.argv[1:] or list(PARTS)
    print(f"python {sys.version.split()[0]}, pandas {pd.__version__}, {os.cpu_count()} processors")
    for name in chosen:
        print(f"\n{PARTS[name].__doc__}")
        PARTS[name]()


if __name__ == "__main__":
    main()
