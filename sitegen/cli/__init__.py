"""The command: its arguments, the verbs, and what it says."""

from sitegen.cli.command import main

__all__ = ["main"]
