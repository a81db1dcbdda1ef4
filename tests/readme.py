"""Run the README's scripts and store what they print: ``python tests/readme.py``."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import camdata as cam

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
DATA = ROOT / "camdata" / "data" / "README.md"
SCRIPT = re.compile(r"(```python\n((?:(?!```).)*)```\n\nprints\n\n```text\n)(.*?)(```)", re.DOTALL)
LEAD = re.compile(r"!\[(.*?)\]\((.*?)\)")
RELIABILITY = re.compile(r"(<!-- reliability -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def run(script: str) -> str:
    """Return what a script prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "README.md", "exec"), {})
    return printed.getvalue()


def lead():
    """Draw the picture at the top of the page, which is the one of its first script."""
    meeting = cam.load_meeting()
    return cam.plots.positions(meeting, clusters=cam.cluster(cam.agreement(meeting.tally())))


def reliability() -> str:
    """Return how far the bundled codings agree, as the data's own page shows it."""
    result = cam.reliability(cam.load_meeting())
    table = result.frame[["units", "alpha", "low", "high", "percent"]].round(2)
    return f"{result.summary}\n\n```text\n{table.to_string()}\n```\n"


def main() -> None:
    text = README.read_text(encoding="utf-8")
    text = SCRIPT.sub(lambda found: found[1] + run(found[2]) + found[4], text)
    ax = lead()
    _, file = LEAD.search(text).groups()
    text = LEAD.sub(lambda found: f"![{ax.figure.alt}]({file})", text, count=1)
    (ROOT / file).parent.mkdir(exist_ok=True)
    cam.plots.save(ax, ROOT / file)
    README.write_text(text, encoding="utf-8", newline="\n")
    page = DATA.read_text(encoding="utf-8")
    page = RELIABILITY.sub(lambda found: found[1] + reliability() + found[3], page)
    DATA.write_text(page, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
