"""The folder of links that a program finds its files through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sitegen.running.watched.mirror import Mirror

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_that_was_moved_away_meanwhile_is_empty(tmp_path: Path) -> None:
    """A post is renamed while the preview builds: its program fails or not, and the next build knows better."""
    (tmp_path / "blog" / "data").mkdir(parents=True)
    mirror = Mirror(tmp_path / "blog", "posts/a", tmp_path / "room")
    assert [path.name for path in mirror.here.iterdir()] == []
    assert (tmp_path / "room" / "data").is_symlink()
