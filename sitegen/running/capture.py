"""What a cell says: printed text, warnings and last values become results, in the order in which they come."""

from __future__ import annotations

import base64
import io
import os
import pprint
import re
import sys
from typing import TYPE_CHECKING, Any, Literal, cast

from sitegen.model import Printed, Shown
from sitegen.running.terminal import settled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Stream = Literal["stdout", "stderr", "warning"]

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]{6,16}\b")
_KINDS: tuple[tuple[str, str, Literal["html", "svg", "png", "latex", "markdown"]], ...] = (
    ("_repr_html_", "text/html", "html"),
    ("_repr_svg_", "image/svg+xml", "svg"),
    ("_repr_png_", "image/png", "png"),
    ("_repr_latex_", "text/latex", "latex"),
    ("_repr_markdown_", "text/markdown", "markdown"),
)

FOR_PROGRAMS = "<!-- for programs of a notebook -->"  # begins what nothing else could show


class Speech:
    """Collects what is printed, from Python and from C, until it is taken.

    fd: the file to which the descriptors 1 and 2 lead. most: bytes that one program may say in all.
    replaced: texts that name this machine, with what stands for them. too_much: called when more is said.
    """

    def __init__(self, fd: int, most: int, replaced: Iterable[tuple[str, str]], too_much: Callable[[], object]) -> None:
        self.fd = fd
        self.most = most
        self.replaced = tuple(replaced)
        self.spent = 0
        self._too_much = too_much
        self._said: list[tuple[Stream, str]] = []
        self._size = os.fstat(fd).st_size
        self._pid = os.getpid()
        self._fstat, self._pread = os.fstat, os.pread

    def listen_at(self, fd: int) -> None:
        """Go on with a file that no other process writes to."""
        self.fd, self._size, self._pid = fd, 0, os.getpid()
        self._said.clear()

    def go_on(self) -> None:
        """Go on in a process that was forked, and that speaks for the program from now on."""
        self._pid = os.getpid()

    def say(self, stream: Stream, text: str) -> None:
        """Take a piece of text; a forked process hands it on as other programs do."""
        if os.getpid() != self._pid:
            os.write(1 if stream == "stdout" else 2, text.encode("utf-8", "replace"))
            return
        self.listen()
        self.spend(len(text))
        joins = stream != "warning" and self._said and self._said[-1][0] == stream
        if joins and len(self._said[-1][1]) < 4096:
            self._said[-1] = (stream, self._said[-1][1] + text)
        else:
            self._said.append((stream, text))

    def spend(self, size: int) -> None:
        """Count against what a program may say."""
        self.spent += size
        if self.spent > self.most:
            self._too_much()

    @property
    def is_over(self) -> bool:
        """Whether more was said than may be, what nobody listened to yet included."""
        return self.spent + self._fstat(self.fd).st_size - self._size > self.most

    def listen(self) -> None:
        """Take what C code or a child process wrote since the last time."""
        size = self._fstat(self.fd).st_size
        if size > self._size:
            self.spend(size - self._size)
            data = self._pread(self.fd, size - self._size, self._size)
            self._size = size
            self._said.append(("stdout", data.decode("utf-8", "replace")))

    def take(self) -> list[Printed]:
        """Return what was said since the last time, joined where the stream is the same."""
        joined: list[tuple[Stream, list[str]]] = []
        for stream, text in self._said:
            if joined and joined[-1][0] == stream and stream != "warning":
                joined[-1][1].append(text)
            else:
                joined.append((stream, [text]))
        self._said.clear()
        printed = [Printed(self.tidy("".join(texts)), stream) for stream, texts in joined]
        return [one for one in printed if one.text]

    def tidy(self, text: str) -> str:
        """Return `text` as it is the same on every machine and in every run."""
        for here, there in self.replaced:
            text = text.replace(here, there)
        if "\r" in text or "\b" in text:
            text = settled(text)
        return _ADDRESS.sub("", text) if " at 0x" in text else text


class _Bytes(io.RawIOBase):
    """The `buffer` of a stream, for code that prints bytes."""

    def __init__(self, stream: Voice) -> None:
        super().__init__()
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401 - any buffer
        raw = bytes(data)
        self._stream.write(raw.decode("utf-8", "replace"))
        return len(raw)


class Voice(io.TextIOBase):
    """sys.stdout or sys.stderr of a program. It cannot be closed: what a cell closes the next one needs."""

    def __init__(self, speech: Speech, stream: Literal["stdout", "stderr"]) -> None:
        super().__init__()
        self._speech, self._stream = speech, stream
        self._buffer = _Bytes(self)
        self.name = f"<{stream}>"
        self.mode = "w"

    @property
    def buffer(self) -> _Bytes:
        """The stream of bytes below."""
        return self._buffer

    @property
    def encoding(self) -> str:  # type: ignore[override] # a constant here
        """How text becomes bytes."""
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override] # a constant here
        """What becomes of text that has no bytes."""
        return "backslashreplace"

    def writable(self) -> bool:
        """Return True."""
        return True

    def isatty(self) -> bool:
        """Return False: there is no terminal, also for code that asks before it prints colours."""
        return False

    def fileno(self) -> int:
        """Return the descriptor, for child processes."""
        return 1 if self._stream == "stdout" else 2

    def write(self, text: object) -> int:
        """Take a piece of text."""
        if not isinstance(text, str):
            message = f"write() argument must be str, not {type(text).__name__}"
            raise TypeError(message)
        if text:
            self._speech.say(self._stream, text)
        return len(text)

    def reconfigure(self, **_: object) -> None:
        """Accept and ignore: the encoding is UTF-8."""

    def close(self) -> None:
        """Stay open."""


def show(value: object, speech: Speech) -> Shown:
    """Return a value in the richest form it offers."""
    bundle = _call(value, "_repr_mimebundle_")
    if isinstance(bundle, tuple):
        bundle = bundle[0]
    offered = cast("Mapping[str, object]", bundle) if isinstance(bundle, dict) else {}
    for method, mime, kind in _KINDS:
        data = offered.get(mime)
        if data is None:
            data = _call(value, method)
        if isinstance(data, tuple):  # (data, metadata)
            data = data[0]
        if isinstance(data, bytes | bytearray):
            data = base64.b64encode(data).decode("ascii")
        if isinstance(data, str) and data:
            speech.spend(len(data))
            return Shown(kind, speech.tidy(data))
    plain = offered.get("text/plain")
    if offered and not isinstance(plain, str) and type(value).__repr__ is object.__repr__:
        return Shown("html", f"{FOR_PROGRAMS}{offered}")
    text = plain if isinstance(plain, str) else _represent(value)
    speech.spend(len(text))
    return Shown("text", speech.tidy(text))


def _call(value: object, method: str) -> object:
    """Return what a method of the value gives; a class offers nothing, and a proxy may pretend to have any method."""
    if isinstance(value, type):
        return None
    function = getattr(type(value), method, None)
    return function(value) if callable(function) else None


def _represent(value: object) -> str:
    """Return the repr, over several lines where a container is long, as IPython does."""
    if type(value) in {list, tuple, dict, set, frozenset}:
        text = repr(value)
        if len(text) > 79:
            return pprint.pformat(value, width=79, compact=True, sort_dicts=False)
        return text
    return repr(value)


def flush_c() -> None:
    """Make C code hand over what it holds back in its own buffers."""
    ctypes = sys.modules.get("ctypes")
    if ctypes is not None:
        ctypes.CDLL(None).fflush(None)
