"""What KaTeX says of a formula -> what its author may do about it: the common causes, the surest first."""

from __future__ import annotations

import re

_OPERATORS = frozenset(
    """
    sgn sign diag rank Var Cov Corr KL ReLU relu softmax sigmoid span Span supp erfc vec softplus conv dist proj
    Proj image Im lcm Hom End Aut id Id cov var std mean median mode logit odds trace col row null round card
    Bias MSE
    """.split()
)


_TO_WRITE = {
    "multicolumn": "KaTeX has no cells over several columns: leave some empty, or split the array",
    "multirow": "KaTeX has no cells over several rows: leave some empty, or split the array",
    "cline": "KaTeX draws whole lines only: `\\hline`, `\\hdashline`",
    "intertext": "end the formula, write the text, and begin another",
    "footnote": "put the footnote behind the formula: `$x$[^1]`",
    "cite": "put the citation behind the formula: `$x$ [@key]`",
    "newenvironment": "KaTeX knows no new environments: write the environment itself, or a macro for its edges",
    "newtheorem": "theorems are written `::: {#thm-x}` in the text",
    "xymatrix": "nothing here draws with Xy-pic: write a square of arrows as `\\begin{CD}`, others as an image",
    "includegraphics": "pictures stand in the text: `![](x.png)`",
}
_BRACES = "count the braces: one is missing or too many"
_CAUSES = (
    ("can be used only in display mode", "write it between `$$` on lines of their own"),
    ("display equations", "write it between `$$` on lines of their own"),
    ("got '&'", "`&` stands only inside aligned, cases, a matrix and the like; write `\\&` for the character"),
    ("got '#'", "write `\\#` for the character"),
    ("got '\\\\'", "a row ends only inside aligned, cases, a matrix and the like"),
    (
        "got '\\right'",
        "every `\\right` needs its `\\left` in the same row and the same braces; `\\left.` shows nothing",
    ),
    ("'\\right'", "every `\\left` needs its `\\right` in the same row and the same braces; `\\right.` shows nothing"),
    ("function '$'", "dollars inside a formula belong into `\\text{...}`; `\\$` is the character"),
    ("Unknown column alignment", "say how the columns stand: `\\begin{array}{cc}`"),
    ("No such environment: tabular", "tables of text are Markdown's: `| a | b |`; those of formulas are `array`s"),
    (
        "No such environment: tikz",
        "nothing here draws TikZ: write a square of arrows as `\\begin{CD}`, others as an image",
    ),
    (
        "No such environment: prooftree",
        "a proof is `\\AxiomC{}`, `\\UnaryInfC{}`, `\\BinaryInfC{}`, `\\TrinaryInfC{}` and labels alone, down to one conclusion",
    ),
    ("No such environment", "is it misspelt? KaTeX lists those it knows under Supported Functions"),
    ("Mismatch", "each `\\begin` needs its own `\\end`, the inner ones first"),
    ("Double superscript", "put the first part into braces, `{a^b}^c`; a prime is one too: `x'^2` for `x^2'`"),
    ("Double subscript", "put the first part into braces: `{a_b}_c`"),
    ("infix operator", "put each `\\over` and `\\choose` into braces of its own, or write `\\frac{a}{b}`"),
    ("Limit controls", "`\\limits` stands after a sum, an integral or an operator"),
    ("Multiple \\tag", "a row has one `\\tag`"),
    ("Invalid delimiter", "after `\\left` and `\\right` comes a bracket, `|`, `\\|`, or `.` for none"),
    ("as argument", "what stands behind the command? it needs an argument, in braces"),
    ("with no arguments", "put it into braces: `x_{\\vec y}`"),
    ("Too many expansions", "does a macro use itself?"),
    ("call stack", "it is nested too deep: take it apart; or does a macro that uses itself grow without end?"),
    ("signs, and may have", "take it apart, or is the end of a formula missing?"),
    ("Invalid size", "a size is a number and a unit, such as `1em`"),
    ("Invalid color", "a colour is a name that CSS has, or `#b3261e`"),
    ("\\verb ended", "end it with the sign behind `\\verb`, in the same line: `\\verb|x|`"),
    ("invalid code point", 'the last sign of Unicode is `\\char"10FFFF`'),
    ("macro prefix", "`\\global` and `\\long` stand before `\\def`"),
    ("Expected group", "put what belongs there into braces: `x_{y}`"),
    ("Unexpected end", _BRACES),
    ("'}'", _BRACES),
    ("'EOF'", _BRACES),
    ("Unexpected character", "delete it and type it anew: it is a sign that cannot be seen or set"),
)


def hint_for(message: str, tex: str) -> str:
    """Return what to do about a message of KaTeX's: the common causes, the surest first."""
    name = (re.findall(r"\\\\?([a-zA-Z]+)", message) or [""])[0]
    if "Undefined control sequence" in message:
        if name in _OPERATORS:
            return (
                f"define it: `\\DeclareMathOperator{{\\{name}}}{{{name}}}` in a formula before it, or under `macros:`"
            )
        return _TO_WRITE.get(name) or "is it misspelt? else define it under `macros:` in the header or in site.yml"
    if "\\cr or \\end" in message and (opened := _never_ended(tex)):
        return f"`\\begin{{{opened}}}` has no end: write `\\end{{{opened}}}` behind its last row"
    if "got '#'" in message and "#" not in tex:
        return "a macro uses an argument that its definition does not announce: `\\newcommand{\\f}[2]{#1 + #2}`"
    for part, hint in _CAUSES:
        if part in message:
            return _unclosed(tex) if hint == _BRACES else hint
    return _BRACES if "Expected 'EOF'" in message and tex.count("{") != tex.count("}") else ""


def _unclosed(tex: str) -> str:
    """Return what to do where braces do not pair: with the one that is open at the end, if one is."""
    opened: list[int] = []
    for found in re.finditer(r"\\.|[{}]", tex, re.DOTALL):
        if found[0] == "{":
            opened.append(found.start())
        elif found[0] == "}" and opened:
            opened.pop()
    if not opened:
        return _BRACES
    begins = max(tex.rfind("\\", 0, opened[-1]), opened[-1] - 12, 0)
    shown = " ".join(tex[begins : opened[-1] + 12].split())
    return f"the brace of `{shown}` is not closed"


def _never_ended(tex: str) -> str:
    """Return the environment that is open at the end of a formula, "" where none is."""
    opened: list[str] = []
    for what, name in re.findall(r"\\(begin|end)\{([a-zA-Z]+\*?)\}", tex):
        if what == "begin":
            opened.append(name)
        elif opened:
            opened.pop()
    return opened[-1] if opened else ""
