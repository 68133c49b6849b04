"""The command: its arguments, the verbs, and what it says."""

from sitegen.cli.command import leave, main

__all__ = ["leave", "main"]
