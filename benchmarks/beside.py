"""Prints what our builds cost beside those of peers with the same posts, as ratios of runs taken in turn."""

from __future__ import annotations

import shutil
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.cost import PROJECT, CommandError, Cost, forget, measure, ours
from benchmarks.peers import Peer, PeerError, check

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True)
class Corpus:
    """A blog to be built. what: its posts in words. mark, each: what our page of a post holds, and how many of it, as in a peer's."""

    blog: Path
    what: str
    mark: str
    each: int


def against_peers(corpus: Corpus, peers: Iterable[Peer], folder: Path) -> bool:
    """Print rows for each peer once they are known; return whether all were measured that could be expected to."""
    whole = True
    for peer in peers:
        if peer.missing():
            print(f"{corpus.what}: {peer.name} is left out, since there is no {peer.tool}", flush=True)
            continue
        try:
            _against(corpus, peer, folder / peer.name)
        except PeerError as error:
            whole = False
            print(f"{corpus.what}: {peer.name} could not be measured: {error}", flush=True)
        shutil.rmtree(folder / peer.name, ignore_errors=True)
    return whole


def _against(corpus: Corpus, peer: Peer, place: Path) -> None:
    peer.prepare(corpus.blog / "posts", place)
    cold: list[tuple[Cost, Cost]] = []
    again: list[tuple[Cost, Cost]] = []
    for _ in range(peer.rounds):
        peer.forget(place)
        forget(corpus.blog)
        cold.append((measure(ours(corpus.blog), PROJECT), _built(peer, place)))
        measure(ours(corpus.blog), PROJECT)
        again.append((measure(ours(corpus.blog), PROJECT), _built(peer, place)))
    check(corpus.blog / "posts", place / peer.output, peer.mark, corpus.each)
    check(corpus.blog / "posts", corpus.blog / "_site" / "posts", corpus.mark, corpus.each)
    note = f" ({peer.note})" if peer.note else ""
    print(f"{corpus.what}, ours / {peer.name}'s{note}:")
    _row("cold, wall", [(us.wall, them.wall) for us, them in cold], "s")
    _row("cold, CPU", [(us.cpu, them.cpu) for us, them in cold], "s")
    _row("cold, memory of all processes", [(us.memory / 1e6, them.memory / 1e6) for us, them in cold], "MB")
    _row("nothing changed, wall", [(us.wall, them.wall) for us, them in again], "s")


def _built(peer: Peer, place: Path) -> Cost:
    try:
        return measure(peer.command(place), place)
    except CommandError as error:
        raise PeerError(str(error).splitlines()[-1]) from error


def _row(name: str, costs: list[tuple[float, float]], unit: str) -> None:
    """Print a ratio, the median of those of each round; all, where there are more; and what they are of."""
    ratios = [us / them for us, them in costs]
    every = f" ({', '.join(f'{ratio:.2f}' for ratio in ratios)})" if len(ratios) > 1 else ""
    us, them = (f"{statistics.median(side):.{2 if unit == 's' else 0}f} {unit}" for side in zip(*costs, strict=True))
    print(f"  {name}: {statistics.median(ratios):.2f}{every}, {us} / {them}", flush=True)
