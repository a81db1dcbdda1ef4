"""Timings as ratios measured in one run: ``python tests/benchmarks.py``."""

import statistics
import subprocess
import sys
import time

import numpy as np
import pandas as pd

import camdata as cam


def process(code, runs=7):
    """Return the median wall time of a Python process that runs `code`, in seconds."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def call(function, runs=3):
    """Return the median time of a call, in seconds."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def many_statements(n, n_actors=500, n_codes=200):
    """Make a meeting's table of n statements."""
    generator = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "actor": np.char.add("actor ", generator.integers(n_actors, size=n).astype("str")),
            "code": np.char.add("code ", generator.integers(n_codes, size=n).astype("str")),
            "stance": generator.choice([1, -1], size=n),
        }
    )


def main():
    baseline = process("import pandas")
    print(f"import camdata / import pandas: {process('import camdata') / baseline:.2f}")
    meeting = cam.load_meeting()
    load = call(cam.load_meeting)
    print(f"load_meeting / import pandas: {load / baseline:.2f}")
    for over in ("codes", "statements"):
        took = call(lambda over=over: cam.stability(meeting, over, n=1000))
        print(f"stability over {over}, 1,000 resamples / import pandas: {took / baseline:.2f}")
    took = call(lambda: cam.null_model(meeting.positions("code")), runs=1)
    print(f"null_model, 9,999 tables / import pandas: {took / baseline:.2f}")
    small, large = many_statements(10_000), many_statements(1_000_000)
    tables = {name: cam.Meeting(frame) for name, frame in (("10k", small), ("1M", large))}
    times = {name: call(lambda m=m: m.tally("code"), runs=1) for name, m in tables.items()}
    print(f"tally of 1,000,000 / of 10,000 statements: {times['1M'] / times['10k']:.1f}")
    tally = tables["1M"].tally("code")
    took = call(lambda: cam.agreement(tally, "congruence"), runs=1)
    print(f"congruence of 500 actors × 200 codes / tally of 1,000,000: {took / times['1M']:.3f}")


if __name__ == "__main__":
    main()
