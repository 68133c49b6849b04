"""The picture that other sites show of a post: what is on it, when it is drawn, and what pages say of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from sitegen.model import Stored
from sitegen.pipeline import Options, build
from sitegen.publishing.cards import expanded
from sitegen.publishing.lettering import Hand, _file, break_lines, measure
from sitegen.store import Store

SETTINGS = "title: Notes\nauthor: Ada\nurl: https://example.org/notes\n"
PLOT = "```{python}\n#| label: fig-line\nimport matplotlib.pyplot as plt\nplt.plot([1, 2], color='r')\n```\n"
PAPER, RED = (253, 252, 249), (255, 0, 0)


def write(blog: Path, header: str = "", text: str = "Text.", title: str = "A title") -> Path:
    (blog / "posts").mkdir(parents=True, exist_ok=True)
    (blog / "site.yml").write_text(SETTINGS, encoding="utf-8")
    post = blog / "posts" / "2026-01-01-x.md"
    post.write_text(f"---\ntitle: {title}\n{header}\n---\n\n{text}\n", encoding="utf-8")
    return blog


def built(blog: Path, store: Store, *, final: bool = True) -> dict[str, bytes]:
    result = build(blog, store, Options(final=final))
    assert [str(error) for error in result.errors] == []
    kept = {path: content for path, content in result.files.items() if isinstance(content, Stored)}
    return {str(path): store.content(content.digest) for path, content in kept.items()}


def card(blog: Path) -> Image.Image:
    with Store(None) as store, Image.open(io.BytesIO(built(blog, store)["cards/posts/x.png"])) as image:
        return image.convert("RGB")


def colours(image: Image.Image, box: tuple[int, int, int, int] = (0, 0, 1200, 630)) -> dict[object, int]:
    """Return how many pixels in a box have each colour."""
    return {colour: count for count, colour in image.crop(box).getcolors(1 << 20) or ()}


def ink(image: Image.Image, box: tuple[int, int, int, int]) -> int:
    """Return how many pixels in a box are not paper."""
    return sum(count for colour, count in colours(image, box).items() if colour != PAPER)


BELOW = (60, 250, 1200, 460)  # where a formula stands, and a title of one line does not reach


def test_a_post_is_shown_by_its_title_and_first_figure(tmp_path: Path) -> None:
    image = card(write(tmp_path, text=PLOT))
    assert image.size == (1200, 630)
    assert ink(image, (60, 60, 600, 180)) > 1000
    assert RED in colours(image, (400, 180, 1200, 630))


def test_a_post_without_a_figure_is_shown_by_the_first_formula_that_can_be_drawn(tmp_path: Path) -> None:
    assert ink(card(write(tmp_path)), BELOW) == 0
    for letters in ("확률", "diện", "דטה"):
        assert ink(card(write(tmp_path, text=f"$$\\text{{{letters}}}$$")), BELOW) == 0
    drawn = "$$\\underbrace{x}_y$$\n\n$$\\sigma(z)_i = \\frac1Z e^{z_i}$$"
    assert ink(card(write(tmp_path, text=drawn)), BELOW) > 1000


def test_the_header_chooses_a_formula_with_the_blogs_macros_an_image_or_nothing(tmp_path: Path) -> None:
    formula = "card: '$\\norm{x}$'\nmacros: {'\\norm': '\\lVert #1 \\rVert_2'}"
    assert RED not in colours(card(write(tmp_path, formula, PLOT + "$\\norm x$")))
    Image.new("RGB", (400, 100), RED).save(tmp_path / "posts" / "red.png")
    image = card(write(tmp_path, "card: red.png", PLOT))
    assert ink(image, (464, 400, 1128, 570)) == 664 * 166 + 664 * 4
    with Store(None) as store:
        files = built(write(tmp_path, "card: false", PLOT), store)
        assert not [path for path in files if path.startswith("cards")]
        assert b"og:image" not in files["posts/x/index.html"]


def test_pages_name_the_card_by_its_whole_address(tmp_path: Path) -> None:
    with Store(None) as store:
        html = built(write(tmp_path), store)["posts/x/index.html"].decode()
    assert '<meta property="og:image" content="https://example.org/notes/cards/posts/x.png">' in html
    assert '<meta name="twitter:card" content="summary_large_image">' in html
    assert '"image": "https://example.org/notes/cards/posts/x.png"' in html


def test_a_card_is_drawn_for_readers_alone_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []

    def draw(_: object, title: str, *rest: str, picture: bytes, accent: str) -> bytes:
        del rest, picture, accent
        drawn.append(title)
        return b"a card"

    monkeypatch.setattr("sitegen.publishing.poster.draw_card", draw)
    with Store(None) as store:
        assert "cards/posts/x.png" not in built(write(tmp_path), store, final=False)
        built(tmp_path, store)
        built(write(tmp_path, text="Another text."), store)
        assert drawn == ["A title"]
        built(write(tmp_path, title="Another"), store)
        assert drawn == ["A title", "Another"]


@pytest.mark.parametrize(
    ("sign", "lang", "file"),
    [
        ("a", "en", "newsreader-latin-opsz"),
        ("ő", "en", "newsreader-latin-ext-opsz"),
        ("수", "en", "noto-serif-kr"),
        ("の", "zh", "noto-serif-jp"),
        ("学", "zh", "noto-serif-sc"),
        ("学", "ja", "noto-serif-jp"),
        ("λ", "en", "noto-serif"),
        ("ж", "ko", "DejaVuSans"),
    ],
)
def test_every_script_has_letters(sign: str, lang: str, file: str) -> None:
    assert Path(_file(sign, "newsreader", lang)).name.startswith(file)


@pytest.mark.parametrize(
    "text",
    [
        "교차 엔트로피 손실 함수의 미분",
        "確率的勾配降下法：なぜ「ノイズ」は役に立つのか",
        "From scores to cross-entropy",
    ],
)
def test_lines_fit_and_lose_nothing(text: str) -> None:
    hand = Hand("newsreader", 420, 60, "#000", "ja")
    lines = break_lines(text, hand, 420)
    assert all(measure(line, hand) <= 420 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert not [line for line in lines if line[0] in "：」、"]


@pytest.mark.parametrize(
    ("tex", "macros", "meant"),
    [
        (r"\R^n", {"\\R": r"\mathbb{R}"}, r"{\mathbb{R}}^n"),
        (r"\norm{x}+\norm y", {"\\norm": r"\|#1\|"}, r"{\|x\|}+{\|y\|}"),
        (r"\Rn \R", {"\\R": "r"}, r"\Rn {r}"),
        (r"\a", {"\\a": r"\a"}, None),
    ],
)
def test_macros_are_replaced_by_what_they_stand_for(tex: str, macros: dict[str, str], meant: str | None) -> None:
    assert meant is None or expanded(tex, macros) == meant
    assert expanded(tex, macros)


def test_a_blog_that_wants_no_cards_has_those_that_its_posts_ask_for(tmp_path: Path) -> None:
    blog = write(tmp_path, text="$x^2$")
    (blog / "site.yml").write_text(f"{SETTINGS}cards: false\n", encoding="utf-8")
    with Store(None) as store:
        assert "cards/posts/x.png" not in built(blog, store)
        write(blog, header='card: "$x^2$"')
        (blog / "site.yml").write_text(f"{SETTINGS}cards: false\n", encoding="utf-8")
        assert "cards/posts/x.png" in built(blog, store)
