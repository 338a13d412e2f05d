#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The HTML report in a headless Chromium: what a reader does, and what a hostile name must not.

page_test.py COREWISE PAGE_SESSIONS; screenshots go to $SCREENSHOTS when that is set."""
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

import browser

COREWISE, SESSIONS = sys.argv[1:3]
VIEWS = ["overview", "advice", "regions", "findings", "source", "waits", "graphs", "stacks/running", "stacks/blocked", "timeline"]


def render(folder, name):
    page = folder / f"{name}.html"
    subprocess.run([COREWISE, "report", folder / f"{name}.cw", "--format", "html", "--report", page], check=True)
    return page


def compare(folder, before, after):
    page = folder / "difference.html"
    done = subprocess.run([COREWISE, "diff", folder / f"{before}.cw", folder / f"{after}.cw", "--format", "html", "--report", page], check=False)
    assert done.returncode == 1, "a prediction is newly refuted"
    return page


def go(page, view):
    """Draws a view afresh."""
    page.run("document.querySelector('main').dataset.address = '?'; if (location.hash === arguments[0]) dispatchEvent(new Event('hashchange')); else location.hash = arguments[0]", f"#/{view}")
    page.wait("document.querySelector('main').dataset.address === location.hash")


def shoot(page, name):
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(os.path.join(os.environ["SCREENSHOTS"], f"page-{name}.png"))


def check_quiet(page, file):
    """Nothing was complained of, and nothing but the page itself was asked for."""
    said = page.console()
    assert not said, said
    asked = {address.split("#")[0] for address in page.requests() if not address.startswith("data:")}
    assert asked <= {pathlib.Path(file).resolve().as_uri()}, asked


def check_views(page, file):
    page.open(file)
    for view in VIEWS:
        go(page, view)
        assert page.text("main h1") is not None, view
    check_quiet(page, file)


def check_table(page):
    """Sort by a column both ways, filter by class, search."""
    go(page, "regions")
    active = "[...document.querySelectorAll('main tbody tr')].map((row) => row.cells[4].innerText)"
    down = page.run(f"return {active}")
    assert down[0] == "7.91 s" and down[1] == "6.98 s", down
    page.click("main th:nth-child(5) button")
    up = page.run(f"return {active}")
    assert up[0] == "390 ms" and up[4] == "7.91 s" and up[-1] == "–", up
    assert page.run("return document.querySelector('main th:nth-child(5)').getAttribute('aria-sort')") == "ascending"
    assert page.run("return document.querySelectorAll('main th[aria-sort=ascending], main th[aria-sort=descending]').length") == 1
    page.click("main th:nth-child(1) button")
    names = page.run("return [...document.querySelectorAll('main tbody tr a.region')].map((each) => each.title)")
    assert names == sorted(names, key=str.lower), names
    choose = "const choice = document.querySelector(arguments[0]); choice.value = arguments[1]; choice.dispatchEvent(new Event('change'))"
    page.run(choose, "select[aria-label=class]", "io")
    assert page.texts("main tbody td:nth-child(3)") == ["io"], page.texts("main tbody td:nth-child(3)")
    page.run(choose, "select[aria-label=class]", "")
    page.type("main .search", "deflate_slow")
    assert len(page.texts("main tbody tr")) == 1
    page.type("main .search", " nowhere")
    assert "No region passes" in page.text("main .table")


def check_region_and_source(page):
    """Open a region from the table; follow a refuted verdict to the line that led to the prediction."""
    go(page, "regions")
    page.run("[...document.querySelectorAll('a.region')].find((each) => each.title.startsWith('deflate_slow')).click()")
    page.wait("document.querySelector('main h1').innerText.startsWith('deflate_slow')")
    assert "endless loop over the window" in page.text("main")
    go(page, "overview")
    refuted = page.text(".card.refuted")
    assert "write_thread" in refuted and "0.41" in refuted, refuted
    place = page.text(".card.refuted .place")
    page.click(".card.refuted .place")
    page.wait("document.querySelector('.line.marked')")
    file, line = place.split(":")
    marked = page.text(".line.marked")
    assert page.text(".file-title") == file and f"line_{line} = {line};" in marked, (place, marked)
    seen = page.run("const box = document.querySelector('.line.marked').getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight")
    assert seen, "the line is in the window"
    go(page, "source/deflate.c/1830")
    assert "line_1830" in page.text(".line.marked")
    heat = page.text(".line.marked .heat.running")
    assert heat == "6.82 s", heat  # deflate_slow itself 2.74 s, and 4.08 s in longest_match below it
    assert page.run("return [...document.querySelectorAll('.region-note')].some((each) => each.innerText.includes('deflate_slow'))")


def check_graph(page):
    go(page, "graphs/contention")
    width = "document.querySelector('.zoom > svg').viewBox.baseVal.width"
    whole = page.run(f"return {width}")
    page.click(".zoom-row button[aria-label='zoom in']")
    assert page.run(f"return {width}") < whole
    page.run("document.querySelector('.zoom').focus()")
    page.press("+", "+")
    zoomed = page.run(f"return {width}")
    assert zoomed < whole * 0.7 * 0.81
    left = page.run("return document.querySelector('.zoom > svg').viewBox.baseVal.x")
    page.press("ArrowRight")
    assert page.run("return document.querySelector('.zoom > svg').viewBox.baseVal.x") > left
    page.run("""const box = document.querySelector('.zoom');
        box.dispatchEvent(new WheelEvent('wheel', {deltaY: -100, clientX: 600, clientY: 400, cancelable: true}))""")
    assert page.run(f"return {width}") < zoomed
    page.press("0")
    assert page.run(f"return {width}") == whole
    assert "out_pool.have->mutex" in page.text(".zoom")
    links = page.run("return [...document.querySelectorAll('.zoom a')].map((each) => each.getAttribute('href'))")
    assert "#/source/pigz.c/1490" in links and all(link.startswith("#/source/") for link in links), links
    colour = "return document.querySelector('.zoom polygon').getAttribute('fill')"
    light = page.run(colour)
    page.prefer("dark")
    page.wait(f"document.querySelector('.zoom polygon').getAttribute('fill') !== '{light}'")
    page.prefer("light")
    page.wait(f"document.querySelector('.zoom polygon').getAttribute('fill') === '{light}'")


def check_stacks(page):
    go(page, "stacks/running")
    total = page.text(".status")
    assert "7.36 s" in total, total
    page.run("document.querySelector('.flame').focus()")
    page.press("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown")
    assert page.text(".status").startswith("deflate_slow"), page.text(".status")
    page.press("Enter")
    assert page.run("return document.querySelector('.frame.selected').style.width") == "100%"
    page.press("Escape")
    assert page.text(".status").startswith("all")
    page.type("main .search", "longest")
    assert page.texts(".frame.found") == ["longest_match"]
    go(page, "stacks/blocked")
    assert "510 ms" in page.text(".status"), page.text(".status")
    page.click("input[type=checkbox]")
    assert "3.89 s" in page.text(".status"), page.text(".status")


def check_timeline(page):
    go(page, "timeline")
    colours = """const canvas = document.querySelector('canvas'); const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const seen = new Set(); for (let i = 0; i < pixels.length; i += 4) seen.add(pixels[i] << 16 | pixels[i + 1] << 8 | pixels[i + 2]); return seen.size"""
    page.wait("document.querySelector('canvas').width > 300")
    assert page.run(colours) > 4
    before = page.run("return document.querySelector('canvas').toDataURL()")
    page.run("document.querySelector('canvas').focus()")
    page.press("+")
    assert page.run("return document.querySelector('canvas').toDataURL()") != before
    page.press("0")
    assert page.run("return document.querySelector('canvas').toDataURL()") == before


def check_dark(page):
    ground = "return getComputedStyle(document.body).backgroundColor"
    page.prefer("light")
    assert page.run(ground) == "rgb(255, 255, 255)"
    page.prefer("dark")
    assert page.run(ground) == "rgb(20, 24, 29)"
    page.click("#theme")
    assert page.run("return document.documentElement.dataset.theme") == "light"
    assert page.run(ground) == "rgb(255, 255, 255)"
    page.click("#theme")
    page.prefer("light")
    assert page.run(ground) == "rgb(20, 24, 29)"
    page.click("#theme")
    assert page.run(ground) == "rgb(255, 255, 255)"


def check_keys(page):
    go(page, "overview")
    page.run("document.activeElement.blur()")
    page.press("3")
    page.wait("document.querySelector('main h1').innerText.startsWith('Regions')")
    page.press("/")
    assert page.run("return document.activeElement.getAttribute('aria-label')") == "Search regions"
    page.press("Escape")
    page.press("?")
    assert page.run("return document.querySelector('dialog').open")
    page.press("Escape")
    page.press("Tab")
    assert page.run("return document.activeElement.tagName !== 'BODY'")
    named = page.run("""return [...document.querySelectorAll('button, input, select, canvas, [role=img], a[href]')].filter((each) =>
        !(each.innerText || each.getAttribute('aria-label') || each.closest('label') || each.closest('svg'))).map((each) => each.outerHTML)""")
    assert not named, named


def check_print(page):
    for view in ("overview", "source/deflate.c/1830", "stacks/running"):
        go(page, view)
        paper = page.print_page()
        pages = len(re.findall(rb"/Type\s*/Page\b", paper))
        assert paper.startswith(b"%PDF") and 1 <= pages <= 9, (view, pages)


def check_reader(folder):
    file = render(folder, "pigz")
    with browser.Browser() as page:
        check_views(page, file)
        check_table(page)
        check_region_and_source(page)
        check_graph(page)
        check_stacks(page)
        check_timeline(page)
        check_dark(page)
        check_keys(page)
        check_print(page)
        check_quiet(page, file)
        for view in VIEWS:
            go(page, view)
            shoot(page, view.replace("/", "-"))


def check_nothing_leaves(page):
    """Even what runs inside of the page reaches no server: one that listens hears nothing."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(1)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        page.run("const image = new Image(); image.src = arguments[0]; image.onerror = () => { window.refused = 1 }; document.body.append(image)", address)
        page.wait("window.refused === 1")
        page.run("fetch(arguments[0]).catch(() => { window.refused = 2 })", address)
        page.wait("window.refused === 2")
        try:
            server.accept()
        except TimeoutError:
            return
        raise AssertionError("the policy let a request out")


