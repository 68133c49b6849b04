"""Peers to be measured beside: generators that build the same posts, each installed into a folder of its own on first use.

FORMULAS build posts full of formulas, FIGURES posts whose code draws. `peer.py` says what a peer is and how its pages are checked.
"""

from benchmarks.peers.drawing import DRAWING as FIGURES
from benchmarks.peers.peer import Peer, PeerError, check
from benchmarks.peers.plain import PLAIN
from benchmarks.peers.setting import SETTING

FORMULAS = (*SETTING, *PLAIN)

__all__ = ["FIGURES", "FORMULAS", "Peer", "PeerError", "check"]
