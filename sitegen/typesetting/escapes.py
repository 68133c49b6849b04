r"""Rules for what was escaped for another processor, or came in with it: `&lt;`, `\\\\`, `x\_i`, full-width signs."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.tex import group_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.tex import Edit
    from sitegen.typesetting.rule import Context

_WIDE = later("[\uff01\uff08-\uff0b\uff0d-\uff0f\uff1a-\uff1e\uff3b\uff3d\uff5b-\uff5d\u2016]")
_IN_TEXT = later(r"\\(?:text(?:rm|bf|it|tt|sf|sc|up|md|normal)?|mbox|hbox|emph)\s*(?=\{)")
_ESCAPED = set("_=+<*-")  # signs that need no backslash in TeX, or stand for themselves with it
_NAMES = later(r"\\(?:text\w*|mathrm|mathtt|operatorname\*?|mbox|hbox)\s*\{[^{}]*\}")
_NAME = later(r"(?<![\\a-zA-Z])[A-Z]{2,}\\_[A-Z]{2,}")
_SUBSCRIPT = later(r"[|)}\]]\\_|\\limits\\_|(?<!\\)\\_\{")
_LONG = later(r"\\_(?![a-zA-Z0-9](?![a-zA-Z])|[{\\])")  # before a word, and so perhaps within a name
_STARRED = later(r"(?P<name>(?<![a-zA-Z*_])\\?[a-zA-Z]++|[)}\]'])\*(?=[a-zA-Z\d{\\])")
_OPERATOR = later(r"\\(?:sum|prod|i*nt|oint|lim|min|max|sup|inf|arg(?:max|min)|big(?:cup|cap))")
_WITH_STAR = later(r"\\(?:operatorname|[hv]space|tag|abs|norm|qty|eval|v[abu]|p?dv|\w*command|Declare\w+)")
_ROWS = later(
    r"\\begin\{(?P<name>[pbBvV]?(?:small)?matrix|[dr]?cases|aligned|alignedat|array|align\*?|split|gathered)\}(?P<body>(?s:.*?))\\end\{(?P=name)\}"
)


def entities(tex: str, _: Context) -> Iterator[Edit]:
    """`&lt;`, written so that no HTML begins, and `&#124;`, so that no cell of a table does."""
    for match in re.finditer(r"&(?:lt|gt|amp|quot|nbsp|vert|#\d{1,5}|#x[\da-fA-F]{1,4});", tex):
        yield *match.span(), unescape(match[0]).replace("\xa0", " ")


def invisible_characters(tex: str, _: Context) -> Iterator[Edit]:
    """Zero-width blanks, byte order marks and the like, which come along when text is copied."""
    for match in re.finditer("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\ufe0e\ufe0f]+", tex):
        yield *match.span(), ""


def doubled_backslashes(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\\alpha\_1 \\in \\{0, 1\\}`: where none stands alone before a letter, each was escaped for another Markdown, as was `_`."""
    runs = [
        run for run in re.finditer(r"\\+", tex) if len(run[0]) > 1 or tex[run.end() : run.end() + 1] not in _ESCAPED
    ]
    doubled = runs and all(len(run[0]) % 2 == 0 for run in runs)
    if doubled and any(re.match(r"[a-zA-Z]{2}|[{}_,;]", tex[run.end() :]) for run in runs):
        for run in re.finditer(r"\\{2,}|\\(?=_)", tex):
            yield *run.span(), run[0][: len(run[0]) // 2]


def doubled_braces(tex: str, _: Context) -> Iterator[Edit]:
    r"""`x \in \\{0, 1\\}` and `a\\_b`, escaped twice for kramdown, and `\\begin{array}`; no row ends before a closing brace or behind `\left`."""
    signs = "{}_" if tex.count("\\\\{") == tex.count("\\\\}") else "_"
    bars = tex.count("\\\\|")  # of norms, `\\|x\\|`, where no rows are
    if bars and bars % 2 == 0 and not re.search(r"\\begin\{(?!equation)|\\\\(?![|{}_#])|&|\\substack", tex):
        signs += "|"
    escaped = (
        rf"(?<!\\)\\\\(?=[{signs}]|#(?!\d)|(?:begin|end)\{{)"  # `\\#` for GitHub; no row begins so
        r"|(?<=\\left|right)\\\\(?=[{}|])"
    )
    for match in re.finditer(escaped, tex):
        yield *match.span(), "\\"


def lost_braces(tex: str, _: Context) -> Iterator[Edit]:
    r"""`y \in {0, 1}`: braces of a set whose backslashes a Markdown took."""
    for match in re.finditer(r"\\(?:in|notin|subset|subseteq)\s*(\{)[^{}\\]*,[^{}\\]*(\})", tex):
        yield match.start(1), match.end(1), "\\{"
        yield match.start(2), match.end(2), "\\}"


def doubled_rows(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\\|1\\| \\\\ 2` in an environment: rows that end with four backslashes (with six, for Blackfriday), and none with two."""
    runs = re.findall(r"(?<!\\)\\{2,}+(?=[\s\[&*-]|$)", tex)
    if "\\begin" in tex and runs and all(4 <= len(run) <= 7 for run in runs):
        behind = [part.count("|") for part in tex.split("\\\\|")[1:]]
        begin_rows = len(behind) % 2 == 1 or all(count % 2 for count in behind)  # else they are norms, escaped too
        signs = ",;:!" if begin_rows else "|,;:!"
        for run in re.finditer(rf"(?<!\\)(?:\\{{4,7}}(?=[\s\[&*-]|$)|\\\\(?=[{signs}]))", tex):
            yield *run.span(), run[0][: len(run[0]) // 2]


def halved_rows(tex: str, _: Context) -> Iterator[Edit]:
    r"""Rows that end as in `a & b \`, or `a & b \ c & d`: a Markdown took one of the two backslashes of each."""
    for rows in _ROWS.finditer(tex):
        body = rows["body"]
        ends = [] if "\\\\" in body else list(re.finditer(r"\\(?=[ \t]*\n)", body))
        if not ends and "&" in body and "\\\\" not in body:
            parts = re.split(r"(?<=\s)\\(?=\s)", body)
            alike = len({part.count("&") for part in parts}) == 1
            ends = list(re.finditer(r"(?<=\s)\\(?=\s)", body)) if alike else []
        for end in ends:
            start = rows.start("body") + end.start()
            yield start, start, "\\"


def escaped_subscripts(tex: str, _: Context) -> Iterator[Edit]:
    r"""`x\_i` in a formula that has no other subscript, or where `\_` stands behind a bracket or before a brace.

    `MAX\_LEN` is a name.
    """
    outside = _NAMES.sub("", tex)
    if _NAME.search(outside):
        return
    if outside.count("\\_") == tex.count("\\_") and (
        _SUBSCRIPT.search(outside)
        or ((outside == tex or not _LONG.search(tex)) and "_" not in outside.replace("\\_", ""))
    ):
        for match in re.finditer(r"(?<!\\)\\_(?!\s*\Z)", tex):  # one with nothing below is a sign
            yield *match.span(), "_"


def starred_subscripts(tex: str, context: Context) -> Iterator[Edit]:
    r"""`\sum*{i=1}^n x*i`: a Markdown wrote `*` for `_`, in pairs, some before braces; one alone is a product, but behind a sum."""
    stars = [
        star
        for star in _STARRED.finditer(tex)
        if tex[star.end()] != "{" or not (star["name"] in context.arguments or _WITH_STAR.fullmatch(star["name"]))
    ]
    before_braces = [star for star in stars if tex[star.end()] == "{"]
    if any(_OPERATOR.fullmatch(star["name"]) for star in before_braces) or (before_braces and len(stars) % 2 == 0):
        for star in stars:
            yield star.end() - 1, star.end(), "_"


def escaped_powers(tex: str, _: Context) -> Iterator[Edit]:
    r"""`x\^2`, an accent that stands in text alone."""
    if not _NAMES.search(tex):
        for match in re.finditer(r"(?<!\\)\\\^", tex):
            yield *match.span(), "^"


def escaped_signs(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\[0, 1\]`, `f\(x\)` and `x \- y` inside a formula, where signs were escaped for Markdown; in text brackets begin math."""
    texts = [(match.end(), group_end(tex, match.end()) or match.end()) for match in _IN_TEXT.finditer(tex)]
    for match in re.finditer(r"(?<!\\)(?:\\\\)*\\(?=[\[\]()+*<=-])", tex):
        if tex[match.end()] in "+*<=-" or not any(start <= match.start() < end for start, end in texts):
            yield match.end() - 1, match.end(), ""


def full_width_signs(tex: str, _: Context) -> Iterator[Edit]:
    """Signs as wide as a letter, as an input method for Chinese, Japanese or Korean writes them; commas stay wide."""
    texts = [(match.end(), group_end(tex, match.end()) or match.end()) for match in _IN_TEXT.finditer(tex)]
    for match in _WIDE.finditer(tex):
        if not any(start <= match.start() < end for start, end in texts):
            sign = "|" if match[0] == "\u2016" else chr(ord(match[0]) - 0xFEE0)
            yield *match.span(), f"\\{sign}" if sign in "{}" or match[0] == "\u2016" else sign


def percent_signs(tex: str, _: Context) -> Iterator[Edit]:
    r"""`95%` is a number of hundredths, not 95 and a comment: `%` after a digit, unless a word follows after a blank."""
    for match in re.finditer(r"(?<=\d)%(?![ \t]+[a-zA-Z])(?![ \t]*\n)", tex):
        yield *match.span(), "\\%"


def signs_in_text(tex: str, _: Context) -> Iterator[Edit]:
    r"""`\text{a_b}`: in text, `_ ^ & # %` are themselves."""
    done = 0
    for command in _IN_TEXT.finditer(tex):
        end = group_end(tex, command.end())
        if end is None or command.start() < done:
            continue
        done = end
        in_math = False
        for match in re.compile(r"\\\(|\\\)|\\.|[$_^&#%]", re.DOTALL).finditer(tex, command.end(), end):
            if match[0] in {"$", "\\(", "\\)"}:
                in_math = match[0] == "\\(" or (match[0] == "$" and not in_math)
            elif match[0] == "^" and not in_math:
                yield *match.span(), "\\textasciicircum{}"
            elif match[0] in {"_", "&", "#", "%"} and not in_math:
                yield match.start(), match.start(), "\\"
