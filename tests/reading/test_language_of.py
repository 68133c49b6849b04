"""The language of a text that does not say it is what its letters, or its commonest words, tell, where the blog's is another."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from sitegen.config import Config
from sitegen.model import Source
from sitegen.reading.languages import language_of
from sitegen.reading.parse import parse


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("손실 함수의 기울기를 구한다.", "ko"),
        ("損失の勾配を計算します。", "ja"),
        ("我们计算损失的梯度。", "zh"),
        ("我們計算損失的梯度，這個很快。", "zh-Hant"),
        ("Вычислим градиент функции потерь.", "ru"),
        ("Обчислимо градієнт функції втрат.", "uk"),
        ("نحسب تدرّج دالة الخسارة.", "ar"),
        ("گرادیان تابع هزینه را حساب می‌کنیم.", "fa"),
        ("נחשב את הגרדיאנט.", "he"),
        ("हम ग्रेडिएंट निकालते हैं।", "hi"),
        ("Υπολογίζουμε την κλίση.", "el"),
        ("Forward pass에서 계산한 오차를 loss로 본다.", "ko"),
        ("초기값: \\(\\begin{pmatrix} x_1 & x_2 \\end{pmatrix} = \\begin{pmatrix} a & b \\end{pmatrix}\\)", "ko"),
        ("We call it 梯度, gradient, in Chinese.", ""),
        ("The rate $\\eta$, also η, is small; größer, où, mañana.", ""),
    ],
)
def test_letters_tell_the_language_of_a_text(text: str, lang: str) -> None:
    assert language_of(text, "en") == lang


FRENCH = (
    "Soit $f$ une fonction qui est continue sur un segment. Les images des bornes et du milieu sont dans le même "
    "intervalle, et nous en tirons une limite pour la suite."
)
SPANISH = (
    "Toda permutación es un producto de ciclos y el orden de los ciclos no importa. Las órbitas de una permutación son "
    "conjuntos del grupo, y es fácil verlo con un ejemplo."
)
PORTUGUESE = (
    "O custo não cresce com o tamanho da rede, e uma busca no grafo é rápida. Os nós do anel são conhecidos em cada "
    "tabela, com uma entrada para os vizinhos."
)
GERMAN = (
    "Die Folge ist beschränkt und der Grenzwert ist eine Zahl. Das Integral der Funktion, die wir betrachten, ist nicht "
    "negativ, und für das Maximum gilt eine Schranke."
)


@pytest.mark.parametrize(("text", "lang"), [(FRENCH, "fr"), (SPANISH, "es"), (PORTUGUESE, "pt"), (GERMAN, "de")])
def test_the_commonest_words_tell_a_language_of_latin_letters(text: str, lang: str) -> None:
    assert language_of(text, "en") == lang
    assert language_of(text, lang) == ""
    assert language_of(f"{text} Το $η$ είναι 梯度.", "en") == lang


@pytest.mark.parametrize(
    "text",
    [
        "We show that the rate of the café in this city is small, and that the ends of the day are with us.",
        f"We quote what is said of the sequence in the book, and this is all that we need for the proof: {GERMAN[:90]}",
        f"A post with code of the author.\n\n```text\n{GERMAN}\n```\n",
        "Eine kurze Notiz, die nicht reicht.",
    ],
)
def test_few_words_of_another_language_tell_nothing(text: str) -> None:
    assert language_of(text, "en") == ""


@pytest.mark.parametrize("lang", ["ca", "es-MX", "it"])
def test_a_blog_in_a_language_like_another_is_believed(lang: str) -> None:
    catalan = (
        "El mètode del gradient és una eina per a l'entrenament de les xarxes, i el pas del mètode és el que anomenem taxa. "
        "El càlcul es fa en una sola passada, i el gradient del cost es calcula amb la regla del càlcul per a una funció."
    )
    assert language_of(catalan * 2, lang) == ("es" if lang == "it" else "")


@pytest.mark.parametrize(
    ("before", "after"),
    [("```python", ""), ("    # all", ""), ("<pre>", "</pre>"), ("<script>", "")],
)
def test_words_of_code_are_none_of_a_text(before: str, after: str) -> None:
    line = "    # this is the loss of the model, and that is all we need for the fit with the data\n"
    assert language_of(f"Wir rechnen es nach.\n\n{before}\n{line * 30}{after}\n", "de") == ""


def test_code_formulas_and_addresses_are_no_words() -> None:
    code = "```python\nloss = cross_entropy(logits, labels)\n```\n"
    text = f"---\ntitle: 损失\nlayout: post\n---\n求`gradient`和$\\operatorname{{softmax}}$。\n\n{code}[页](https://example.org/a)\n"
    assert language_of(text, "en") == "zh"


@pytest.mark.parametrize(
    ("text", "of_blog"),
    [("我们计算损失。", "zh-TW"), ("Обчислимо градієнт.", "ru"), ("Рачунамо градијент.", "sr"), ("損失です。", "ja")],
)
def test_a_blog_that_is_written_in_these_letters_is_believed(text: str, of_blog: str) -> None:
    assert language_of(text, of_blog) == ""


def test_a_post_in_another_script_than_that_of_its_blog_is_one() -> None:
    assert language_of("损失的梯度。", "ja") == "zh"
    assert language_of("损失的梯度。", "de") == "zh"


@pytest.mark.parametrize(("header", "lang"), [("title: 损失", "zh"), ("title: 损失\nlang: zh-HK", "zh-HK")])
def test_a_post_is_in_the_language_that_its_header_or_its_text_tells(header: str, lang: str) -> None:
    content = f"---\n{header}\n---\n我们计算损失的梯度。\n".encode()
    post, errors = parse(Source(PurePosixPath("posts/a.md"), "post", content), Config())
    assert not errors
    assert post
    assert post.meta.lang == lang
