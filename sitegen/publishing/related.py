"""Articles -> for each post the few that are most like it, by their tags, categories and the words that announce them.

The measure is the cosine of tf-idf vectors. Of a name that many posts share, only the posts nearest in time are
compared, so that the work grows with the number of posts, not with its square.
"""

from __future__ import annotations

from collections import defaultdict
from math import log, sqrt
from typing import TYPE_CHECKING

from sitegen.later import later

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sitegen.model import Article

MOST = 3
LEAST = 0.08  # of 1
SHARED = 1.5  # a category, a tag or two words: one word alone makes no two posts alike
REACH = 12  # posts on each side in time, of those that share a name

_TAG, _CATEGORY, _WORD = 3.0, 1.5, 1.0
_RUN = later(r"[^\W\d_]+")
_DENSE = "\u2e80"  # from here on, scripts without blanks between words, or with endings that differ: pairs of letters


def related(articles: Sequence[Article]) -> Mapping[str, tuple[str, ...]]:
    """Return by a post's path the paths of those most like it, best first. articles: posts, newest first."""
    vectors = [_weights(article) for article in articles]
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, weights in enumerate(vectors):
        for name in weights:
            places[name].append(place)
    rare = {name: log(1 + len(articles) / len(found)) for name, found in places.items() if len(found) > 1}
    norms = [sqrt(sum((weight * rare.get(name, 0)) ** 2 for name, weight in weights.items())) for weights in vectors]
    products: list[defaultdict[int, float]] = [defaultdict(float) for _ in articles]  # with posts that are older
    shared: list[defaultdict[int, float]] = [defaultdict(float) for _ in articles]
    for name, idf in rare.items():
        found = places[name]
        weight = vectors[found[0]][name]  # which is the same in all
        product = weight * idf * idf * weight
        for rank, place in enumerate(found):
            these, ours = products[place], shared[place]
            for other in found[rank + 1 : rank + 1 + REACH]:
                these[other] += product
                ours[other] += weight
    likeness: list[dict[int, float]] = [{} for _ in articles]
    for place, these in enumerate(products):
        for other, product in these.items():
            if shared[place][other] >= SHARED:
                likeness[place][other] = likeness[other][place] = product / (norms[place] * norms[other])
    paths = [str(article.path) for article in articles]
    return {path: tuple(paths[other] for other in _best(alike)) for path, alike in zip(paths, likeness, strict=True)}


def announced(article: Article) -> tuple[object, ...]:
    """Return all of a post that decides what it is like."""
    return str(article.path), article.meta.tags, article.meta.categories, article.title, article.excerpt


def _best(likeness: Mapping[int, float]) -> list[int]:
    found = [other for other, cosine in likeness.items() if cosine >= LEAST]
    return sorted(found, key=lambda other: (-round(likeness[other], 9), other))[:MOST]


def _weights(article: Article) -> dict[str, float]:
    """Return the names under which a post can be found, with how much each says of it."""
    weights = dict.fromkeys(_words(f"{article.title} {article.excerpt}"), _WORD)
    weights.update((f"category {name.lower()}", _CATEGORY) for name in article.meta.categories)
    weights.update((f"tag {name.lower()}", _TAG) for name in article.meta.tags)
    return weights


def _words(text: str) -> set[str]:
    words: set[str] = set()
    for run in _RUN.findall(text.lower()):
        if run[-1] >= _DENSE:
            words.update(run[start : start + 2] for start in range(len(run) - 1))
        elif len(run) > 3:
            words.add(run.removesuffix("s"))
    return words
