"""The page in a headless Chromium, by mouse, keyboard and without scripts: ``pytest -m browser``.

axe-core is looked for where ``CAMDATA_AXE`` says (its folder or the file), else in the
``node_modules`` of the folder that the tests are run from; ``npm install axe-core`` brings it.
"""

import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from test_page import ROWS, nasty_meeting

import camdata as cam
from camdata.report.page import write_page

pytestmark = pytest.mark.browser

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
FLAGS += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 640}


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def pages(meeting, tmp_path_factory):
    """The files of three meetings: the bundled one, one of markup, a large one."""
    folder = tmp_path_factory.mktemp("pages")
    universe = cam.multiverse(meeting, coder="camdata", n_resamples=9)
    write_page(meeting, folder / "cam.html", multiverse=universe)
    write_page(nasty_meeting(), folder / "nasty.html")
    large = large_meeting()
    write_page(large, folder / "large.html", clusters=cam.cluster(cam.agreement(large.tally()), 1))
    return folder


def large_meeting():
    """60 actors and 200 codes, with support and opposition, and no quotes."""
    generator = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "actor": [f"Delegation {i}" for i in range(60)] * 8,
            "code": [f"code {i % 200}" for i in range(480)],
            "stance": generator.choice([1, -1], 480),
        }
    )
    return cam.Meeting(rows)


