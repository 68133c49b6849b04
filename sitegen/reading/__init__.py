"""Sources on disk -> Posts.

`discover` finds them; `parse` reads one: its `header`, what it includes (`parts`), its body as other programs write it (`dialects`), then
`markdown` with its `rules`, which hand their containers to `boxes`. A `context` collects what is found on the way.
"""
