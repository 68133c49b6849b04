"""The call of a claim that does not hold -> the values that its condition compared, as `p.sum()` is 1.25.

The condition is looked up in the source and evaluated again, as far as that draws nothing random and changes nothing.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import operator
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from sitegen.running.claims import brief

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import FrameType

MOST_VALUES = 4

_OPERATORS: Mapping[type, Any] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_HARMLESS = (abs, len, max, min, sum, round, float, int, complex, sorted, type)


def compared_values(frame: FrameType) -> str:
    """Return what the condition of the claim that `frame` is calling compared; "" where that cannot be told."""
    call = _call_at(frame)
    if call is None:
        return ""
    given = [*call.args[1:2], *(word.value for word in call.keywords if word.arg == "holds")]
    space = {**vars(builtins), **frame.f_globals, **frame.f_locals}
    parts = {ast.unparse(part): part for condition in given for part in _operands(condition)}
    return ", ".join(islice(_told(parts, space), MOST_VALUES))


def _told(parts: Mapping[str, ast.expr], space: Mapping[str, Any]) -> Iterator[str]:
    for text, part in parts.items():
        try:
            with np.errstate(all="ignore"), np.printoptions(threshold=8):
                yield f"`{text}` is {brief(_value(part, space))}"
        except Exception:  # noqa: BLE001, S112 - what cannot be told again is left out; the claim's sentence stands
            continue


def _call_at(frame: FrameType) -> ast.Call | None:
    place = next(islice(frame.f_code.co_positions(), frame.f_lasti // 2, None), None)
    source = "".join(linecache.getlines(frame.f_code.co_filename, frame.f_globals))
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return next(
        (one for one in calls if place == (one.lineno, one.end_lineno, one.col_offset, one.end_col_offset)), None
    )


def _operands(condition: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts of a condition whose values say why it is false."""
    match condition:
        case ast.BoolOp():
            for part in condition.values:
                yield from _operands(part)
        case ast.UnaryOp(op=ast.Not()):
            yield from _operands(condition.operand)
        case ast.Compare():
            yield from (side for side in (condition.left, *condition.comparators) if not _is_number(side))
        case ast.Call():
            parts = (condition.func, *condition.args)
            bare = [part.value if isinstance(part, ast.Attribute) else part for part in parts]
            comparisons = [part for part in bare if isinstance(part, ast.Compare)]
            for part in comparisons:  # np.all(x < 1), (x < 1).all()
                yield from _operands(part)
            if not comparisons:
                yield from (part for part in condition.args if not _is_number(part))
        case _:
            return


def _is_number(part: ast.expr) -> bool:
    try:
        ast.literal_eval(part)
    except ValueError:
        return False
    return True


def _value(part: ast.expr, space: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever the program made
    """Evaluate names, numbers, arithmetic and calls of functions known to change nothing. Raises for all else."""
    match part:
        case ast.Constant():
            return part.value
        case ast.Name():
            return space[part.id]
        case ast.Attribute():
            return getattr(_value(part.value, space), part.attr)
        case ast.Subscript():
            return _value(part.value, space)[_value(part.slice, space)]
        case ast.Slice():
            return slice(*(end and _value(end, space) for end in (part.lower, part.upper, part.step)))
        case ast.Tuple():
            return tuple(_value(one, space) for one in part.elts)
        case ast.UnaryOp():
            return _OPERATORS[type(part.op)](_value(part.operand, space))
        case ast.BinOp():
            return _OPERATORS[type(part.op)](_value(part.left, space), _value(part.right, space))
        case ast.Call():
            function = _value(part.func, space)
            if not _changes_nothing(function):
                raise ValueError
            words = {word.arg: _value(word.value, space) for word in part.keywords if word.arg}
            return function(*(_value(one, space) for one in part.args), **words)
    raise ValueError


def _changes_nothing(function: Any) -> bool:  # noqa: ANN401 - see above
    owner = getattr(function, "__self__", None)
    if isinstance(owner, np.ndarray | np.generic | float | int | complex | str):
        return getattr(function, "__name__", "") not in {"sort", "fill", "resize", "itemset", "put", "partition"}
    module = str(getattr(function, "__module__", ""))
    return (
        function in _HARMLESS or isinstance(function, np.ufunc) or module in {"math", "cmath", "numpy", "numpy.linalg"}
    )
