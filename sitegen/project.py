"""Where sitegen lies: the folder that is also the blog of whoever cloned it, and what npm has installed beside it."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
NODE_MODULES = PROJECT / "node_modules"
