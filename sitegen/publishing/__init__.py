"""Posts with their results -> Articles -> Site -> Pages -> bytes -> `_site/`.

`unfold` puts results in the place of cells (`results`, `frames`, `drawing`), gives numbers (`references`) and entries
(`citations`); `weave` sets the formulas and follows the `links`: an Article. `site` puts articles in order, `pages` says which
pages that makes, `render` makes bytes of them by the templates, and `seen` remembers what each looked at. `assets`, `sheets` and
`fonts` take of style and letters what pages need; `poster` and `png` draw for other sites. `write` puts all in place at once.
"""
