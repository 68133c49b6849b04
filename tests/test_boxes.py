"""A post in a browser: what references show, what is copied, tabs and callouts, light and dark, wide and narrow."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import chromium, serving

from sitegen.pipeline import Options, build
from sitegen.publishing.write import write_files
from sitegen.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, Page

AXE = Path(__file__).parents[1] / "node_modules" / "axe-core" / "axe.min.js"
POST = r"""---
title: All kinds of boxes
date: 2026-01-01
---
See \eqref{eq:sum} and @thm-x.

\begin{align}
a &= b \label{eq:sum} \\
c &= d
\end{align}

::: {#thm-x}
## A name

Text with $x^2$.
:::

::: {.proof}
\begin{align}
b &= a
\end{align}
Clear.
:::

::: {.callout-note}
A *note* with `code`, \eqref{eq:sum} and [a link](#thm-x).
:::

> A prompt.
{: .prompt-warning }

> [!danger]- Folded
> Hidden.

::: {.callout-tip}
A tip.
:::

::: {.callout-important}
Important.
:::

::: {.panel-tabset}
## One
First.

## Two
Second.
:::

:::: {.columns}
::: {.column width="40%"}
Left.
:::
::: {.column width="60%"}
Right.
:::
::::

Beside[A note in the line, of more words than the line beside it has, and so of three lines of its own in the margin.]{.aside} it.

$$ f(x) = \sum_i x_i^2 $$

One of Tufte's<label for="sn" class="margin-toggle"></label><input type="checkbox" id="sn" class="margin-toggle"/><span class="sidenote">His.</span>.

::: {.column-margin}
In the margin.
:::

| a |
|---|
| 1 |

: A table {#tbl-x}

```{#lst-x .python lst-cap="Code"}
x = 1
```
"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Build the post, and give its address on this machine."""
    root = tmp_path_factory.mktemp("reading")
    (root / "posts").mkdir()
    (root / "posts" / "2026-01-01-boxes.md").write_text(POST, encoding="utf-8")
    with Store(root / "store.sqlite") as store:
        result = build(root, store, Options(future=True))
        assert [str(error) for error in result.errors] == []
        write_files(result.files, root / "_site", store)
    with serving(root / "_site") as server:
        yield f"{server}/posts/boxes/"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser for all tests of this module."""
    with chromium() as found:
        yield found


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Give a window that may use the clipboard."""
    found = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield found
    found.close()


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return page


@pytest.mark.parametrize("width", [390, 1280])
def test_a_reference_shows_its_formula_without_a_script(browser: Browser, address: str, width: int) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    page = opened(context, address)
    link = page.locator("a.reference").first
    preview = page.locator(".preview").first
    assert not preview.is_visible()
    link.hover()
    assert preview.is_visible()
    box = preview.bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= box["x"] + box["width"] <= width
    page.mouse.move(0, 0)
    assert not preview.is_visible()
    page.keyboard.press("Tab")
    while page.locator("a.reference:focus").count() == 0:
        page.keyboard.press("Tab")
    assert preview.is_visible()
    context.close()


def test_a_reference_to_a_theorem_shows_it_with_the_script(context: BrowserContext, address: str) -> None:
    page = opened(context, address)
    page.locator('a.reference[href="#thm-x"]').first.hover()
    preview = page.locator(".preview .theorem")
    assert preview.is_visible()
    assert page.locator('[id="thm-x"]').count() == 1


def test_a_formula_is_copied_as_its_author_wrote_it_and_once(context: BrowserContext, address: str) -> None:
    page = opened(context, address)
    page.locator(".formula").first.hover()
    page.locator(".copy-tex button").first.click()
    written = page.evaluate("navigator.clipboard.readText()")
    assert written == "\\begin{align}\na &= b \\label{eq:sum} \\\\\nc &= d\n\\end{align}"
    page.locator(".theorem p").first.evaluate("p => getSelection().selectAllChildren(p)")
    page.keyboard.press("Control+C")
    assert "Text with $x^2$." in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_selected_is_seen_through_its_ground(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(color_scheme="dark" if scheme == "dark" else "light")
    ground = "getComputedStyle(document.body, '::selection').backgroundColor"
    assert opened(context, address).evaluate(ground).startswith("rgba(")  # else a hat hides the letter below it
    context.close()


def test_tabs_and_folded_callouts_need_no_script(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False, forced_colors="active")
    page = opened(context, address)
    below = page.eval_on_selector_all(".tabs > label", "all => all.map(one => getComputedStyle(one).borderBottomColor)")
    assert below[0] != below[1]
    first, second = page.locator(".tab").all()
    assert (first.is_visible(), second.is_visible()) == (True, False)
    page.get_by_text("Two", exact=True).click()
    assert (first.is_visible(), second.is_visible()) == (False, True)
    page.keyboard.press("ArrowLeft")
    assert (first.is_visible(), second.is_visible()) == (True, False)
    hidden = page.get_by_text("Hidden.", exact=True)
    assert not hidden.is_visible()
    page.get_by_text("Folded", exact=True).click()
    assert hidden.is_visible()
    title = page.locator("summary.callout-title").first
    space = title.evaluate("it => parseFloat(getComputedStyle(it).paddingInlineEnd)")
    assert space > title.evaluate(
        "it => parseFloat(getComputedStyle(it, '::after').width)"
    )  # of the mark, which no word meets
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_boxes_are_accessible_and_fit(browser: Browser, address: str, scheme: str, width: int) -> None:
    context = browser.new_context(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 800}
    )
    page = opened(context, address)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run({resultTypes: ['violations']})")
    found = [(rule["id"], [node["html"][:120] for node in rule["nodes"][:3]]) for rule in result["violations"]]
    assert not found
    context.close()


def test_a_note_in_the_line_stands_in_the_margin_where_there_is_room(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = opened(context, address)
    line, note = edges(page, ".prose > p:has(.aside)"), edges(page, ".aside")
    assert note["left"] > line["right"]
    assert abs(note["top"] - line["top"]) < 10
    formula = edges(page, ".prose > p:has(.aside) + .formula")
    assert formula["top"] < note["bottom"]  # it need not begin below the note, and does not reach into it
    assert formula["right"] < note["left"]
    first = page.locator(".prose > p:has(.aside)")
    first.evaluate("it => it.insertAdjacentHTML('beforebegin', '<img align=right width=9 height=999>')")
    assert edges(page, ".prose > p:has(.aside) + .formula")["top"] >= edges(page, ".prose > img")["bottom"]
    page.locator(".prose > img").evaluate("it => it.remove()")
    assert not page.locator(".margin-toggle").first.is_visible()
    page.set_viewport_size({"width": 390, "height": 800})
    line, note = edges(page, ".prose > p:has(.aside)"), edges(page, ".aside")
    assert note["right"] <= line["right"] + 1
    assert page.locator(".sidenote").evaluate("it => getComputedStyle(it, '::before').content") == '" ("'
    context.close()


def test_paper_shows_every_tab(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = opened(context, address)
    page.emulate_media(media="print")
    assert all(tab.is_visible() for tab in page.locator(".tab").all())
    context.close()


NARROW = """---
title: What may not fit $f(x_1, x_2, x_3, x_4, x_5, x_6, x_7, x_8)$
date: 2026-01-01
---
In the line, $f(x_1, x_2, x_3, x_4, x_5, x_6, x_7, x_8, x_9, x_{10})$ and $\\left(x_1, x_2, x_3, x_4, x_5, x_6, x_7, x_8, x_9, x_{10}\\right)$.

Beside it: ![alt](a.svg){: .left width="150" } a text that goes on for more than the one line that a phone has room for.

| Parameter | Meaning |
|---|---|
| `learning_rate_of_it` | The rate of the optimiser, which is mostly smaller than one, and larger than zero |

| a | b | c | d |
|---|---|---|---|
| `a_very_long_parameter_name` | `a_long_kind_of_value` | 1 | Text that is not to stand in a column of single words |

<table><tr><td>a_long_name_without_blanks_in_it</td><td>another_long_name_without_blanks_in_it</td></tr></table>
Text right below a table.

<pre>raw code</pre>
Text right below code.

::: {.proof}
It ends with a display.

$$ x = y $$
:::

Text below a proof.

1. A problem.

   - a part

2. Another one,

3. and one that goes on,

   below a blank line:
   \\begin{align}
   u &= v \\\\
   &= w
   \\end{align}

![Film](https://films.example/a.mp4){#fig-film width=50%}

$$ a = b $$ {#eq-short}

$$ M = \\begin{pmatrix} a & b \\\\ c & d \\\\ e & f \\\\ g & h \\end{pmatrix} $$ {#eq-matrix}

$$ \\mathrm{Var}\\Big[\\sum_i m_i w_i x_i\\Big] = p(1-p) \\sum_i w_i^2 x_i^2 + 2\\sum_{i<j} \\mathrm{Cov}(m_i, m_j) w_i w_j $$ {#eq-long}

```{python}
#| column: margin
print("beside")
```

```python
x = 1
```

```{python}
#| fig-narrow: false
import matplotlib.pyplot as plt
plt.figure(figsize=(9, 2))
plt.plot([1, 2])
plt.text(0, 1, "small", fontsize=5)
```

- [x] a task

A remark[^1] of @eq-long.

[^1]: What it says, with [a link](https://example.org).
"""
HEBREW = """---
title: עברית
lang: he
date: 2026-01-02
---
- [x] משימה

::: {.proof}
ברור.
:::

מונח
: הגדרה
"""


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Build posts with what may not fit a phone, and give the address of their folder."""
    root = tmp_path_factory.mktemp("narrow")
    (root / "posts").mkdir()
    (root / "posts" / "2026-01-01-narrow.md").write_text(NARROW, encoding="utf-8")
    (root / "posts" / "2026-01-02-hebrew.md").write_text(HEBREW, encoding="utf-8")
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"/>'
    (root / "posts" / "a.svg").write_text(drawing, encoding="utf-8")
    (root / "site.yml").write_text("title: Notizen zur Wahrscheinlichkeitsrechnungstheorie\n", encoding="utf-8")
    with Store(None) as store:
        result = build(root, store, Options(future=True))
        assert [str(error) for error in result.errors] == []
        write_files(result.files, root / "_site", store)
    with serving(root / "_site") as server:
        yield f"{server}/posts"


def edges(page: Page, selector: str) -> dict[str, float]:
    found: dict[str, float] = page.locator(selector).first.evaluate("it => it.getBoundingClientRect().toJSON()")
    return found


def test_a_phone_breaks_no_name_and_scrolls_no_page(browser: Browser, narrow: str, address: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    codes = page.locator("td code").all()
    assert [code.evaluate("it => it.getClientRects().length") for code in codes] == [1, 1, 1]
    assert edges(page, "td:nth-child(4)")["width"] > 100
    assert page.locator("img").evaluate("it => getComputedStyle(it).display") == "block"
    page.set_viewport_size({"width": 200, "height": 800})  # as letters twice as large have it
    assert page.evaluate("document.documentElement.scrollWidth") == 200
    for of_all in ("..", "../archives"):
        page.goto(f"{narrow}/{of_all}/")
        assert page.evaluate("document.documentElement.scrollWidth") == 200
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(address)
    callout = page.locator(".prose > .callout").first
    assert edges(page, ".prose > .callout")["right"] == 390
    assert callout.evaluate("it => getComputedStyle(it).borderTopRightRadius") == "0px"
    context.close()


def test_the_mark_of_a_proof_that_ends_in_words_stands_in_their_last_line(browser: Browser, address: str) -> None:
    context = browser.new_context()
    page = opened(context, address)
    words = page.get_by_text("Clear.").bounding_box()
    assert words
    assert edges(page, ".proof")["bottom"] - words["y"] - words["height"] < 1
    context.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_text_keeps_off_a_table_and_a_proof_above_it(browser: Browser, narrow: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    below = page.get_by_text("Text below a proof.").bounding_box()
    assert below
    assert below["y"] - edges(page, ".proof .katex-html")["bottom"] > 12
    table = edges(page, ".prose > table")["bottom"]
    text = page.get_by_text("Text right below code.").bounding_box()
    assert text
    assert text["y"] - edges(page, ".prose > pre")["bottom"] > 12
    text = page.get_by_text("Text right below a table.").bounding_box()
    assert text
    assert text["y"] - table > 12
    context.close()


def test_code_in_the_margin_keeps_off_the_code_of_the_text(browser: Browser, narrow: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    assert edges(page, ".margin .code")["left"] > edges(page, ".prose > .code")["right"]
    assert edges(page, ".margin .code")["top"] < edges(page, ".prose > .code")["bottom"]
    context.close()


def test_a_figure_keeps_off_what_stands_in_the_margin(browser: Browser, narrow: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    assert edges(page, ".prose > .cell.margin + .code + .cell .figure")["right"] < edges(page, ".margin .code")["left"]
    context.close()


def test_a_long_name_of_the_site_is_beside_the_tools_with_its_first_line_alone(browser: Browser, narrow: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    lines = "it => { const all = document.createRange(); all.selectNodeContents(it); return [...all.getClientRects()].map(box => box.right) }"
    rights = page.locator(".site-name").evaluate(lines)
    assert max(rights) > edges(page, ".site-tools")["left"]
    assert min(rights) < edges(page, ".site-tools")["left"]
    context.close()


def test_a_shade_says_that_a_figure_goes_on(browser: Browser, narrow: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    drawing = opened(context, f"{narrow}/narrow/").locator(".drawing")
    assert drawing.evaluate("it => it.scrollWidth - it.clientWidth") > 0
    assert drawing.evaluate("it => getComputedStyle(it).backgroundImage.split('linear-gradient').length") == 5
    context.close()


def test_the_box_of_a_task_grows_with_its_text(browser: Browser, narrow: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    small = edges(page, ".task-list-item-checkbox")["width"]
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert edges(page, ".task-list-item-checkbox")["width"] > 1.7 * small
    context.close()


def test_a_film_that_is_narrower_stands_above_its_caption(browser: Browser, narrow: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    film, caption = edges(page, "video"), edges(page, "figure:has(video) figcaption")
    assert film["width"] < caption["width"]
    assert abs(film["left"] + film["right"] - caption["left"] - caption["right"]) < 2
    context.close()


def test_rows_with_numbers_in_an_item_leave_nothing_to_scroll_to(browser: Browser, narrow: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    formula = opened(context, f"{narrow}/narrow/").locator("li .formula")
    assert formula.evaluate("it => it.scrollWidth - it.clientWidth") == 0
    context.close()


def test_items_of_several_paragraphs_keep_off_their_neighbours(browser: Browser, narrow: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    boxes = [page.get_by_text(text).bounding_box() for text in ("a part", "Another one,", "and one that goes on,")]
    for above, below in itertools.pairwise(boxes):
        assert above
        assert below
        assert below["y"] - above["y"] - above["height"] > 15
    context.close()


def test_a_numbered_formula_stands_in_the_middle_and_a_long_one_takes_the_room_beside_the_text(
    browser: Browser, narrow: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    text = edges(page, ".prose > p")
    short, number = edges(page, "#eq-short + * .katex-base"), edges(page, "#eq-short + * .katex-tag")
    end = edges(page, "#eq-short + * .katex-base:nth-last-child(2)")["right"]
    assert (short["left"] + end) / 2 == pytest.approx((text["left"] + text["right"]) / 2, abs=2)
    assert number["right"] == pytest.approx(text["right"], abs=1)
    long = page.locator(".formula:has(#eq-long)")
    assert edges(page, "#eq-long + * .katex-tag")["right"] > text["right"]
    assert long.evaluate("it => it.scrollWidth - it.clientWidth") == 0
    context.set_default_timeout(5000)
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert long.evaluate("it => it.scrollWidth - it.clientWidth") > 0
    assert (
        edges(page, "#eq-long + * .katex-base")["left"] >= edges(page, ".prose > p")["left"]
    )  # nothing before where it begins
    context.close()


BEYOND = """formula => {
  const shown = (one) => !one.children.length && one.textContent.replaceAll("\\u200b", "").trim();
  const signs = Array.from(formula.querySelectorAll(".katex-html *")).filter(shown);
  return Math.max(...signs.map((one) => one.getBoundingClientRect().right)) - formula.getBoundingClientRect().right;
}"""  # how far the signs of a formula stick out of it; its spacers may, which show nothing


def test_paper_breaks_a_formula_that_is_too_long_for_it(browser: Browser, narrow: str) -> None:
    context = browser.new_context(viewport={"width": 420, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    page.emulate_media(media="print")
    for name in ("short", "long"):
        formula = page.locator(f".formula:has(#eq-{name})")
        assert formula.evaluate(BEYOND) <= 0
    assert edges(page, ".formula:has(#eq-matrix)")["height"] < 4 * edges(page, ".formula:has(#eq-short)")["height"]
    assert edges(page, ".formula:has(#eq-long)")["height"] > 2 * edges(page, ".formula:has(#eq-short)")["height"]
    context.close()


def test_paper_is_white_below_formulas_and_tables(browser: Browser, narrow: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = opened(context, f"{narrow}/narrow/")
    page.emulate_media(media="print")
    for box in page.locator(".formula, .table").all():
        assert box.evaluate("it => getComputedStyle(it).getPropertyValue('--paper')") == "#fff"
    context.close()


def test_a_footnote_shows_where_it_is_pointed_at_and_a_tap_shows_it_before_a_second_one_leads_there(
    browser: Browser, narrow: str
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = opened(context, f"{narrow}/narrow/")
    mark = page.locator(".footnote-ref").first
    assert mark.evaluate("it => getComputedStyle(it, '::before').content") == '"\u2060"'  # it begins no line
    page.locator(".footnote-ref .has-preview > a").first.hover()  # the script comes after the page
    preview = page.locator(".footnote-ref .preview")
    preview.wait_for()
    assert preview.inner_text() == "What it says, with a link."
    assert page.locator('[id="fn1"]').count() == 1
    page.locator(".prose a.reference").last.hover()
    formula = page.locator(".preview:has(> .katex-display)").last
    assert formula.is_visible()
    assert formula.evaluate("it => it.scrollWidth - it.clientWidth") == 0
    context.close()
    context = browser.new_context(viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    page = opened(context, f"{narrow}/narrow/")
    page.locator(".footnote-ref .has-preview > a").first.tap()
    page.locator(".footnote-ref .preview").wait_for()
    assert "#" not in page.url
    page.locator(".footnote-ref a").first.tap()
    page.wait_for_url("**/narrow/#fn1")
    context.close()


def test_what_stands_at_the_beginning_stands_right_in_hebrew(browser: Browser, narrow: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = opened(context, f"{narrow}/hebrew/")
    assert edges(page, ".task-list-item-checkbox")["left"] >= edges(page, ".task-list-item")["right"] - 1
    assert edges(page, "dd")["right"] < edges(page, "dt")["right"]
    assert page.locator(".proof").evaluate("it => getComputedStyle(it, '::after').marginLeft") == "0px"
    context.close()
