"""A text of a figure that cannot be set: which it is, and which line of a cell says it."""

from __future__ import annotations

import ast
import traceback
from pathlib import Path


def label_of(error: BaseException) -> str:
    """Return the text of a figure that matplotlib could not set as a formula, "" of another error."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    is_text = bool(frames) and Path(frames[-1].f_code.co_filename).name == "_mathtext.py"
    return str(frames[-1].f_locals.get("s", "")) if is_text and frames[-1].f_code.co_name == "parse" else ""


def line_saying(code: str, text: str) -> int:
    """Return the first line of a cell with a string that says a text, or in parts of an f-string does; 0 where none does."""
    try:
        nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Constant)]
    except (SyntaxError, ValueError):
        return 0
    said = [(node.lineno, node.value) for node in nodes if isinstance(node.value, str)]
    whole = [line for line, value in said if text in value]
    # More than a bracket.
    parts = [line for line, value in said if len(value) > 2 and not value.isspace() and value in text]
    return min(whole or parts, default=0)
