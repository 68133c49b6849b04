"""What parent and worker say to each other: frames of JSON with bytes behind them, checked when they are read.

Not pickle: a worker runs an author's code, and a pickle that it forged would run in the parent.
"""

from __future__ import annotations

import json
import re
import struct
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast, get_args

from sitegen.model import Animation, Claim, Failure, Figure, Kind, Observation, Printed, Raised, Shown, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sitegen.model import Result

HEAD = struct.Struct("!IQ")
# To resume a program: the first step that is other than it was, bytes of the task behind it.
REQUEST = struct.Struct("!iQ")
_dumps = json.dumps  # kept from a program that replaces it
CONTENTS = ("svg", "light", "dark", "narrow", "data")  # of a figure, in the order in which they follow its frame
COMES = "comes"  # what stands in a figure for each of them until it has its digest
LARGEST_HEAD = 256_000_000  # bytes of JSON; what a program may say is limited long before


class Garbled(Exception):  # noqa: N818 - a word of the protocol, not shown to anybody
    """What came is none of our frames: the program wrote to the worker's own pipe."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is asked to do.

    root: the blog's folder. folder: the post's in it, "" for the root itself. room: an empty folder of its own.
    variables: what the blog lets through. dump: the file that a crash writes its place to. again: whether this is the second
    run of two that must give the same. name: of a program that may be resumed later, "" for one that runs once.
    """

    root: str
    folder: str
    room: str
    dump: str
    steps: tuple[Step, ...]
    depends: tuple[str, ...]
    variables: Mapping[str, str]
    limits: Mapping[str, float]
    again: bool = False
    name: str = ""


