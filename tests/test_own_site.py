"""The blog that comes with the project, built once and looked at: in a browser, by validators, from everywhere."""

from __future__ import annotations

import base64
import fcntl
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urljoin, urlsplit

import feedparser
import pytest
from browser import MOST, chromium, serving, weigh
from lxml import etree
from lxml import html as lxml_html
from tools import find_java

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.publishing.write import write_files
from sitegen.running.figures.palette import CUSTOM_PROPERTIES
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Request

PROJECT = Path(__file__).parents[1]
URL = "https://example.org/repo"
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")
SHARES = 4  # of the long tests, so that no worker of pytest's is the last for long
# KaTeX writes these itself: an attribute of MathML that the checker does not know, and styles it is strict about.
KATEX_MESSAGES = re.compile(
    r"annotation|MathML|mathvariant|columnspacing|rowspacing|Element “m[a-z]+”|element “(?:math|mtd)”"
)
# CSS Anchor Positioning (2024), which the checker does not know, in the pages that hold their style sheet.
NEWER_CSS = re.compile(r"Property “(?:anchor|position)-[a-z-]+” doesn't exist")

# axe finds no text in MathML, and so calls the heading of a column that is a formula empty.
CONTEXT = "{exclude: [['th:has(> .katex)']]}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a folder that holds the site twice, at its root and under repo/; it is built once for all of pytest's workers."""
    base = tmp_path_factory.getbasetemp()
    place = (base if worker_id == "master" else base.parent) / "own"
    place.mkdir(exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "site").exists():
            folder = place / "unfinished"
            shutil.rmtree(folder, ignore_errors=True)
            with Store(place / "store.sqlite") as store:
                result = build(PROJECT, store, Options(url=URL, workers=2, future=True, final=True, minify=True))
                assert [str(error) for error in result.errors] == []
                write_files(result.files, folder, store)
            shutil.copytree(folder, place / "copy")
            (place / "copy").rename(folder / "repo")
            folder.rename(place / "site")
    return place / "site"


