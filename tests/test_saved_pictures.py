"""Pictures that programs save and that texts show: they stand where the text has them, drawn as figures are, and nowhere else."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from lxml import html as lxml_html
from PIL import Image

from sitegen.model import Build, Stored
from sitegen.pipeline import Options, build
from sitegen.store import Store

if TYPE_CHECKING:
    from lxml.html import HtmlElement

TODAY = datetime(2026, 2, 1, tzinfo=UTC)
START = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\n"


def made(folder: Path, text: str, *, never_run: bool = False) -> tuple[HtmlElement, Build]:
    """Return the text of the page of a post, and the build."""
    (folder / "posts").mkdir(exist_ok=True)
    (folder / "posts/2026-01-01-a.md").write_text(f"---\ntitle: A\n---\n{text}\n", encoding="utf-8")
    with Store(None) as store:
        result = build(folder, store, Options(today=TODAY, never_run=never_run))
        assert [str(error) for error in result.errors] == []
        (page,) = (content for path, content in result.files.items() if str(path) == "posts/a/index.html")
        assert isinstance(page, Stored)
        return lxml_html.fromstring(store.content(page.digest).decode()).xpath("//article")[0], result


def test_a_figure_that_is_saved_is_shown_where_the_text_has_it(tmp_path: Path) -> None:
    page, result = made(
        tmp_path,
        f"```{{python}}\n{START}plt.savefig('out/loss', dpi=300)\nplt.close()\n```\n\n![The loss](out/loss.png)\n\n"
        "Here ![small](/out/loss.png){width=50%} it is.\n\n<img src='out/loss.png' alt='By hand'>\n\n"
        '![Titled](out/loss.png "A *caption*")\n',
    )
    drawings = page.xpath(".//*[@role='img']")
    assert [one.get("aria-label") for one in drawings] == ["The loss", "small", "By hand", "Titled"]
    assert [one.tag for one in drawings] == ["div", "span", "div", "div"]
    assert [one.getparent().tag for one in drawings[:1]] == ["figure"]
    assert not page.xpath(".//div[contains(@class, 'cell')]//*[@role='img'] | .//p//div | .//img")
    assert [one.text_content().strip() for one in page.xpath(".//figcaption")] == ["A caption"]
    assert not any("closes it" in note or "cannot save" in note for note in result.notes)


def test_of_pictures_of_one_name_the_text_has_the_last_above_it(tmp_path: Path) -> None:
    cell = "```{{python}}\n{}ax.set_title('{}')\nfig.savefig('a')\n```\n\n![](a.png)\n\n"
    page, _ = made(tmp_path, cell.format(START, "first") + cell.format("", "second"))
    assert [one.get("aria-label").rpartition(" ")[2] for one in page.xpath(".//*[@role='img']")] == ["first", "second"]


def test_a_figure_with_a_label_stands_in_its_cell_too(tmp_path: Path) -> None:
    page, _ = made(
        tmp_path,
        f"```{{python}}\n#| label: fig-a\n#| fig-cap: It\n{START}fig.savefig('a.png')\n```\n\nSee @fig-a.\n\n![](a.png)",
    )
    assert len(page.xpath(".//*[@role='img']")) == 2


def test_an_animation_that_is_saved_moves_where_the_text_has_it(tmp_path: Path) -> None:
    code = (
        "from matplotlib.animation import FuncAnimation\n"
        "FuncAnimation(fig, lambda i: ax.set_title(i), frames=2).save('a.gif', writer='pillow')\n"
    )
    page, _ = made(tmp_path, f"```{{python}}\n{START}{code}```\n\n![It moves](a.gif)")
    assert len(page.xpath(".//*[contains(@class, 'animation')]")) == 1
    assert {one.get("alt") for one in page.xpath(".//img")} == {"It moves"}


def test_a_picture_that_no_figure_is_keeps_its_bytes(tmp_path: Path) -> None:
    code = "import numpy as np\nfrom PIL import Image\nImage.fromarray(np.zeros((4, 6), 'uint8')).save('a.png')\n"
    page, result = made(tmp_path, f"```{{python}}\n{code}```\n\nAn ![image](a.png).")
    (image,) = page.xpath(".//p/img")
    (path,) = (path for path in result.files if path.suffix == ".png")
    assert image.get("src").endswith(str(path))
    assert image.get("alt") == "image"


def test_where_nothing_runs_the_page_stands_without_what_a_program_would_save(tmp_path: Path) -> None:
    page, _ = made(tmp_path, f"```{{python}}\n{START}fig.savefig('a.png')\n```\n\n![The loss](a.png)", never_run=True)
    assert page.xpath(".//img[@alt='The loss']")


def test_where_a_text_wants_a_file_a_saved_figure_is_one(tmp_path: Path) -> None:
    page, result = made(
        tmp_path,
        f"```{{python}}\n{START}fig.savefig('a.png')\n```\n\n<video poster='a.png'></video>",
    )
    (source,) = page.xpath(".//video/@poster")
    assert source.removeprefix("../../") in {str(path) for path in result.files}


def test_a_link_leads_to_what_a_program_has_written(tmp_path: Path) -> None:
    page, result = made(
        tmp_path,
        f"```{{python}}\n{START}fig.savefig('loss.pdf')\nplt.close()\nopen('loss.csv', 'w').write('1,2')\n```\n\n"
        "The [figure](loss.pdf) and its [data](loss.csv).\n",
    )
    paths = [link.get("href").removeprefix("../../") for link in page.xpath(".//p/a")][:2]
    assert [path.rpartition(".")[2] for path in paths] == ["pdf", "csv"]
    assert set(paths) <= {str(path) for path in result.files}
    assert not result.notes


def test_a_link_leads_to_what_the_program_read_and_not_to_a_copy(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "data.csv").write_text("1,2")
    page, _ = made(
        tmp_path,
        "```{python}\nopen('copy.csv', 'w').write(open('data.csv').read())\n```\n\n[data](data.csv), [copy](copy.csv)\n",
    )
    data, copy = (link.get("href") for link in page.xpath(".//p/a")[:2])
    assert (data.rpartition("/")[2], copy.startswith("../../figures/saved/")) == ("data.csv", True)


def test_what_a_cell_with_a_slider_saves_is_shown_as_it_was_saved_last(tmp_path: Path) -> None:
    code = f"#| slider: {{k: [1, 2]}}\n{START}ax.set_title(k)\nfig.savefig('a.png')\n"
    page, _ = made(tmp_path, f"```{{python}}\n{code}```\n\nAn ![image](a.png).")
    assert page.xpath(".//p/img[@alt='image']")


def test_a_link_leads_to_the_file_that_it_names_and_to_no_other_of_its_name(tmp_path: Path) -> None:
    for folder in ("posts/raw", "data"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "x.csv").write_text("1,2")
    page, _ = made(
        tmp_path,
        "```{python}\nopen('x.csv', 'w').write(open('raw/x.csv').read() + '3')\n```\n\n"
        "[raw](raw/x.csv), [all](/data/x.csv), [clean](x.csv)\n",
    )
    raw, whole, clean = (link.get("href") for link in page.xpath(".//p/a")[:3])
    assert (raw, whole) == ("../raw/x.csv", "../../data/x.csv")
    assert clean.startswith("../../figures/saved/")


def test_pictures_of_one_name_in_two_folders_are_two(tmp_path: Path) -> None:
    (tmp_path / "posts/raw").mkdir(parents=True)
    Image.new("L", (2, 2)).save(tmp_path / "posts/raw/a.png")
    code = "from PIL import Image\nImage.open('raw/a.png').resize((4, 4)).save('a.png')\n"
    page, _ = made(tmp_path, f"```{{python}}\n{code}```\n\n![](raw/a.png) and ![](a.png)")
    sources = [image.get("src") for image in page.xpath(".//p/img")]
    assert sources[0] == "../raw/a.png"
    assert sources[1].startswith("../../figures/saved/")


def test_a_program_sees_no_file_to_which_the_text_alone_leads(tmp_path: Path) -> None:
    (tmp_path / "posts/raw").mkdir(parents=True)
    (tmp_path / "posts/raw/x.csv").write_text("1,2")
    text = "```{python}\nopen('y.csv', 'w').write('3')\n```\n\n[raw](raw/x.csv) [own](y.csv)\n"
    (tmp_path / "posts/2026-01-01-a.md").write_text(f"---\ntitle: A\n---\n{text}")
    with Store(None) as store:
        build(tmp_path, store, Options(today=TODAY))
        (tmp_path / "posts/raw/x.csv").write_text("1,2,3")
        again = build(tmp_path, store, Options(today=TODAY))
    assert again.report["programs"] == {"posts/2026-01-01-a.md": ["reused: nothing it saw has changed"]}


def test_a_link_out_of_the_blog_leads_to_nothing_that_is_there(tmp_path: Path) -> None:
    outside = Path(os.__file__).parent / "this.py"  # which programs may read
    (tmp_path / "posts").mkdir()
    (tmp_path / "site.yml").write_text("broken_links: show")
    page, _ = made(
        tmp_path,
        f"```{{python}}\nopen('x.py', 'w').close()\n```\n\n[a]({'../' * 20}{str(outside).lstrip('/')}), [b](x.py)",
    )
    first, own = (link.get("href") for link in page.xpath(".//p/a")[:2])
    assert "figures/saved" not in first
    assert "figures/saved" in own
