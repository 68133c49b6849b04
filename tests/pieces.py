"""Pieces of Markdown and of HTML, of which tests put together what no author would write."""

from __future__ import annotations

WORDS = (
    r"$ $$ \$$ \( \) \[ \] \\( \\) \\[ \\] \begin{align} \end{align} \\ * ** _ __ ` `` ``` | - + 1. > # ## [ ] ( ) { } ~ ~~ ^ = == :"
    r" ::: !!! @fig-x @eq-x \label{eq:x} \eqref{eq:x} \newcommand{\a}[1]{#1} \frac{a}{b} x_1 5 a 中 é 😀 \ & &lt; % ! \" ' -- ..."
    r" [a](b) ![a](b.png) [^1] [^1]: {: .prompt-tip } {#eq-x} {.a_#b} `{python}_x` {eval}`x` [[x]] ![[x.png]] {%_include_x_%} {{_a_}}"
    r" {%_raw_%} @key [@key] *[AB]: AB https://a.b $`x`$ :tada: \\{ \_ - -_[x] Table:_x"
)
PIECES = [piece.replace("_", " ") for piece in WORDS.split(" ")]
BLOCKS = [
    "\n",
    "\n\n",
    "\n    ",
    "\n- ",
    "\n> ",
    "\n(a) ",
    "\nb. ",
    "\n(@a) ",
    "\n```\n",
    "\n```math\n",
    "\n```{python}\n",
    "\n|---|---|\n",
    "\n$$\n",
    "\n:::\n",
    "\n---\n",
]

TAGS = [
    "<b>",
    "</b>",
    "<i>",
    "</i>",
    "<div>",
    "</div>",
    "<p>",
    "</p>",
    "<li>",
    "</li>",
    "<ul>",
    "</ul>",
    "<br/>",
    "</br>",
    "<hr>",
    "<a_id=x/>",
    "<td>",
    "<tr>",
    "<table>",
    "</table>",
]
TAGS += [
    "<details>",
    "</details>",
    "<summary>s</summary>",
    "<!--",
    "-->",
    "<s",
    "<pre>",
    "</pre>",
    "<script>",
    "</script>",
    "<svg>",
    "</svg>",
    "</x>",
]
TAGS = [tag.replace("_", " ") for tag in TAGS]
