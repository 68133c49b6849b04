"""What a template may take: one that works on and on is told, with its line."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sitegen.cli import main
from sitegen.publishing.seen import template_file

if TYPE_CHECKING:
    from collections.abc import Callable

LOOP = "{% for number in range(100000000000) %}{% if number < 0 %}\n{{ number }}{% endif %}{% endfor %}\n"


@pytest.mark.parametrize(
    ("templates", "told"),
    [
        ({"post.html": "<p>\n" + LOOP}, "templates/post.html:[23]: this does not end"),
        (
            {"post.html": "{% include 'part.html' %}", "part.html": "\n\n" + LOOP},
            "templates/part.html:[34]: this does not end",
        ),
        (
            {"post.html": "{% macro again(a) %}\n{{ again(a) }}{% endmacro %}{{ again(1) }}"},
            "templates/post.html:2: maximum recursion depth exceeded",
        ),
        ({"post.html": "\n{% include 'post.html' %}"}, "templates/post.html:2: maximum recursion depth exceeded"),
    ],
)
def test_a_template_without_an_end_is_told_with_its_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    templates: dict[str, str],
    told: str,
) -> None:
    monkeypatch.setattr("sitegen.publishing.render.LONGEST", 0.5)
    (tmp_path / "posts").mkdir()
    for number in range(4):
        (tmp_path / f"posts/2026-01-0{number + 1}-x.md").write_text(
            f"---\ntitle: x{number}\nslug: x{number}\n---\nText.\n"
        )
    (tmp_path / "templates").mkdir()
    for name, text in templates.items():
        (tmp_path / "templates" / name).write_text(text)
    assert main(["build", "--source", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert re.search(told, said)
    assert "1 error;" in said  # the other pages are not waited for
    assert not (tmp_path / "_site").exists()


@pytest.mark.parametrize(
    ("template", "told", "hint"),
    [
        ("{{ article.titel }}", "'Article object' has no attribute 'titel'", "did you mean `title`?"),
        ("{{ article.meta.tag }}", "'Meta object' has no attribute 'tag'", "did you mean `tags`?"),
        ("{{ site.article }}", "'Site object' has no attribute 'article'", "did you mean `articles`?"),
        ("{{ pag.title }}", "'pag' is undefined", "did you mean `page`?"),
        ("{% extends 'post.html' %}", "recursion", "have no end"),
        ("{% extends 'post.html' %}", "recursion", """the theme's own is `{% extends "theme/post.html" %}`"""),
        ("{% extends 'theme/post.html' %}{% block main %}{{ pag }}{% endblock %}", "'pag' is undefined", "`page`?"),
        ("\n\udce9", "post.html:2: this template is not right: byte 1 is not UTF-8", "save the file as UTF-8"),
        (" \n", "post.html: this gives an empty page (while making /posts/x/)", "the theme's own"),
        ("{% if site.config.title == 'x' %}x{% endif %}", "post.html: this gives an empty page", "the theme's own"),
        ("{{ 10 ** 30 * 'x' }}", "cannot fit", ""),
        ("\n\n{{ dict(a=1, a=2) }}", "post.html:3: this template is not right: keyword argument repeated: a", ""),
        ("\n{{ 10 ** 100000000 }}", "post.html:2: the power with exponent 100000000 is too large", ""),
        ("{% set x = 10 ** 4 %}\n{{ x ** (x * x) }}", "post.html:2: the power with exponent 100000000 is too", ""),
        ("\n{{ cycler() }}", "post.html:2: at least one item has to be provided", ""),
        ("{{ '\\ud800' }}", "surrogates not allowed (while making /posts/x/)", ""),
        ("{{ (10 ** 18) * 'x' }}", "MemoryError", "more than this machine holds"),
    ],
)
def test_what_is_wrong_in_a_template_is_told_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], template: str, told: str, hint: str
) -> None:
    for name, text in {"posts/2026-01-01-x.md": "Text.", "templates/post.html": template}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    assert main(["build", "--source", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert said.startswith("templates/post.html")
    assert told in said
    assert hint in said


@pytest.mark.parametrize("template", ["base.html", "home.html"])
def test_an_empty_template_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], template: str) -> None:
    for name, text in {"posts/2026-01-01-x.md": "Text.", f"templates/{template}": ""}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main(["build", "--source", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"templates/{template}: this gives an empty page")


def test_a_template_that_includes_itself_is_told_at_its_line_and_gone_through_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The theme's own takes long enough that a blog of a thousand posts would wait for minutes."""
    theme = (Path(__file__).parents[2] / "templates" / "base.html").read_text(encoding="utf-8")
    before, mark, behind = theme.partition("<body")
    for name, text in {
        "posts/2026-01-01-x.md": "Text.",
        "templates/base.html": f"{before}{{% include 'base.html' %}}\n{mark}{behind}",
    }.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert main(["build", "--source", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    line = before.count("\n") + 1
    assert said.startswith(f"templates/base.html:{line}: maximum recursion depth exceeded")
    assert "more page" not in said


def test_a_macro_without_the_page_around_it_may_show_a_body(tmp_path: Path) -> None:
    """Macros that are imported plainly know no `article`; the filters work in them all the same."""
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/2026-01-01-x.md").write_text("---\ntitle: x\n---\nText.\n", encoding="utf-8")
    (tmp_path / "templates").mkdir()
    macro = "{% macro show(name) %}{{ name | content }}{% endmacro %}"
    (tmp_path / "templates" / "own.html").write_text(macro, encoding="utf-8")
    post = "<title>x</title>{% from 'own.html' import show %}{{ show(article.body) }}"
    (tmp_path / "templates" / "post.html").write_text(post, encoding="utf-8")
    assert main(["build", "--source", str(tmp_path)]) == 0
    assert "<p>Text.</p>" in (tmp_path / "_site/posts/x/index.html").read_text(encoding="utf-8")


def test_a_template_extends_the_themes_of_its_name(tmp_path: Path) -> None:
    base = '{% extends "theme/base.html" %}{% block head %}<meta name="own" content="1">{% endblock %}\n'
    post = '{% extends "theme/post.html" %}{% block main %}{{ super() }}<p>Below.</p>{% endblock %}\n'
    for name, text in {
        "posts/2026-01-01-x.md": "---\ntitle: x\n---\nText.\n",
        "templates/base.html": base,
        "templates/post.html": post,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    page = tmp_path / "_site/posts/x/index.html"
    for below in ("Below", "Far below"):
        (tmp_path / "templates/post.html").write_text(post.replace("Below", below), encoding="utf-8")
        assert main(["build", "--source", str(tmp_path)]) == 0
        html = page.read_text(encoding="utf-8")
        assert ("<p>Text.</p>" in html, html.count("<!doctype"), html.count('name="own"')) == (True, 1, 1)
        assert f"<p>{below}.</p>" in html
    folders = [tmp_path / "templates", Path(__file__).parents[2] / "templates"]
    assert template_file(folders, "theme/post.html") == folders[1] / "post.html"


@pytest.mark.parametrize(
    ("name", "made", "told"),
    [
        ("templates/post.html", Path.mkdir, "this is a folder, not a file"),
        ("templates/post.html", os.mkfifo, "this is a pipe, not a file"),
        ("templates/post.html", lambda path: path.symlink_to("none"), "this is a link that leads nowhere"),
        ("templates/own.html", lambda path: path.symlink_to("own.html"), "this is a link that leads nowhere"),
        ("assets/own.css", os.mkfifo, "this is a pipe, not a file"),
        ("assets/css/main.css", lambda path: path.symlink_to("none"), "this is a link that leads nowhere"),
    ],
)
def test_what_is_no_file_is_told_in_the_place_of_a_template_or_an_asset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, made: Callable[[Path], None], told: str
) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts/2026-01-01-x.md").write_text("Text.", encoding="utf-8")
    (tmp_path / name).parent.mkdir(parents=True)
    made(tmp_path / name)
    assert main(["build", "--source", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"{name}: {told}\n    hint: remove it")
