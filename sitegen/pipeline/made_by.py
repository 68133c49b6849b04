"""The code, and the packages, by which a post is read and its article woven: in the keys of both, and what `why` names."""

_ALIKE = ("tex.py", "model.py", "sources.py", "labels.py", "slugs.py", "words.py")
READING = ("reading", "errors.py", "fields.py", "yaml_hints.py", "config.py", *_ALIKE)
READING_PACKAGES = ("markdown-it-py", "mdit-py-plugins", "emoji", "pygments", "pyyaml", "tzdata", "ftfy")
WEAVING = ("publishing", "typesetting", "running/figures/palette.py", "reading/works.py", *_ALIKE)
WEAVING_PACKAGES = ("numpy", "matplotlib", "bibtexparser", "pylatexenc")