@pytest.fixture(scope="session")
def pages(site: Path) -> list[str]:
    """Return the path of every page, with a slash at its beginning."""
    found = [path.relative_to(site) for path in sorted(site.rglob("*.html"))]
    return [f"/{path.as_posix()}" for path in found if path.parts[0] != "repo"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def kinds(pages: list[str]) -> list[str]:
    """Return one page of each kind, and some posts: every third, or all with `EVERY_POST=1`, which takes minutes more."""
    seen: dict[str, str] = {}
    for page in pages:
        parts = PurePosixPath(page).parts
        seen.setdefault(page if "posts" in parts else f"{parts[1]} {len(parts)}", page)
    posts = sorted(page for page in seen.values() if "posts" in PurePosixPath(page).parts)
    left = set() if os.environ.get("EVERY_POST") else {post for number, post in enumerate(posts) if number % 3}
    return sorted(set(seen.values()) - left)


def test_every_post_holds_figures_claims_tables_and_formulas(site: Path) -> None:
    posts = sorted((site / "posts").glob("*/index.html"))
    assert len(posts) >= 3
    for post in posts:
        text = post.read_text(encoding="utf-8")
        assert text.count("<figure") >= 3, post
        assert text.count("class=claim") >= 2, post
        assert text.count("<table") >= 1, post
        assert text.count("class=katex") >= 30, post


def test_a_browser_reads_the_same_document_out_of_a_minified_page(
    site: Path, pages: list[str], browser: Browser
) -> None:
    """Every element, attribute and letter; of white space outside of code, pictures and formulas only that there is some."""
    document = """page => {
      const asItIs = new Set(["code", "kbd", "math", "pre", "samp", "script", "style", "svg", "textarea"]);
      const written = (node, kept) => {
        if (node.nodeType === Node.TEXT_NODE) return kept ? node.data : node.data.replace(/\\s+/g, " ");
        if (node.nodeType !== Node.ELEMENT_NODE) return "";
        if (node.type === "application/ld+json") return JSON.stringify(JSON.parse(node.textContent));
        const value = ({ value }) => node.localName === "meta" ? value.replaceAll(", ", ",") : value;
        const attributes = Array.from(node.attributes, (one) => [one.name, value(one)]).sort();
        const inside = Array.from(node.childNodes, (child) => written(child, kept || asItIs.has(node.localName)));
        return JSON.stringify([node.localName, attributes]) + inside.join("") + "</>";
      };
      return written(new DOMParser().parseFromString(page, "text/html").documentElement, false);
    }"""
    with Store(site.parent / "store.sqlite") as store:
        plain = build(PROJECT, store, Options(url=URL, workers=2, future=True, final=True)).files
        tab = browser.new_page()
        for page in pages:
            content = plain[PurePosixPath(page[1:])]
            assert isinstance(content, Stored)
            before, smaller = store.content(content.digest), (site / page[1:]).read_bytes()
            assert len(smaller) < 0.99 * len(before), page
            assert tab.evaluate(document, before.decode()) == tab.evaluate(document, smaller.decode()), page
        tab.close()


@pytest.mark.parametrize("prefix", ["", "/repo"])
def test_every_link_and_asset_resolves_wherever_the_site_stands(site: Path, pages: list[str], prefix: str) -> None:
    missing = []
    with serving(site) as base:
        del base  # the files are what a server gives; the browser test below asks one
    for page in pages:
        html = (site / page.lstrip("/")).read_text(encoding="utf-8")
        if page == "/404.html":
            continue
        targets = [*lxml_html.fromstring(html).xpath("//@href | //@src")]
        assert len(targets) > 9, page
        for target in targets:
            parts = urlsplit(urljoin(f"http://here{prefix}{page}", target))
            if parts.netloc != "here" or parts.scheme != "http":
                continue
            path = parts.path + ("index.html" if parts.path.endswith("/") else "")
            if not (site / path.lstrip("/")).is_file():
                missing.append((page, target))
            elif prefix and not parts.path.startswith("/repo/"):
                missing.append((page, f"{target} leads out of /repo/"))
    assert not missing


@pytest.mark.parametrize("place", ["repo", "file"])
def test_a_browser_finds_everything_it_asks_for_and_from_the_disk_the_pages_that_are_linked(
    site: Path, pages: list[str], browser: Browser, place: str
) -> None:
    failed, missing = [], []
    with serving(site) as server:
        base = {"repo": f"{server}/repo", "file": site.as_uri()}[place]
        page = browser.new_page()
        page.on("requestfailed", lambda request: failed.append(request.url) if _is_failure(request) else None)
        page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
        page.on("console", lambda message: failed.append(message.text) if message.type == "error" else None)
        for path in kinds(pages):
            if path != "/404.html":
                page.goto(base + path)
                outside = page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
                failed += [url for url in outside if not url.startswith(("file:", server, "data:"))]
                hrefs = page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
                files = [Path(unquote(urlsplit(href).path)) for href in hrefs if href.startswith("file:")]
                missing += [(path, file) for file in files if not file.is_file()]
        page.close()
    assert not missing
    assert not [url for url in failed if not url.startswith("https://example.org")]


def _is_failure(request: Request) -> bool:
    """Whether a request failed of itself: leaving a page ends those that are still under way."""
    return request.failure != "net::ERR_ABORTED"


def test_a_strict_content_security_policy_holds_with_one_hash(site: Path, pages: list[str], browser: Browser) -> None:
    scripts = {
        script
        for page in pages
        for opening, script in re.findall(
            r"<script([^>]*)>(.*?)</script>", (site / page[1:]).read_text("utf-8"), re.DOTALL
        )
        if script and "ld+json" not in opening
    }
    assert len(scripts) == 1
    found = base64.b64encode(hashlib.sha256(scripts.pop().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-{found}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'"
    )
    documented = " ".join((PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8").split())
    assert policy in documented, policy
    refused: list[str] = []
    with serving(site, policy) as server:
        page = browser.new_page()
        page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
        for path in kinds(pages):
            if path != "/404.html":
                page.goto(server + path)
        page.goto(server + next(path for path in pages if "momentum" in path))
        page.keyboard.press("/")
        page.wait_for_selector(".search-dialog[open]")
        page.keyboard.type("momentum")
        page.wait_for_selector(".search-results li")
        page.keyboard.press("Escape")
        page.locator(".enlarge").first.click()
        page.wait_for_selector(".lightbox[open]")
        page.close()
    assert not refused


def test_the_page_for_what_is_not_there_works_at_any_depth(site: Path, browser: Browser) -> None:
    html = (site / "404.html").read_text(encoding="utf-8")
    with serving(site) as server:
        page = browser.new_page()
        page.route("**/deep/down/**", lambda route: route.fulfill(status=404, content_type="text/html", body=html))
        page.goto(f"{server}/repo/deep/down/here")
        style = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert style not in {"rgba(0, 0, 0, 0)", "rgb(255, 255, 255)"}, "its style sheet was not found"
        hrefs = page.eval_on_selector_all("a[href]", "links => links.map(link => link.getAttribute('href'))")
        page.close()
    assert hrefs
    assert all(href.startswith(("/repo/", "#", "http")) for href in hrefs)


def test_no_page_scrolls_sideways(site: Path, pages: list[str], browser: Browser) -> None:
    wide = []
    with serving(site) as server:
        page = browser.new_page()
        for path in kinds(pages):
            page.set_viewport_size({"width": 360, "height": 800})
            page.goto(server + path)
            for width in (360, *WIDTHS):
                page.set_viewport_size({"width": width, "height": 800})
                if page.evaluate("document.documentElement.scrollWidth") > width:
                    wide.append((path, width))
        page.close()
    assert not wide


def test_everything_is_readable_without_javascript(site: Path, pages: list[str], browser: Browser) -> None:
    with serving(site) as server:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        posts = [path for path in kinds(pages) if path.startswith("/posts/")]
        for path in [path for path in kinds(pages) if path not in posts[2:]]:
            page.goto(server + path)
            assert page.locator("h1").count() == 1, path
            assert page.locator("main").inner_text().strip(), path
        post = next(path for path in pages if path.startswith("/posts/"))
        page.goto(server + post)
        assert page.locator(".katex-html").first.is_visible()
        assert page.locator("figure svg").first.is_visible()
        context.close()


def test_a_reader_can_choose_the_theme_and_it_stays(site: Path, browser: Browser) -> None:
    with serving(site) as server:
        context = browser.new_context(color_scheme="light")
        page = context.new_page()
        page.goto(server + "/")
        colour = "getComputedStyle(document.documentElement).backgroundColor"
        light = page.evaluate(colour)
        for _ in range(3):
            page.locator("[data-theme-toggle], .theme-toggle, button[aria-label*=heme]").first.click()
            if page.evaluate(colour) != light:
                break
        dark = page.evaluate(colour)
        assert dark != light
        page.goto(server + "/archives/")
        assert page.evaluate(colour) == dark
        context.close()


def test_search_and_colours_stand_side_by_side_on_every_phone(site: Path, browser: Browser) -> None:
    with serving(site) as server:
        for width in (320, 360, 375, 390):
            page = browser.new_page(viewport={"width": width, "height": 800})
            page.goto(server + "/archives/")
            search, toggle = (page.locator(name).bounding_box() for name in (".search-open", ".theme-toggle"))
            assert search
            assert toggle
            assert search["y"] == toggle["y"]
            assert search["x"] + search["width"] <= toggle["x"] <= width - toggle["width"]
            page.close()


@pytest.mark.parametrize(
    ("scheme", "width"), list(zip(SCHEMES, WIDTHS, strict=True))
)  # axe takes seconds for a long post
@pytest.mark.parametrize("share", range(SHARES))
def test_the_pages_are_accessible(
    site: Path, pages: list[str], browser: Browser, *, scheme: str, width: int, share: int
) -> None:
    axe = (PROJECT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    found = []
    with serving(site) as server:
        context = browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 900}
        )
        page = context.new_page()
        for path in kinds(pages)[share::SHARES]:
            page.goto(server + path)
            page.evaluate(axe)
            rules = "" if scheme == "light" else ", runOnly: ['cat.color']"  # in the dark all else is the same
            result = page.evaluate(f"axe.run({CONTEXT}, {{resultTypes: ['violations']{rules}}})")
            found += [
                (path, violation["id"], [node["html"][:120] for node in violation["nodes"][:3]])
                for violation in result["violations"]
            ]
        context.close()
    assert not found


def test_figures_take_the_colours_of_the_palette_from_the_style_sheet(site: Path, browser: Browser) -> None:
    with serving(site) as server:
        for index, scheme in enumerate(SCHEMES):
            context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
            page = context.new_page()
            page.goto(server + "/")
            page.add_style_tag(path=PROJECT / "assets" / "css" / "theme.css")  # the whole: a page has what it draws in
            script = "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()"
            shown = {name: page.evaluate(script, name) for name in CUSTOM_PROPERTIES}
            assert shown == {name: both[index] for name, both in CUSTOM_PROPERTIES.items()}, scheme
            context.close()


def test_the_html_checker_finds_nothing_of_ours(site: Path, pages: list[str]) -> None:
    jar = PROJECT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    files = [str(site / page.lstrip("/")) for page in pages]
    java = find_java()
    assert java, "run `make install-test`"
    quickly = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xss8m"]  # to compile more takes longer than it saves
    done = subprocess.run(
        [java, *quickly, "-jar", str(jar), "--format", "json", *files], capture_output=True, text=True, check=False
    )
    messages = json.loads(done.stderr)["messages"]
    ours = [
        (
            Path(message.get("url", "")).parent.name,
            message.get("lastLine"),
            message["message"],
            message.get("extract", "")[:100],
        )
        for message in messages
        if message["type"] == "error"
        and not KATEX_MESSAGES.search(message["message"])
        and not NEWER_CSS.search(message["message"])
    ]
    assert not ours


def test_the_feed_is_atom_with_absolute_links_and_readable_titles(site: Path) -> None:
    data = (site / "feed.xml").read_bytes()
    feed = feedparser.parse(data)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    root = etree.fromstring(data)
    atom = "{http://www.w3.org/2005/Atom}"
    for element in (root, *root.findall(f"{atom}entry")):  # RFC 4287, 4.1.1 and 4.1.2: what must be there
        assert element.find(f"{atom}id") is not None
        assert element.find(f"{atom}title") is not None
        assert element.find(f"{atom}updated") is not None
    assert root.find(f"{atom}author") is not None or all(e.find(f"{atom}author") is not None for e in root)
    ids = [entry.id for entry in feed.entries]
    assert len(set(ids)) == len(ids) >= 3
    for entry in feed.entries:
        assert entry.link.startswith(URL)
        assert "<" not in entry.title
        content = entry.content[0].value
        assert "<math" in content
        assert "katex-html" not in content
        assert not re.findall(r'(?:src|href)="(?!https?://|#|mailto:|data:)[^"]*"', content)
        assert "<svg" not in content  # which readers of feeds leave away
        pictures = [
            site / address.removeprefix(f"{URL}/") for address in re.findall(r'<img[^>]* src="([^"]+)"', content)
        ]
        assert pictures
        for picture in pictures:
            magic = {".png": b"\x89PNG", ".webp": b"RIFF"}[picture.suffix]
            assert picture.read_bytes().startswith(magic), picture


def test_every_tag_and_category_has_both_feeds_and_they_are_valid(site: Path) -> None:
    feeds = sorted(path for path in site.rglob("feed.xml") if path.relative_to(site).parts[0] != "repo")
    assert len(feeds) > 5
    for path in feeds:
        atom = feedparser.parse(path.read_bytes(), sanitize_html=False, resolve_relative_uris=False)
        assert not atom.bozo, (path, atom.get("bozo_exception"))
        assert atom.version == "atom10"
        data = json.loads(path.with_name("feed.json").read_text(encoding="utf-8"))
        check_json_feed(data)
        assert [item["id"] for item in data["items"]] == [entry.id for entry in atom.entries]
        assert [item["title"] for item in data["items"]] == [entry.title for entry in atom.entries]
        assert data["feed_url"] == atom.feed.id + "feed.json"
        assert data["home_page_url"] == atom.feed.id
        for item in data["items"]:
            assert "<script" not in item["content_html"]
            assert "katex-html" not in item["content_html"]


PERSON = {"name": str, "url": str, "avatar": str}
FEED = {"version": str, "title": str, "home_page_url": str, "feed_url": str, "description": str, "language": str}
ITEM = {
    **dict.fromkeys(("id", "url", "title", "summary", "image", "language", "content_html"), str),
    "date_published": str,
    "date_modified": str,
    "tags": list,
    "authors": list,
}


def check_json_feed(data: dict[str, Any]) -> None:
    """Check a feed against JSON Feed 1.1: what must be there, of which kind all is, and that there is nothing else."""
    assert data["version"] == "https://jsonfeed.org/version/1.1"
    assert {"title", "items"} <= set(data)
    people = list(data.get("authors", []))
    for name in set(data) - {"items", "authors"}:
        assert isinstance(data[name], FEED[name]), name
    for item in data["items"]:
        assert {"id", "content_html"} <= set(item)
        for name, value in item.items():
            assert isinstance(value, ITEM[name]), name
        assert all(isinstance(tag, str) for tag in item["tags"])
        assert datetime.fromisoformat(item["date_published"]).tzinfo
        assert datetime.fromisoformat(item["date_modified"]).tzinfo
        people += item.get("authors", [])
    for person in people:
        assert person
        assert all(isinstance(value, PERSON[name]) for name, value in person.items())


def test_the_sitemap_lists_every_page_a_reader_may_look_for(site: Path) -> None:
    root = etree.parse(str(site / "sitemap.xml")).getroot()
    found = {element.text for element in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    assert f"{URL}/" in found
    for post in (site / "posts").glob("*/index.html"):
        assert f"{URL}/posts/{post.parent.name}/" in found
    assert not [url for url in found if "404" in str(url)]
    assert f"Sitemap: {URL}/sitemap.xml" in (site / "robots.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("share", range(SHARES))
def test_every_program_runs_on_its_own(site: Path, tmp_path: Path, share: int) -> None:
    scripts = sorted((site / "posts").glob("*/*.py"))
    assert len(scripts) >= SHARES
    for number, script in list(enumerate(scripts))[share::SHARES]:
        folder = tmp_path / script.stem
        shutil.copytree(script.parent, folder)
        notebook = json.loads((folder / f"{script.stem}.ipynb").read_text(encoding="utf-8"))
        cells = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
        (folder / "notebook.py").write_text("\n".join(cells), encoding="utf-8")
        name = "notebook.py" if number // SHARES % 2 else script.name  # either holds the same code
        environment = {"PATH": os.environ["PATH"], "MPLBACKEND": "agg", "HOME": str(tmp_path)}
        command = [sys.executable, "-W", "ignore", name]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (name, done.stderr[-2000:])
        assert "holds:" in done.stdout


def test_no_page_weighs_much_before_anything_is_done(site: Path, browser: Browser) -> None:
    heaviest = sorted(site.glob("posts/*/index.html"), key=lambda path: path.stat().st_size)[-4:]
    with serving(site) as server:
        for address in ("/", "/archives/", *(f"/posts/{path.parent.name}/" for path in heaviest)):
            found = weigh(browser, server, site, address)
            assert sum(map(sum, found.values())) <= MOST["bytes"], address
            assert sum(map(len, found.values())) <= MOST["requests"], address


def test_all_scripts_together_are_small(site: Path) -> None:
    scripts = [path.read_bytes() for path in site.glob("assets/js/*.js")]
    assert len(scripts) > 5
    assert sum(len(gzip.compress(script, 6)) for script in scripts) < 15_000


def test_a_phone_lays_a_long_post_out_when_it_has_loaded(site: Path, browser: Browser) -> None:
    laid_out = "() => [...document.querySelectorAll('.prose > p')].map(one => getComputedStyle(one).contentVisibility !== 'auto')"
    at_first = f"window.first = new Promise(done => addEventListener('DOMContentLoaded', () => done(({laid_out})())))"
    post = max(site.glob("posts/*/index.html"), key=lambda path: path.stat().st_size).parent.name
    with serving(site) as server:
        address = f"{server}/posts/{post}/"
        for phone in (True, False):
            context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=phone, is_mobile=phone)
            page = context.new_page()
            page.add_init_script(at_first)
            page.goto(address)
            first = page.evaluate("window.first")
            assert first[0]
            assert any(first[-10:]) is not phone
            page.wait_for_function(f"({laid_out})().every(Boolean)")
            page.add_init_script("window.requestIdleCallback = () => null")  # as if it were busy
            page.goto(f"{address}?again")
            assert all(page.evaluate(laid_out)) is not phone
            page.locator(".contents-fold summary").click()
            page.locator(".contents-fold a").last.click()
            assert all(page.evaluate(laid_out))
            place = "Math.round(document.querySelector(':target').getBoundingClientRect().top)"
            page.wait_for_function(f"Math.abs({place} - 24) < 3")  # scroll-padding-top
            page.goto(f"{address}?place#references")
            assert all(page.evaluate(laid_out))
            page.emulate_media(media="print")
            page.goto(f"{address}?print")
            assert all(page.evaluate(laid_out))
            context.close()
