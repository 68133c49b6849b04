"""Makes the blogs that are measured: posts full of formulas, and posts full of figures; the same for every run."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PARAGRAPH = (
    "The loss falls quickly at first and slowly later, because the gradient shrinks with the error. "
    "What remains is to see how the step size enters, and why a step that is too long undoes what the last one did. "
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


def figure_posts(folder: Path, posts: int = 20, *, fig_format: str = "auto") -> Path:
    """Write posts with four figures each: a line plot, a contour with a descent path, a 3D surface, a histogram.

    fig_format: `auto` makes two rasters of each surface, whose SVG is heavy; `svg` saves all as SVG, as the script does.
    """
    (folder / "posts").mkdir(parents=True)
    for number in range(posts):
        parts = [f"---\ntitle: Figures {number}\n---\n"]
        parts.append("```{python}\nimport numpy as np\nimport matplotlib.pyplot as plt\n```\n\n")
        for name, code in FIGURES.items():
            parts.append(f"{PARAGRAPH}\n\n```python figure\n# {name} {number}\n{code}```\n\n")
        (folder / "posts" / f"2025-01-{number % 28 + 1:02}-figures-{number}.md").write_text("".join(parts))
    settings = f"title: Figures\nexecute:\n  fig-format: {fig_format}\n"
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
