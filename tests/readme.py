"""Run the README's scripts, and store what they print: ``python tests/readme.py``."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
SCRIPT = re.compile(r"(```python\n((?:(?!```).)*)```\n\nprints\n\n```text\n)(.*?)(```)", re.DOTALL)
LEAD = re.compile(r"!\[(.*?)\]\((.*?)\)")


def run(script: str) -> str:
    """Return what a script prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(script, "README.md", "exec"), {})
    return printed.getvalue()


def lead():
    """Draw the chart at the top of the page."""
    import camdata as cam

    return cam.plots.multiverse(cam.multiverse(cam.load_meeting(), n_resamples=999))


def main() -> None:
    import camdata as cam

    text = README.read_text(encoding="utf-8")
    text = SCRIPT.sub(lambda found: found[1] + run(found[2]) + found[4], text)
    ax = lead()
    _, file = LEAD.search(text).groups()
    text = LEAD.sub(f"![{ax.figure.alt}]({file})", text, count=1)
    cam.plots.save(ax, ROOT / file)
    README.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
