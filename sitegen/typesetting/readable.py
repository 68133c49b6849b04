"""A set formula -> text that can be read aloud or shown in a title: its MathML, flattened."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import escape, unescape
from xml.etree import ElementTree as ET

from sitegen.later import later

UNSET = '<span class="unset"><code>'
"""How the source of a formula begins that is shown because it cannot be set."""

# Two patterns, for each begins with letters that can be searched for: a seventh of the time of one that begins with either.
_ANNOTATION = re.compile(r"<annotation\b.*?</annotation>", re.DOTALL)
_ALTTEXT = re.compile(r"<math alttext=\"[^\"]*\"")
_TAG = later(r"<[^>]*>|&(?!amp;|lt;|gt;)\w+;|[\u2061-\u2064\u200b\s]")
_HIDDEN = re.compile(r'<span class="katex-mathml">.*?</math></span>', re.DOTALL)
_SUPERSCRIPTS = str.maketrans("0123456789+-\u2212n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-\u2212", "₀₁₂₃₄₅₆₇₈₉₊₋₋")


_UNFIT = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def fit(text: str) -> str:
    """Return a text with a mark in the place of what HTML and UTF-8 cannot hold."""
    usual = text.replace("\n", "").replace("\u200b", "").replace("\u2061", "")  # KaTeX's are not printable, but fit
    return text if usual.isprintable() else _UNFIT.sub("\ufffd", text)


def mathml(html: str) -> str:
    """Return the MathML within KaTeX's output, or what is shown in its place as it is."""
    start = html.find("<math")
    end = html.find("</math>", start)
    return html[start : end + len("</math>")] if 0 <= start < end else html


def mathml_and_text(html: str) -> str:
    """Return the MathML within KaTeX's output, with the formula as readable text beside its LaTeX."""
    found = mathml(html)
    return (
        found.replace("<math", f'<math alttext="{escape(readable(found))}"', 1) if found.startswith("<math") else found
    )


def without_latex(html: str) -> str:
    """Return HTML whose formulas stand once: a feed reader that knows no MathML would show their LaTeX besides."""
    return _ALTTEXT.sub("<math", _ANNOTATION.sub("", html))


def drawn(html: str) -> str:
    """Return KaTeX's output without its MathML: what the eye sees."""
    return _HIDDEN.sub("", html, count=1)


@lru_cache(maxsize=4096)  # many posts have the same
def count_signs(html: str) -> int:
    """Return how many signs a set formula shows, without reading it as XML: about how wide it is."""
    shown = html[: html.index("</code>")] if html.startswith(UNSET) else mathml(html).partition("<annotation")[0]
    return len(_TAG.sub("", shown))


@lru_cache(maxsize=4096)  # a caption's is asked for several times
def readable(html: str) -> str:
    """Return the text of a set formula, each sign once: `E=mc²`, `a/b`, `w_k`; "" of one that is nested hundreds deep."""
    if html.startswith(UNSET):
        return unescape(html[len(UNSET) : html.index("</code>")])
    try:
        text = _flat(ET.fromstring(mathml(html)))  # noqa: S314 - KaTeX wrote it
    except (ET.ParseError, RecursionError):
        return ""
    return unicodedata.normalize("NFC", re.sub(r"\s+", " ", text).strip())


def _flat(node: ET.Element) -> str:
    name = node.tag.rpartition("}")[2]
    children = [_flat(child) for child in node if child.tag.rpartition("}")[2] != "annotation"]
    if name in {"mi", "mn", "mo", "mtext", "ms"}:
        text = "".join(node.itertext()).replace("\u2061", "").replace("\u200b", "").replace("\xa0", " ")
        return f" {text} " if name == "mo" and text in "=<>≤≥∈→≈\u223c≠" and text else text
    if name == "mfrac" and len(children) == 2:
        return f"{_grouped(children[0])}/{_grouped(children[1])}"
    if name in {"msup", "mover"} and len(children) == 2:
        if name == "msup":
            return children[0] + _raised(children[1])
        under = children[0].rstrip()
        return under + _accent(children[1]) + children[0][len(under) :]
    if name in {"msub", "munder"} and len(children) == 2:
        return children[0] + _lowered(children[1])
    if name in {"msubsup", "munderover"} and len(children) == 3:
        return children[0] + _lowered(children[1]) + _raised(children[2])
    if name == "msqrt":
        return f"√{_grouped(''.join(children))}"
    if name == "mphantom":
        return ""
    if name == "mtr":
        return " ".join(child.strip() for child in children if child.strip()) + "; "
    return (node.text or "").strip() + "".join(children)


def _grouped(text: str) -> str:
    text = text.strip()
    return text if len(text) <= 1 or re.fullmatch(r"\w+|\(.*\)", text) else f"({text})"


def _raised(text: str) -> str:
    text = text.strip()
    raised = text.translate(_SUPERSCRIPTS)
    return raised if raised != text and not re.search(r"[^⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]", raised) else f"^{_grouped(text)}"


def _lowered(text: str) -> str:
    text = text.strip()
    lowered = text.translate(_SUBSCRIPTS)
    return lowered if re.fullmatch("[₀₁₂₃₄₅₆₇₈₉₊₋]+", lowered) else f"_{_grouped(text)}"


def _accent(text: str) -> str:
    marks = {"^": "\u0302", "~": "\u0303", "ˉ": "\u0304", "¯": "\u0304", "˙": "\u0307", "⃗": "\u20d7"}
    return marks.get(text.strip()) or (_raised(text) if re.search(r"\w", text) else "")