@pytest.fixture
def opened(browser, pages):
    """Open a page in a context of its own; nothing may be asked for, refused or go wrong."""
    contexts, troubles = [], []

    def make(name="cam", **options):
        context = browser.new_context(**{"viewport": DESK, "reduced_motion": "reduce", **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on("request", lambda request: troubles.append(request.url))
        page.goto((pages / f"{name}.html").as_uri())
        assert troubles == [(pages / f"{name}.html").as_uri()]
        troubles.clear()
        return page

    yield make
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture(scope="module")
def axe():
    """The source of axe-core."""
    given = Path(os.environ.get("CAMDATA_AXE", "node_modules/axe-core"))
    file = given if given.is_file() else given / "axe.min.js"
    if not file.is_file():
        pytest.skip(f"axe-core is not in {given}: npm install axe-core, or set CAMDATA_AXE")
    return file.read_text(encoding="utf-8")


def cell(page, words):
    return page.locator(f'table.grid a[aria-label^="{words}"]').first


def unfold(page):
    """Open everything that is closed until it is asked for."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def keep(page, name):
    """Keep a picture where CAMDATA_SCREENSHOTS says, to be looked at."""
    folder = os.environ.get("CAMDATA_SCREENSHOTS")
    if folder:
        os.makedirs(folder, exist_ok=True)
        page.screenshot(path=os.path.join(folder, f"page-{name}.png"), full_page=True)


# the grid


def test_a_click_opens_a_cell_to_its_marked_words(meeting, opened):
    page = opened()
    cell(page, "Paraguay, Be pragmatic").click()
    panel = page.locator("#panel")
    assert panel.locator("mark").all_text_contents() == ["Paraguay indicated a need for pragmatism"]
    assert "Like his counterparts" not in panel.locator("blockquote").inner_text()
    assert panel.get_attribute("aria-live") == "polite"
    # a dimension opens to all of its codes
    cell(page, "Canada, pragmatism").click()
    quotes = [q.quote for q in meeting.evidence("Canada", dimension="pragmatism")]
    assert sorted(panel.locator("mark").all_text_contents()) == sorted(quotes)
    assert page.locator("table.grid [aria-current]").count() == 1
    panel.get_by_role("button", name="Close").click()
    assert page.locator("table.grid [aria-current]").count() == 0
    keep(page, "light")


def test_keyboard_alone_opens_moves_and_closes(opened):
    page = opened()
    first = cell(page, "Colombia, pragmatism")
    first.focus()
    page.keyboard.press("Enter")
    panel = page.locator("#panel")
    assert "Colombia, pragmatism" in panel.locator("h3").inner_text()
    page.keyboard.press("ArrowRight")  # over delegations of whom nothing is recorded there
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("Canada, pragmatism")
    page.keyboard.press("ArrowDown")
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("Canada, Be specific and actionable")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "panel"
    page.keyboard.press("Escape")
    focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert focused.startswith("Canada, Be specific and actionable")
    assert panel.locator("mark").count() == 0


def test_focus_is_seen(opened):
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Tab")
    width = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert float(width.removesuffix("px")) >= 2


def test_columns_are_sorted_with_all_that_stands_in_them(meeting, opened):
    page = opened()
    names = (
        "() => [...document.querySelectorAll('table.grid')[0].querySelectorAll('.names th')]"
        ".map(th => th.innerText.trim())"
    )
    spoke = list(meeting.tally().actors)
    clusters = cam.cluster(cam.agreement(meeting.tally()))
    ax = cam.plots.positions(meeting, clusters=clusters)
    assert page.evaluate(names) == [label.get_text() for label in ax.get_xticklabels()]
    page.get_by_label("as they spoke").check()
    assert page.evaluate(names) == spoke
    page.get_by_label("by cluster").check()
    # each sign is still in the column of its own delegation
    assert page.evaluate(
        """() => [...document.querySelectorAll('table.grid')[0].querySelectorAll('tbody td a')]
        .every(a => {
          const place = [...a.closest('tr').children].indexOf(a.closest('td'));
          const head = a.closest('table').querySelector('.names').children[place];
          return a.getAttribute('aria-label').startsWith(head.innerText.trim() + ',');
        })"""
    )
    page.get_by_label("as they spoke").check()
    assert page.evaluate(names) == spoke


def test_level_hides_codes(opened):
    page = opened()
    rows = page.locator("table.grid").first.locator("tr.code")
    assert rows.first.is_visible()
    page.get_by_label("dimensions", exact=True).check()
    assert not rows.first.is_visible()
    assert page.locator("tr.dimension").first.is_visible()


# the report


def test_report_and_words_lead_to_each_other(opened):
    page = opened()
    page.locator("#report summary").click()
    page.locator(".document sup a").first.click()
    note = page.locator(".notes li:target")
    note.locator("a").last.click()
    words = page.locator("figure.said:target")
    assert words.is_visible()  # its details opened
    words.get_by_role("link", name="in the report").click()
    assert page.locator("mark:target").inner_text() in page.locator(".document").inner_text()


def test_report_is_filtered_by_delegation_and_code(meeting, opened):
    page = opened()
    unfold(page)
    page.select_option("#filter [name=actor]", label="Chile")
    rows = meeting.statements.query("actor == 'Chile'")
    assert page.locator("#filter output").inner_text() == "2 statements in 2 paragraphs"
    assert page.locator(".notes li:visible").count() == len(rows)
    shown = page.locator(".document mark:not(.off):visible").all_inner_texts()
    assert set(rows["quote"]) <= {"".join(shown), *shown} | {"".join(shown[1:])}
    page.select_option("#filter [name=code]", label="Migrants are subjects of law")
    assert page.locator("#filter output").inner_text() == "1 statement in 1 paragraph"
    keep(page, "filtered")
    # a link into what is hidden shows everything again
    page.evaluate("location.hash = 'n1'")
    page.wait_for_function("document.querySelector('#n1').offsetParent !== null")
    page.select_option("#filter [name=actor]", label="everyone")
    assert page.locator(".notes li:visible").count() == len(meeting.statements)


def test_what_is_not_coded_is_visibly_not(opened):
    page = opened()
    unfold(page)
    style = (
        "element => [getComputedStyle(element).color, getComputedStyle(element).backgroundColor]"
    )
    marked = page.locator(".document mark").first.evaluate(style)
    plain = page.locator(".document .line > p").first.evaluate(style)
    assert marked[0] != plain[0]
    assert marked[1] != plain[1]


# two side by side


@pytest.mark.parametrize(
    ("a", "b"), [("Canada", "Uruguay"), ("Colombia", "United States"), ("Peru", "Chile")]
)
def test_two_delegations_are_those_of_compare(meeting, opened, a, b):
    page = opened()
    page.select_option("#pair [name=a]", label=a)
    page.select_option("#pair [name=b]", label=b)
    comparison = cam.compare(meeting, a, b)
    table = comparison.frame
    sided = table[table["relation"] == "one-sided"]
    book = page.locator(".rule code").all_text_contents()
    shown = page.evaluate(
        "() => Object.fromEntries([...document.querySelectorAll('#beside [data-codes]')]"
        ".map(part => [part.querySelector('h3').textContent, part.dataset.codes]))"
    )
    parts = {
        "Recorded on both": comparison.codes("shared"),
        f"Recorded on {a} only": sided.loc[sided["stance_b"].isna(), "code"].tolist(),
        f"Recorded on {b} only": sided.loc[sided["stance_a"].isna(), "code"].tolist(),
    }
    assert shown == {
        f"{title} ({len(codes)})": " ".join(map(str, sorted(book.index(code) for code in codes)))
        for title, codes in parts.items()
    }
    told = page.locator("#beside mark").all_text_contents()
    frame = comparison.frame
    assert sorted(set(told)) == sorted(set(frame["quotes_a"].sum() + frame["quotes_b"].sum()))


def test_different_stances_stand_apart(browser, tmp_path):
    write_page(cam.Meeting(ROWS), tmp_path / "page.html")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    page.select_option("#pair [name=a]", label="B")
    page.select_option("#pair [name=b]", label="C")
    assert page.locator("#beside h3").all_inner_texts() == [
        "Recorded on both (0)",
        "Recorded on both, with different stances (1)",
        "Recorded on B only (1)",
        "Recorded on C only (1)",
    ]
    page.close()


# wherever it is opened


def test_without_scripts_all_words_are_reached(meeting, opened):
    page = opened(java_script_enabled=False)
    cell(page, "Paraguay, Be pragmatic").click()
    words = page.locator(".words:target")
    assert words.locator("mark").inner_text() == "Paraguay indicated a need for pragmatism"
    assert words.is_visible()
    assert page.locator(".js-only:visible").count() == 0
    page.locator("#a0 > summary").click()
    assert page.locator("#a0 mark").count() == (meeting.statements["actor"] == "Colombia").sum()
    assert page.locator("#a0 mark").first.is_visible()


@pytest.mark.parametrize("name", ["cam", "nasty", "large"])
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
def test_page_never_scrolls_sideways(opened, name, viewport):
    page = opened(name, viewport=viewport)
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    widths = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert widths[0] == widths[1]
    if name != "large":
        keep(page, f"{name}-{viewport['width']}")


def test_on_a_phone_there_is_a_card_for_each_delegation(meeting, opened):
    page = opened(viewport=PHONE)
    assert not page.locator("table.grid").first.is_visible()
    card = page.locator("details.person", has_text="Canada").first
    card.locator("summary").first.click()
    assert card.locator("mark:visible").count() == (meeting.statements["actor"] == "Canada").sum()


def test_a_cell_shows_its_first_words_when_it_is_pointed_at(opened):
    page = opened()
    cell(page, "Paraguay, Be pragmatic").hover()
    card = page.locator("#card")
    assert "Paraguay indicated a need for pragmatism" in card.inner_text()
    page.mouse.move(5, 5)
    assert not card.is_visible()


def test_contents_stand_beside_on_a_wide_screen(opened):
    page = opened(viewport={"width": 1440, "height": 900})
    assert page.locator("nav").bounding_box()["x"] < page.locator("main").bounding_box()["x"]
    # the answer and its picture are on the first screen
    assert page.locator("h1").bounding_box()["y"] < 200
    assert page.locator("#verdict img").first.bounding_box()["y"] < 400
    # no row of the grid is hidden by a scroll of its own
    scroll = page.locator(".tables .scroll").first
    assert scroll.evaluate("one => one.scrollHeight <= one.clientHeight + 20")


def test_dark_where_the_reader_wants_it(opened):
    lightness = (
        "() => getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g)"
        ".slice(0, 3).reduce((sum, part) => sum + Number(part), 0)"
    )
    light = opened(color_scheme="light").evaluate(lightness)
    page = opened(color_scheme="dark")
    assert page.evaluate(lightness) < 150 < 700 < light
    keep(page, "dark")


def test_print_opens_everything_and_leaves_the_controls_out(opened):
    page = opened()
    page.emulate_media(media="print")
    assert page.locator(".tools:visible, nav:visible, #panel:visible").count() == 0
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert page.evaluate(
        "[...document.querySelectorAll('.scroll')].every(one => one.scrollHeight <= "
        "one.clientHeight + 1 || getComputedStyle(one).overflow === 'visible' && "
        "getComputedStyle(one).maxHeight === 'none')"
    )
    page.set_viewport_size({"width": 690, "height": 900})  # A4 within its margins
    widths = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    assert widths[0] <= widths[1]
    assert len(page.pdf(format="A4")) > 50_000


def test_markup_runs_nothing(opened):
    page = opened("nasty")
    page.locator("table.grid tbody td a").first.click()
    assert page.locator("#panel img, #panel script").count() == 0
    unfold(page)
    page.select_option("#filter [name=code]", index=1)
    assert page.locator("#beside script, #beside img").count() == 0


def test_policy_stops_what_is_slipped_in(browser, pages):
    page = browser.new_page()
    page.goto((pages / "cam.html").as_uri())
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.evil = 1';"
        " document.body.append(s); const i = new Image(); i.src = 'http://127.0.0.1:9/x.png';"
        " document.body.append(i); }"
    )
    assert page.evaluate("window.evil") is None
    page.close()


@pytest.mark.parametrize(
    ("name", "scheme", "viewport"),
    [
        *((n, s, v) for n in ("cam", "nasty") for s in ("light", "dark") for v in (DESK, PHONE)),
        ("large", "light", DESK),
    ],
)
def test_axe_finds_nothing(browser, pages, axe, name, scheme, viewport):
    # the checker is put into the page past its policy
    context = browser.new_context(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto((pages / f"{name}.html").as_uri())
    if viewport == DESK:
        page.locator("table.grid tbody td a").first.click()
    if name != "large":
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    context.close()
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