def check_hostile(folder):
    """Names that are markup, scripts and links stay text in every view, and the policy holds what comes past them."""
    file = render(folder, "hostile")
    text = file.read_text()
    assert text.count("</script>") == 2 and "root:x:" not in text
    with browser.Browser() as page:
        check_views(page, file)
        for view in VIEWS + ["region/%3C%2Fscript%3E%3Cb%3E%40a%22b%5C.c%3A3", "source/a%22b%5C.c/4", "source/..%2F..%2F..%2Fetc%2Fpasswd", "source/javascript%3Awindow.owned%3D1", "%", "nowhere"]:
            go(page, view)
            assert page.run("return window.owned === undefined"), view
            assert page.run("return document.scripts.length") == 2, view
            assert page.run("return document.querySelectorAll('main img, main b b, iframe, object, embed, link[rel=stylesheet]').length") == 0, view
            links = page.run("return [...document.querySelectorAll('a')].map((each) => each.getAttribute('href'))")
            assert all(link.startswith("#") for link in links), (view, links)
            assert page.run("return !/[\\u0000-\\u0008\\u000b-\\u001f\\u202e]/.test(document.body.innerText)"), view
        go(page, "findings")
        assert "</script><img src=x onerror=window.owned=1>" in page.text("main")
        assert "\\u202e" in page.text("main") and "\\x1b" in page.text("main")
        check_quiet(page, file)
        refused = page.run("""try { document.body.innerHTML = '<img src=x onerror="window.owned=1">'; return 'set' } catch (error) { return error.name }""")
        assert refused == "TypeError", refused
        check_nothing_leaves(page)
        shoot(page, "hostile")


def check_partial(folder):
    """Sessions with parts missing: every view says so, and none fails."""
    for name in ("empty", "analysis", "trace"):
        file = render(folder, name)
        with browser.Browser(900, 700) as page:
            check_views(page, file)


def check_difference(folder):
    file = compare(folder, "pigz", "later")
    with browser.Browser() as page:
        check_views(page, file)
        go(page, "compare")
        assert "Before and after" in page.text("main h1")
        row = page.texts("main tbody tr")[0]
        assert "confirmed" in row and "refuted" in row, row
        check_quiet(page, file)
        shoot(page, "compare")


def main():
    reason = browser.missing()
    if reason:
        print(f"SKIP: {reason}")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="corewise-page-") as name:
        folder = pathlib.Path(name)
        subprocess.run([SESSIONS, folder], check=True)
        for check in (check_reader, check_hostile, check_partial, check_difference):
            check(folder)
            print(f"{check.__name__}: passed")


main()