def encode(kind: str, content: Mapping[str, object], *payload: bytes) -> bytes:
    """Return a frame."""
    head = _dumps({"kind": kind, "sizes": [len(part) for part in payload], **content}).encode("ascii")
    return b"".join([HEAD.pack(len(head), sum(map(len, payload))), head, *payload])


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as it arrived."""

    kind: str
    content: Mapping[str, object]
    payload: tuple[bytes, ...]

    def text(self, key: str) -> str:
        """Return a text of the content."""
        return _text(self.content, key)

    def number(self, key: str) -> int:
        """Return a whole number of the content."""
        return int(_number(self.content, key))

    def amount(self, key: str) -> float:
        """Return a number of the content."""
        return float(_number(self.content, key))

    def mapping(self, key: str) -> Mapping[str, object]:
        """Return a mapping of the content."""
        return _mapping(self.content.get(key))


class Inbox:
    """Bytes in, whole frames out; `room` is what a frame may have behind its head."""

    def __init__(self, room: int) -> None:
        self.room = room
        self._waiting = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """Yield the frames that these bytes complete. Raises Garbled."""
        self._waiting += data
        while len(self._waiting) >= HEAD.size:
            size, extra = HEAD.unpack_from(self._waiting)
            if size > LARGEST_HEAD or extra > self.room:
                raise Garbled
            end = HEAD.size + size + extra
            if len(self._waiting) < end:
                return
            head, payload = bytes(self._waiting[HEAD.size : HEAD.size + size]), self._waiting[HEAD.size + size : end]
            frame = _frame(head, bytes(payload))
            del self._waiting[:end]
            yield frame


def _frame(head: bytes, payload: bytes) -> Frame:
    try:
        content = _mapping(json.loads(head))
    except ValueError as error:
        raise Garbled from error
    sizes = content.get("sizes")
    parts, start = [], 0
    for size in sizes if isinstance(sizes, list) else []:
        if not isinstance(size, int) or size < 0:
            raise Garbled
        parts.append(payload[start : start + size])
        start += size
    return Frame(_text(content, "kind"), content, tuple(parts))


def encode_task(task: Task) -> bytes:
    """Return the frame of a task."""
    return encode("task", {"task": asdict(task)})


def decode_task(frame: Frame) -> Task:
    """Return the task of a frame; it comes from our own parent."""
    content = dict(frame.mapping("task"))
    written = cast("list[dict[str, Any]]", content.pop("steps"))
    steps = tuple(
        Step(
            **{
                **step,
                "size": tuple(step["size"]) if step["size"] else None,
                "sliders": tuple(map(tuple, step["sliders"])),
            }
        )
        for step in written
    )
    depends = tuple(cast("list[str]", content.pop("depends")))
    return Task(steps=steps, depends=depends, **cast("dict[str, Any]", content))


def encode_result(result: Result, *payload: bytes) -> bytes:
    """Return the frame of a result; the bytes of a figure go behind it."""
    return encode("result", {"type": type(result).__name__, "fields": asdict(result)}, *payload)


def decode_result(frame: Frame) -> Result:
    """Return the result of a frame. Raises Garbled."""
    fields = frame.mapping("fields")
    match frame.text("type"):
        case "Printed" if _text(fields, "stream") in {"stdout", "stderr", "warning"}:
            return Printed(_text(fields, "text"), _text(fields, "stream"))  # type: ignore[arg-type] # checked above
        case "Shown" if _text(fields, "kind") in {"text", "html", "svg", "png", "latex", "markdown"}:
            return Shown(_text(fields, "kind"), _text(fields, "data"))  # type: ignore[arg-type] # checked above
        case "Figure":
            width, height = _number(fields, "width"), _number(fields, "height")
            contents = {name: _text(fields, name) for name in CONTENTS}
            if not set(contents.values()) <= {"", COMES}:
                raise Garbled
            alt, least = _text(fields, "alt"), _number(fields, "least")
            ground = _text(fields, "ground")
            if not re.fullmatch(r"(#[0-9a-f]{6})?", ground):
                raise Garbled
            return Figure(
                width, height, alt, themed=fields.get("themed") is True, least=least, ground=ground, **contents
            )
        case "Animation":
            still = decode_result(Frame("result", {"type": "Figure", "fields": _mapping(fields.get("still"))}, ()))
            if not isinstance(still, Figure):
                raise Garbled
            return Animation(still, int(_number(fields, "frames")), _number(fields, "seconds"))
        case "Claim":
            return Claim(_text(fields, "statement"), _text(fields, "detail"))
        case "Raised":
            return Raised(_text(fields, "text"))
    raise Garbled


def decode_axes(frame: Frame) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the sliders of a frame, each with its values. Raises Garbled."""
    found = []
    rows = frame.content.get("axes")
    for row in rows if isinstance(rows, list) else []:
        match row:
            case [str(name), [*values]] if len(values) > 1 and all(isinstance(value, str) for value in values):
                found.append((name, tuple(cast("list[str]", values))))
            case _:
                raise Garbled
    return tuple(found)


def decode_failure(frame: Frame) -> Failure:
    """Return the failure of a frame. Raises Garbled."""
    fields = frame.mapping("fields")
    message, traceback, limit, hint = (_text(fields, key) for key in ("message", "traceback", "limit", "hint"))
    return Failure(int(_number(fields, "step")), int(_number(fields, "line")), message, traceback, limit, hint)


def decode_observations(frame: Frame) -> tuple[Observation, ...]:
    """Return the observations of a frame. Raises Garbled."""
    found = []
    rows = frame.content.get("rows")
    for row in rows if isinstance(rows, list) else []:
        match row:
            case [str(kind), str(name), str(seen), int(step)] if kind in get_args(Kind):
                found.append(Observation(cast("Kind", kind), name, seen, step))
            case _:
                raise Garbled
    return tuple(found)


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise Garbled
    return value


def _text(content: Mapping[str, object], key: str) -> str:
    value = content.get(key)
    if not isinstance(value, str):
        raise Garbled
    return value


def _number(content: Mapping[str, object], key: str) -> float:
    value = content.get(key)
    if not isinstance(value, int | float):
        raise Garbled
    return value
