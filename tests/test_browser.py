"""The notebooks in JupyterLab, in a headless Chromium: ``pytest -m browser``."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest

from notebooks import NOTEBOOKS

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TOKEN = "camdata"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@contextlib.contextmanager
def _lab(folder, theme):
    """Serve `folder` with JupyterLab in a theme; yield its address."""
    notebooks, settings = folder / "notebooks", folder / "settings"
    shutil.copytree(NOTEBOOKS[0].parent / "samples", notebooks / "samples")
    for path in NOTEBOOKS:
        shutil.copy(path, notebooks / f"stored_{path.name}")
        empty = nbformat.read(path, as_version=4)
        for cell in empty.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        nbformat.write(empty, notebooks / path.name)
    for name, values in {
        **SETTINGS,
        "@jupyterlab/apputils-extension/themes": {"theme": theme},
    }.items():
        target = settings / f"{name}.jupyterlab-settings"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(json.dumps(values), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1"]
    command += [f"--port={port}", f"--IdentityProvider.token={TOKEN}", "--allow-root"]
    command += [f"--LabApp.user_settings_dir={settings}", "--LabApp.news_url=None"]
    command += [f"--LabApp.workspaces_dir={folder / 'workspaces'}", str(notebooks)]
    environment = {**os.environ, "HOME": str(folder), "JUPYTER_NO_CONFIG": "1"}
    with open(folder / "lab.log", "wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(240):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{address}/api?token={TOKEN}", timeout=5)
                    break
                time.sleep(0.25)
            yield address
        finally:
            _stop(server)


def _stop(server):
    """End a server; one that takes too long is killed, and its kernels end by themselves."""
    server.terminate()
    try:
        server.wait(60)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def _stop_kernels(address):
    """Shut down the kernels of a server, as a person does who is done with a notebook."""
    with urllib.request.urlopen(f"{address}/api/sessions?token={TOKEN}", timeout=60) as answer:
        sessions = json.load(answer)
    for session in sessions:
        ended = urllib.request.Request(
            f"{address}/api/sessions/{session['id']}?token={TOKEN}", method="DELETE"
        )
        urllib.request.urlopen(ended, timeout=60).close()


@pytest.fixture(scope="module")
def lab(request, tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with _lab(tmp_path_factory.mktemp("lab"), request.param) as address:
        yield address


@contextlib.contextmanager
def _opened(browser, address, name):
    """Open a notebook with its kernel; close it and end the kernel when done with it."""
    page = browser.new_page(viewport={"width": 1300, "height": 1000})
    try:
        page.goto(f"{address}/lab/tree/{name}?token={TOKEN}&reset", timeout=90_000)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=90_000)
        _wait_until_idle(page)
        yield page
    finally:
        page.close()
        _stop_kernels(address)


def _wait_until_idle(page):
    """Wait until a kernel is there and has nothing left to do."""
    page.wait_for_function(
        "() => document.querySelector('#jp-main-statusbar')?.textContent.includes('| Idle')",
        timeout=90_000,
    )


def _charts(page):
    """Return (shown width, alternative text) of every image that cells have put out."""
    return page.evaluate(
        "() => [...document.querySelectorAll('.jp-OutputArea-output img')]"
        ".map(image => [image.naturalWidth, image.alt])"
    )


def _is_dark(page):
    return page.evaluate("document.body.dataset.jpThemeLight") == "false"


def _screenshot(page, name):
    """Keep a picture of the whole notebook where CAMDATA_SCREENSHOTS says, to be looked at."""
    folder = os.environ.get("CAMDATA_SCREENSHOTS")
    if folder:
        os.makedirs(folder, exist_ok=True)
        height = page.evaluate("document.querySelector('.jp-WindowedPanel-inner').scrollHeight")
        page.set_viewport_size({"width": 1300, "height": min(int(height) + 200, 12_000)})
        page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTop = 0")
        page.wait_for_timeout(1000)
        page.screenshot(path=os.path.join(folder, f"{name}.png"))


# each notebook once in each theme: run in the light one, opened as it is in the dark one


@pytest.mark.parametrize("lab", ["JupyterLab Light"], indirect=True)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_all_cells_run_in_the_browser(browser, lab, path):
    source = nbformat.read(path, as_version=4)
    code = [cell for cell in source.cells if cell.cell_type == "code"]
    with _opened(browser, lab, path.name) as page:
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        last = f"[{len(code)}]:"
        page.wait_for_function(
            "last => [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')]"
            ".map(prompt => prompt.textContent.trim()).includes(last)",
            arg=last,
            timeout=120_000,
        )
        _wait_until_idle(page)

        prompts = page.locator(".jp-CodeCell .jp-InputPrompt").all_text_contents()
        assert [p.strip() for p in prompts] == [f"[{i}]:" for i in range(1, len(code) + 1)]
        assert page.locator("[data-mime-type='application/vnd.jupyter.error']").count() == 0
        charts = _charts(page)
        assert len(charts) == sum("cam.plots." in cell.source for cell in code)
        assert all(width > 300 and len(alt) > 30 for width, alt in charts)
        quoted = sum("meeting.evidence(" in c.source and "Bolivia" not in c.source for c in code)
        if quoted:
            assert page.locator(".jp-OutputArea-output mark").count() >= quoted
        assert not _is_dark(page)
        _screenshot(page, f"{path.stem}-light")


@pytest.mark.parametrize("lab", ["JupyterLab Dark"], indirect=True)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_stored_outputs_show_before_anything_is_run(browser, lab, path):
    with _opened(browser, lab, f"stored_{path.name}") as page:
        code = [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
        expected = sum("cam.plots." in cell.source for cell in code)
        page.wait_for_function(
            "n => document.querySelectorAll('.jp-OutputArea-output img').length === n",
            arg=expected,
            timeout=60_000,
        )
        assert all(width > 300 and len(alt) > 30 for width, alt in _charts(page))
        assert _is_dark(page)
        _screenshot(page, f"{path.stem}-dark")
