"""Regular expressions that are compiled when they are first used: one with many signs takes 5 ms, and few posts need it."""

from __future__ import annotations

import re
from typing import cast


class _Later:
    """Stands for a pattern until it is asked for anything."""

    def __init__(self, text: str, flags: re.RegexFlag) -> None:
        self._text, self._flags = text, flags

    def __getattr__(self, name: str) -> object:
        found: object = getattr(re.compile(self._text, self._flags), name)
        self.__dict__[name] = found  # asked for once
        return found


def later(text: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Return a pattern that is compiled by its first use; for its methods, not for functions of `re` that take one."""
    return cast("re.Pattern[str]", _Later(text, flags))
