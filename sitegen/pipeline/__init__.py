"""From a blog's folder to every file of its site: read, compute, weave, render; `build` is the whole of it.

read -> Blog; compute -> what each program gave; articles -> every post with its holes filled; files -> the site's bytes.
"""

from sitegen.pipeline.again import Builder
from sitegen.pipeline.build import build
from sitegen.pipeline.resume import build_or_resume
from sitegen.pipeline.run import Options

__all__ = ["Builder", "Options", "build", "build_or_resume"]
