"""What parent and worker say to each other: frames of JSON with bytes behind them, checked when they are read.

Not pickle: a worker runs an author's code, and a pickle that it forged would run in the parent.
"""

from __future__ import annotations

import json
import re
import struct
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, ValidationError, convert, to_builtins
from msgspec.json import Decoder

from sitegen.model import Animation, Claim, Failure, Figure, Kind, Observation, Printed, Raised, Saved, Shown, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sitegen.model import Result

HEAD = struct.Struct("!IQ")
# To resume a program: the first step that is other than it was, which turn of the program it is, bytes of the task behind it.
REQUEST = struct.Struct("!iIQ")
_dumps = json.dumps  # kept from a program that replaces it
CONTENTS = ("svg", "light", "dark", "narrow", "data")  # of a figure, in the order in which they follow its frame
_LARGEST = 1e300  # of a number; what is none, or no float can hold, is not below it
COMES = "comes"  # what stands in a figure for each of them until it has its digest
_KINDS: dict[str, type[Result]] = {
    kind.__name__: kind for kind in (Printed, Shown, Figure, Saved, Claim, Raised, Animation)
}
LARGEST_HEAD = 256_000_000  # bytes of JSON; what a program may say is limited long before


_Any = TypeVar("_Any")


class Garbled(Exception):  # noqa: N818 - a word of the protocol, not shown to anybody
    """What came is none of our frames: the program wrote to the worker's own pipe."""


class Task(Struct, frozen=True):
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
    variables: dict[str, str]
    limits: dict[str, int | float]
    again: bool = False
    name: str = ""


def encode(kind: str, content: Mapping[str, object], *payload: bytes) -> bytes:
    """Return a frame."""
    head = _dumps({"kind": kind, "sizes": [len(part) for part in payload], **content}).encode("ascii")
    return b"".join([HEAD.pack(len(head), sum(map(len, payload))), head, *payload])


class Frame(Struct, frozen=True):
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
    except (ValueError, RecursionError) as error:
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
    return encode("task", {"task": to_builtins(task)})


def decode_task(frame: Frame) -> Task:
    """Return the task of a frame. Raises Garbled."""
    return _read(frame.mapping("task"), Task)


def encode_result(result: Result, *payload: bytes) -> bytes:
    """Return the frame of a result; the bytes of a figure go behind it."""
    fields = to_builtins(result, enc_hook=_plain)
    return encode("result", {"type": type(result).__name__, "fields": fields}, *payload)


def _plain(value: str | float) -> str | float:
    """Return a text or a number of a program's own kind as one: HTML that is marked safe, a float of numpy's."""
    return str.__str__(value) if isinstance(value, str) else float(value)


def decode_result(frame: Frame) -> Result:
    """Return the result of a frame. Raises Garbled."""
    kind = _KINDS.get(frame.text("type"))
    if kind is None:
        raise Garbled
    result = _read(frame.mapping("fields"), kind)
    figure = result.still if isinstance(result, Animation) else result
    if isinstance(result, Saved) and result.content:
        raise Garbled  # as below
    if isinstance(figure, Figure):
        names = {getattr(figure, name) for name in CONTENTS}
        names |= {result.light, result.dark} if isinstance(result, Animation) else set()
        sizes = (figure.width, figure.height, figure.least)
        if not names <= {"", COMES} or not re.fullmatch(r"(#[0-9a-f]{6})?", figure.ground):
            raise Garbled  # a content that did not come here would be taken from the store
        if not all(0 <= size < _LARGEST for size in sizes):
            raise Garbled
    return result


def decode_axes(frame: Frame) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the sliders of a frame, each with its values. Raises Garbled."""
    axes = _read(frame.content.get("axes"), tuple[tuple[str, tuple[str, ...]], ...])
    if any(len(values) < 2 for _, values in axes):
        raise Garbled
    return axes


def decode_failure(frame: Frame) -> Failure:
    """Return the failure of a frame. Raises Garbled."""
    failure = _read(frame.mapping("fields"), Failure)
    if failure.not_run or failure.more:  # which only the parent says
        raise Garbled
    return failure


def decode_observations(frame: Frame) -> tuple[Observation, ...]:
    """Return the observations of a frame. Raises Garbled."""
    return tuple(Observation(*row) for row in _read(frame.content.get("rows"), list[tuple[Kind, str, str, int]]))


for _kind in (Task, Failure, *_KINDS.values()):
    Decoder(_kind)  # reads their annotations now: a program's process has other modules by the names that stand there


def _read(value: object, kind: type[_Any]) -> _Any:
    """Return a value of JSON as one of a kind, every part of it checked."""
    try:
        return convert(value, kind)
    except (ValidationError, UnicodeError) as error:  # the latter of half a pair of UTF-16 where a name stands
        raise Garbled from error


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
    if not isinstance(value, int | float) or not abs(value) < _LARGEST:
        raise Garbled
    return value
