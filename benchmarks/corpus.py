"""Makes the blogs that are measured: posts full of formulas, and posts full of figures; the same for every run."""

from __future__ import annotations

import random
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PARAGRAPH = (
    "The loss falls quickly at first and slowly later, because the gradient shrinks with the error. "
    "What remains is to see how the step size enters, and why a step that is too long undoes what the last one did. "
)

WORDS = PARAGRAPH.lower().replace(",", "").replace(".", "").split()

CODE = """import numpy as np

def softmax(z, axis=-1):
    z = z - z.max(axis=axis, keepdims=True)
    e = np.exp(z)
    return e / e.sum(axis=axis, keepdims=True)  # {}
"""

SHAPES = (
    "{a}_{{{n}}} = {b}^2 + {g}",
    r"\frac{{\partial {a}}}{{\partial {g}_{{{n}}}}} = \sum_{{i=1}}^{{{n}}} {b}_i",
    r"\mathbb{{E}}[{a}_{{{n}}} \mid {b}] \le \sqrt{{{g}}}",
    r"\nabla_{{{g}}} L({a}, {b}_{{{n}}})",
    r"\sigma({a}_{{{n}}}) = \frac{{1}}{{1 + e^{{-{a} {b}}}}}",
    r"\int_0^{{{n}}} {g}({a}) \, d{b}",
    r"\begin{{pmatrix}} {a} & {b} \\ {g} & {n} \end{{pmatrix}}",
)

FIGURES = {
    "line": """x = np.linspace(0, 10, 200)
for k in range(1, 4):
    plt.plot(x, np.exp(-x / k) * np.cos(k * x), label=f"k = {k}")
plt.xlabel("x")
plt.ylabel("value")
plt.legend()
""",
    "contour": """x, y = np.meshgrid(np.linspace(-2, 2, 120), np.linspace(-2, 2, 120))
plt.contour(x, y, x**2 + 3 * y**2, levels=15)
p = np.array([1.8, 1.2])
path = [p]
for _ in range(30):
    p = p - 0.1 * np.array([2 * p[0], 6 * p[1]])
    path.append(p)
plt.plot(*np.array(path).T, marker="o", markersize=3)
""",
    "surface": """x, y = np.meshgrid(np.linspace(-2, 2, 40), np.linspace(-2, 2, 40))
axes = plt.figure().add_subplot(projection="3d")
axes.plot_surface(x, y, x**2 - y**2, cmap="viridis")
""",
    "histogram": """plt.hist(np.random.default_rng(0).normal(size=5000), bins=60)
plt.xlabel("value")
plt.ylabel("count")
""",
}


def math_posts(folder: Path, posts: int) -> Path:
    """Write posts of 5 kB: 37 formulas each, three in five of them only there, a table, a list and two blocks of code."""
    (folder / "posts").mkdir(parents=True)
    dice = random.Random(0)  # noqa: S311 - the same posts for every run
    numbers = count(1)

    def formula(number: int) -> str:
        letters = dice.choice("abcdefghkmnpqrstuvwxyz"), dice.choice("abcdefghkmnpqrstuvwxyz")
        greek = dice.choice((r"\alpha", r"\beta", r"\gamma", r"\theta", r"\lambda", r"\mu", r"\phi"))
        return dice.choice(SHAPES).format(a=letters[0], b=letters[1], g=greek, n=number)

    shared = [formula(number % 9) for number in range(400)]

    def words(number: int) -> str:
        return " ".join(dice.choices(WORDS, k=number)).capitalize()

    for number in range(posts):

        def math() -> str:
            return formula(next(numbers)) if dice.random() < 0.6 else dice.choice(shared)

        date = f"{2015 + number % 10}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        header = f"title: Post {number} on {words(2)}\ndate: {date}\ntags: [t{number % 37}, u{number % 11}]"
        parts = [f"---\n{header}\ncategories: [c{number % 9}]\nmath: true\n---\n\n"]
        for section in range(4):
            parts.append(f"## {words(4)}\n\n")
            texts = ([f"{words(9)} ${math()}$ {words(5).lower()}." for _ in range(3)] for _ in range(2))
            parts += [" ".join(text) + "\n\n" for text in texts]
            parts.append(f"$$\n{math()}\n$$\n\n")
            if section == 0:
                rows = "".join(f"| ${math()}$ | {words(3)} |\n" for _ in range(3))
                parts.append(f"| symbol | meaning |\n|---|---|\n{rows}\n")
            elif section == 1:
                parts.append("".join(f"- {words(5)} ${math()}$\n" for _ in range(3)) + "\n")
            else:
                parts.append(f"```python\n{CODE.format(number)}```\n\n")
        parts.append(" ".join(f"{words(6)} ${math()}$." for _ in range(3)) + "\n")
        (folder / "posts" / f"{date}-post-{number}.md").write_text("".join(parts), encoding="utf-8")
    return folder


def formula_posts(folder: Path, posts: int = 100, formulas: int = 37) -> Path:
    """Write posts with as many distinct formulas each, a third of them display."""
    (folder / "posts").mkdir(parents=True)
    for number in range(posts):
        parts = [f"---\ntitle: Post {number}\ntags: [t{number % 7}]\ncategories: [c{number % 5}]\n---\n"]
        for index in range(formulas):
            tex = rf"\sigma_{{{number}}}(x_{{{index}}}) = \frac{{1}}{{1 + e^{{-x_{{{index}}} w_{{{number}}}}}}}"
            parts.append(
                f"{PARAGRAPH}\n\n$$\n{tex}\n$$\n\n" if index % 3 == 0 else f"{PARAGRAPH} So ${tex}$ holds.\n\n"
            )
        name = f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}-post-{number}.md"
        (folder / "posts" / name).write_text("".join(parts), encoding="utf-8")
    (folder / "site.yml").write_text("title: Formulas\n", encoding="utf-8")
    return folder


def figure_posts(folder: Path, posts: int = 20, *, fig_format: str = "auto", more: str = "") -> Path:
    """Write posts with four figures each: a line plot, a contour with a descent path, a 3D surface, a histogram.

    fig_format: `auto` makes two rasters of each surface, whose SVG is heavy; `svg` saves all as SVG, as the script does. more: settings.
    """
    (folder / "posts").mkdir(parents=True)
    for number in range(posts):
        parts = [f"---\ntitle: Figures {number}\n---\n"]
        parts.append("```{python}\nimport numpy as np\nimport matplotlib.pyplot as plt\n```\n\n")
        for name, code in FIGURES.items():
            parts.append(f"{PARAGRAPH}\n\n```python figure\n# {name} {number}\n{code}```\n\n")
        (folder / "posts" / f"2025-01-{number % 28 + 1:02}-figures-{number}.md").write_text("".join(parts))
    settings = f"title: Figures\n{more}execute:\n  fig-format: {fig_format}\n"
    (folder / "site.yml").write_text(settings, encoding="utf-8")
    return folder


def plain_script(posts: int = 20, *, tight: bool) -> str:
    """Return one script with the same code, which saves every figure as SVG. tight: cropped, as the blog's figures are."""
    crop = ", bbox_inches='tight'" if tight else ""
    parts = [
        "import sys\nimport matplotlib\nmatplotlib.use('svg')\nimport numpy as np\nimport matplotlib.pyplot as plt\n"
    ]
    for number in range(posts):
        for name, code in FIGURES.items():
            parts.append(f"{code}plt.savefig(f'{{sys.argv[1]}}/{name}-{number}.svg'{crop})\nplt.close('all')\n")
    return "".join(parts)
