"""Regular expressions that are compiled when they are first used: several hundred are for what few posts hold.

To compile them all takes 40 ms of every start; one that is used costs a tenth more a call than one of `re.compile`, which
those that every post needs are made by.
"""

from __future__ import annotations

import re
from typing import cast


class _Later:
    """Stands for a pattern until one of its methods is asked for."""

    def __init__(self, text: str, flags: re.RegexFlag) -> None:
        self.pattern, self.flags = text, flags

    def __getattr__(self, name: str) -> object:
        found: object = getattr(re.compile(self.pattern, self.flags), name)
        self.__dict__[name] = found  # asked for once
        return found


def later(text: str, flags: re.RegexFlag = re.NOFLAG) -> re.Pattern[str]:
    """Return a pattern that is compiled by its first use; for its methods, not for functions of `re` that take one."""
    return cast("re.Pattern[str]", _Later(text, flags))
