"""What a program that writes into the worker's pipe may say: nothing that ends the build."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sitegen.running.messages import HEAD, Garbled, Inbox, decode_observations, decode_result
from sitegen.running.underway import Underway, _kept, _take

if TYPE_CHECKING:
    from sitegen.running.messages import Frame

FIGURE = {"width": 1, "height": 1, "alt": "", "themed": True, "svg": "comes"}


def frame(head: bytes | dict[str, object]) -> Frame:
    data = head if isinstance(head, bytes) else json.dumps({"kind": "result", **head}).encode()
    (found,) = Inbox(0).feed(HEAD.pack(len(data), 0) + data)
    return found


@pytest.mark.parametrize("number", ["NaN", "1e999", "9" * 400, '"1"', "null"])
def test_what_is_no_number_is_refused(number: str) -> None:
    said = frame(b'{"kind": "slider", "start": %s}' % number.encode())
    with pytest.raises(Garbled):
        said.number("start")
    with pytest.raises(Garbled):
        said.amount("start")
    with pytest.raises(Garbled):
        decode_result(frame({"type": "Figure", "fields": {**FIGURE, "width": json.loads(number)}}))


def test_a_figure_of_less_than_nothing_is_refused() -> None:
    assert decode_result(frame({"type": "Figure", "fields": FIGURE}))
    with pytest.raises(Garbled):
        decode_result(frame({"type": "Figure", "fields": {**FIGURE, "height": -1}}))


def test_what_is_nested_without_end_is_refused() -> None:
    with pytest.raises(Garbled):
        frame(b"[" * 100_000)


def test_names_that_are_no_text_of_unicode_are_refused() -> None:
    with pytest.raises(Garbled):
        decode_result(frame({"type": "Printed", "fields": {"text": "", "stream": "\ud800"}}))
    with pytest.raises(Garbled):
        decode_observations(frame({"rows": [["\ud800", "a", "b", 1]]}))


@pytest.mark.parametrize("start", [-3, 2])
def test_a_slider_that_begins_at_no_frame_is_refused(start: int) -> None:
    nothing: Any = None
    run = Underway(0, nothing, nothing, nothing, nothing, nothing, nothing, 0, 0)
    for said in ("step", "slider", "frame", "frame"):
        _take(run, frame({"kind": said, "start": start, "axes": [["a", ["1", "2"]]]}), str)
    with pytest.raises(Garbled):
        _take(run, frame({"kind": "slid", "seconds": 1}), str)


def test_an_animation_whose_still_picture_is_another_kind_of_figure_is_refused() -> None:
    film = {"frames": 2, "seconds": 1}
    good = decode_result(frame({"type": "Animation", "fields": {**film, "still": {**FIGURE, "svg": ""}}}))
    assert _kept(good, "abcd") != good
    with pytest.raises(Garbled):
        _kept(decode_result(frame({"type": "Animation", "fields": {**film, "still": FIGURE}})), "abcd")
