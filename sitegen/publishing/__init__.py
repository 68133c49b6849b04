"""Posts with their results -> Articles -> Site -> Pages -> bytes -> `_site/`."""
