"""Bytes of a figure, by kind: its SVG in a page, the same compressed as servers do, and one raster (light or dark).

Run from the project's folder: `.venv/bin/python -m benchmarks.figures`.
"""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import matplotlib.pyplot as plt
import numpy as np
from msgspec.structs import replace

from sitegen.model import Step
from sitegen.running.figures import inks
from sitegen.running.figures.cell_figures import CellFigures
from sitegen.running.figures.gallery import Gallery

if TYPE_CHECKING:
    from collections.abc import Callable

X = np.linspace(0, 10, 200)
U, V = np.meshgrid(np.linspace(-2, 2, 60), np.linspace(-2, 2, 60))


def _space(draw: Callable[[Any], object]) -> None:
    draw(plt.figure().add_subplot(projection="3d"))


KINDS: dict[str, Callable[[np.random.Generator], object]] = {
    "three lines with a legend": lambda _: [plt.plot(X, np.sin(X + n), label=f"{n}") for n in range(3)] + [plt.legend()],
    "40 bars": lambda rng: plt.hist(rng.normal(size=1000), 40),
    "200 points": lambda rng: plt.scatter(*rng.random((2, 200))),
    "200 points coloured by value, colour bar": lambda rng: plt.colorbar(plt.scatter(*rng.random((2, 200)), c=rng.random(200))),
    "9 000 points": lambda rng: plt.scatter(*rng.random((2, 9000)), s=4),
    "20 contours with a path": lambda _: [plt.contour(U, V, (1 - U) ** 2 + 9 * (V - U * U) ** 2, 20), plt.plot([-1, 0, 1], [1, 0, 1], "o-")],
    "filled contours, colour bar": lambda _: plt.colorbar(plt.contourf(U, V, np.sin(U) * V)),
    "196 arrows": lambda _: plt.quiver(*np.mgrid[-2:2:14j, -2:2:14j][::-1], *np.mgrid[-2:2:14j, -2:2:14j]),
    "streamlines": lambda _: plt.streamplot(U, V, V, -U),
    "image of 100 by 100": lambda rng: plt.imshow(rng.random((100, 100))),
    "mesh of 40 by 40": lambda rng: plt.pcolormesh(rng.random((40, 40))),
    "hexagons": lambda rng: plt.hexbin(*rng.normal(size=(2, 9999)), gridsize=30),
    "surface of 60 by 60": lambda _: _space(lambda axes: axes.plot_surface(U, V, U * V, cmap="viridis")),
    "wire frame": lambda _: _space(lambda axes: axes.plot_wireframe(U, V, U * V)),
}  # fmt: skip # a row for each


def main() -> None:
    """Print the table."""
    inks.prepare()

    def fail(message: str, **_: object) -> None:
        raise RuntimeError(message)

    gallery = Gallery({"figures": 1000, "figure_size": 100_000_000}, fail, CellFigures())
    print("| kind | SVG, kB | compressed | WebP, kB | chosen |\n|---|---|---|---|---|")
    for name, draw in KINDS.items():
        draw(np.random.default_rng(0))
        step = Step("", "cell", size=(7.0, 4.0), dpi=192, hover=True, data=False)
        svg, webp, chosen = (gallery.draw(plt.gcf(), replace(step, format=kind)) for kind in ("svg", "webp", "auto"))
        plt.close("all")
        sizes = [len(svg[1]), len(gzip.compress(svg[1], mtime=0)), len(webp[1])]
        shown = " | ".join(f"{size / 1000:.0f}" for size in sizes)
        print(f"| {name} | {shown} | {'SVG' if chosen[0].svg else 'WebP'} |")


if __name__ == "__main__":
    main()
