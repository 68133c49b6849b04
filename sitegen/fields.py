"""YAML written by an author -> typed values with places: site.yml, front matter and cell options are all read here.

Nothing is constructed from YAML tags; a scalar is read by what its key wants (so `title: No` is the text "No"), and
dates stay text. Errors are collected, never raised, so that one bad key does not hide another.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import yaml

from sitegen.errors import Location, SiteError, suggestion
from sitegen.yaml_hints import glued_hint, yaml_hint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

Word = TypeVar("Word", bound=str)

LARGEST = 64 * 1024  # characters of YAML; the longest header seen in real blogs is under 3 kB
MOST_NODES = 5_000  # after aliases are followed, so that a "billion laughs" is refused
DEEPEST = 50  # values within values: a value that contains itself has no end

_TRUE = {"true", "yes", "on"}
_FALSE = {"false", "no", "off"}
_SCHEME = re.compile(r"(javascript:|vbscript:|data:)|[a-z][a-z+-]*:", re.IGNORECASE)
_OTHER_SITE = re.compile(
    r"(?:[\w-]+\.)+(?!(?:[a-z]?html?|[rq]?md|ipynb|pdf|xml)(?:[?#]|$))[a-z]{2,}(?:[/?#]|$)|www\.", re.IGNORECASE
)
_NULL = {"", "null", "~"}
_LANGUAGES = dict(
    pair.split("=")
    for pair in """
    english=en german=de deutsch=de french=fr français=fr spanish=es español=es italian=it portuguese=pt
    dutch=nl polish=pl russian=ru korean=ko kr=ko japanese=ja jp=ja chinese=zh cn=zh arabic=ar
    """.split()
)
"""Codes of languages by what authors take for one: names, and countries whose language has another code."""

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Entry(NamedTuple):
    """A key with its value: where the key stands, and where the value does."""

    node: yaml.Node
    key: Location
    place: Location


class Fields:
    """A YAML mapping whose values are asked for by type.

    Each method returns the default when the key is absent or null, and notes an error when the value is of another
    kind. `errors` is shared by nested mappings.
    """

    def __init__(self, node: yaml.MappingNode | None, path: str, first_line: int, errors: list[SiteError]) -> None:
        self._path = path
        self._first_line = first_line
        self.errors = errors
        self.location = self._place(node) if node else Location(path, first_line)
        self._entries: dict[str, _Entry] = {}
        self._repeated: dict[str, SiteError] = {}
        for key, value in node.value if node else ():
            name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
            if name in self._entries:
                self._repeated[name] = SiteError(f"`{name}` is given twice", self._place(key), "keep one of the two")
                self.errors.append(self._repeated[name])
            self._entries[name] = _Entry(value, self._place(key), self._place(value))

    def __contains__(self, key: str) -> bool:
        """Whether the key is there and not null."""
        return self._node(key) is not None

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys in the order they are written."""
        return iter(self._entries)

    def place(self, key: str) -> Location:
        """Return where the value of `key` stands."""
        return self._entries[key].place if key in self._entries else self.location

    def at(self, lines: Mapping[str, int]) -> Fields:
        """Return these fields with the keys at other lines: for a header that was not YAML."""
        for key in lines.keys() & self._entries.keys():
            place = Location(self._path, lines[key], 1)
            self._entries[key] = _Entry(self._entries[key].node, place, place)
        return self

    def over(self, base: Fields, only: Collection[str] | None = None) -> Fields:
        """Return these fields, completed by those of `base` that are not given here; by some of them where `only` says so."""
        taken = base._entries.keys() - self._entries.keys()
        for key in taken if only is None else taken & set(only):
            self._entries[key] = base._entries[key]
        return self

    def without_capitals(self, known: Collection[str]) -> None:
        """Let keys that are known but for their capitals be those, where nothing else is."""
        for key in list(self._entries):
            if key not in known and key.lower() in known and key.lower() not in self._entries:
                self._entries[key.lower()] = self._entries.pop(key)

    def error(self, key: str, message: str, hint: str = "") -> None:
        """Note an error about `key`."""
        self.errors.append(SiteError(message, self.place(key), hint))

    def text(self, key: str, default: str = "") -> str:
        """Return a scalar as it is written."""
        node = self._scalar(key, "text")
        return default if node is None else str(node.value).strip()

    def address(self, key: str) -> str:
        """Return where a link of the site leads: a whole address, a path from its top or a place of each page; none runs a script."""
        url = self.text(key)
        scheme = _SCHEME.match(url)
        if (scheme and scheme[1]) or _OTHER_SITE.match(url):
            hint = "write it whole, https://example.org/x, or from the top of the site, /about/"
            self.error(key, f"`{url}` is no address that works on every page", hint)
            return ""
        return url if scheme or not url or url.startswith(("/", "#")) else f"/{url.removeprefix('./')}"

    def flag(self, key: str, default: bool) -> bool:  # noqa: FBT001 - a default is read best in its place
        """Return true or false."""
        node = self._scalar(key, "true or false")
        if node is None or not node.value:
            return default
        word = {"1": "true", "0": "false"}.get(node.value, node.value.lower())
        if word not in _TRUE | _FALSE:
            self.error(key, f"`{key}` is `{node.value}`, but must be true or false")
            return default
        return word in _TRUE

    def number(self, key: str, default: float, minimum: float = 0, maximum: float = 1e9) -> float:
        """Return a number between the bounds."""
        node = self._scalar(key, "a number")
        if node is None or not node.value:
            return default
        try:
            number = float(node.value)
        except ValueError:
            self.error(key, f"`{key}` is `{node.value}`, but must be a number")
            return default
        if not minimum <= number <= maximum:
            self.error(key, f"`{key}` is {node.value}, but must be between {minimum:g} and {maximum:g}")
            return default
        return number

    def size(self, key: str, default: int) -> int:
        """Return a number of bytes, written as `500 MB` or `2 GB`."""
        node = self._scalar(key, "a size such as 500 MB")
        if node is None:
            return default
        match = re.fullmatch(r"(\d{1,12}(?:\.\d*)?)\s*([kmg]?)i?b?", node.value.strip().lower())
        if not match:
            self.error(key, f"`{key}` is `{node.value}`, but must be a size such as 500 MB")
            return default
        return int(float(match[1]) * {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}[match[2]])

    def rows(self, key: str) -> tuple[tuple[float, ...], ...]:
        """Return rows of numbers: `[[1, 2], [1]]`, or `[1, 2]` for one; also written as text."""
        node = self._node(key)
        if node is None:
            return ()
        text = re.sub(r"\s", "", node.value if isinstance(node, yaml.ScalarNode) else _flow(node))
        if re.fullmatch(r"\[(\[[\d.]+(,[\d.]+)*\](,(?!\])|(?=\])))+\]|\[[\d.]+(,[\d.]+)*\]", text):
            with suppress(ValueError):  # `1.2.3`
                rows = re.findall(r"\[([\d.,]+)\]", text)
                return tuple(tuple(float(number) for number in row.split(",")) for row in rows)
        self.error(key, f"`{key}` must be rows of numbers", "write one such as [[1, 1], [1]]")
        return ()

    def choice(self, key: str, choices: Collection[Word], default: Word) -> Word:
        """Return one of the words in `choices`."""
        written = self.text(key, default)
        found = next((word for word in choices if word == written), None)
        if found is None:
            listed = ", ".join(sorted(choices))
            self.error(key, f"`{key}` is `{written}`, but must be one of {listed}", suggestion(written, choices))
        return found or default

    def language(self, key: str, default: str = "") -> str:
        """Return the code of a language, as HTML wants it: `pt-BR`, also written `pt_BR`, by its name or by its country."""
        written = self.text(key, default).replace("_", "-")
        code = _LANGUAGES.get(written.lower(), written)
        if code and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", code):
            self.error(key, f"`{code}` is no code of a language", "write one such as en, de or pt-BR")
            return default
        return code

    def words(self, key: str, separator: str | None = None) -> tuple[str, ...]:
        """Return a list of texts; a scalar is split at commas, else at `separator` (None: white space, "": not)."""
        node = self._node(key)
        if node is None:
            return ()
        if isinstance(node, yaml.SequenceNode):
            nested = [
                part for item in node.value for part in (item.value if isinstance(item, yaml.SequenceNode) else [item])
            ]
            items = [item for item in map(_name_of, nested) if isinstance(item, yaml.ScalarNode)]
            if len(items) < len(nested):
                self.error(key, f"`{key}` must be a list of words")
            found = [str(item.value).strip() for item in items]
        elif isinstance(node, yaml.ScalarNode):
            if "," in node.value:
                found = [part.strip() for part in node.value.split(",")]
            else:
                found = node.value.split(separator) if separator != "" else [node.value.strip()]
        else:
            self.error(key, f"`{key}` must be a list of words")
            found = []
        return tuple(dict.fromkeys(word for word in found if word))

    def mapping(self, key: str) -> Fields:
        """Return a nested mapping; an empty one when the key is absent."""
        node = self._node(key)
        if node is not None and not isinstance(node, yaml.MappingNode):
            self.error(key, f"`{key}` must be a mapping of keys to values")
            node = None
        return Fields(node, self._path, self._first_line, self.errors)

    def mappings(self, key: str) -> list[Fields]:
        """Return a list of mappings."""
        node = self._node(key)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode) or any(not isinstance(n, yaml.MappingNode) for n in node.value):
            self.error(key, f"`{key}` must be a list of mappings")
            return []
        return [Fields(item, self._path, self._first_line, self.errors) for item in node.value]

    def is_mapping(self, key: str) -> bool:
        """Whether the value is a mapping."""
        return isinstance(self._node(key), yaml.MappingNode)

    def plain(self, key: str) -> object:
        """Return any value as texts, booleans, numbers, tuples and dicts."""
        return _plain(self._entries[key].node)

    def refuse_unknown(self, known: Collection[str], what: str, *, only_near: bool = False) -> None:
        """Note an error for every key outside `known`; with `only_near`, only for those that look like a slip."""
        if only_near:
            self.errors += self.slips(known, what)
            return
        for key, (_, place, _) in self._entries.items():
            if key not in known:
                hint = suggestion(key, known) or f"known are: {', '.join(sorted(known))}"
                self.errors.append(SiteError(f"unknown {what} `{key}`", place, hint))

    def slips(self, known: Collection[str], what: str) -> list[SiteError]:
        """Return an error for every key that looks like a slip of one of `known`."""
        found = []
        for key, (_, place, _) in self._entries.items():
            hint = suggestion(key, known) if key not in known and re.fullmatch(r"[a-z]{4,}", key) else ""
            if hint and _is_slip(key, hint.split("`")[1]):
                found.append(SiteError(f"unknown {what} `{key}`", place, hint))
        return found

    def forgive_repeated(self, read: Collection[str]) -> None:
        """Let the last of each key outside `read` count: PaperMod's own sample has one twice."""
        forgiven = [error for key, error in self._repeated.items() if key not in read]
        self.errors[:] = [error for error in self.errors if error not in forgiven]

    def _place(self, node: yaml.Node) -> Location:
        mark = node.start_mark
        return Location(self._path, self._first_line + mark.line, mark.column + 1)

    def _node(self, key: str) -> yaml.Node | None:
        """Return what is written for a key; None where that is nothing, or null."""
        node = self._entries[key].node if key in self._entries else None
        is_null = isinstance(node, yaml.ScalarNode) and not node.style and node.value.lower() in _NULL
        return None if is_null else node

    def _scalar(self, key: str, wanted: str) -> yaml.ScalarNode | None:
        node = self._node(key)
        if isinstance(node, yaml.SequenceNode) and len(node.value) <= 1:  # `slug: []`, as R writes what has no text
            node = node.value[0] if node.value else None
        if node is not None and not isinstance(node, yaml.ScalarNode):
            begins_list = wanted == "text" and getattr(node, "flow_style", False)
            hint = "put quotes around a text that begins with [ or {" if begins_list else ""
            self.error(key, f"`{key}` must be {wanted}", hint)
            return None
        return node


def read_fields(text: str, path: str, first_line: int = 1) -> tuple[Fields, list[SiteError]]:
    """Read YAML text that starts on line `first_line` of the file at `path`; what is not a mapping reads as empty."""
    errors: list[SiteError] = []
    nothing = Fields(None, path, first_line, errors)
    start = Location(path, first_line)
    if len(text) > LARGEST:
        return nothing, [SiteError(f"{len(text):,} characters of YAML; {LARGEST:,} are allowed", start)]
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        hint = yaml_hint(text, mark)
        if "quoted scalar" in str(getattr(error, "context", "")) and "escape" not in problem:  # told at the end of all
            mark, problem = getattr(error, "context_mark", mark), "the quote that is opened here is never closed"
            hint = "close it, or double a quote within single quotes: 'Newton''s method'"
        place = Location(path, first_line + mark.line, mark.column + 1) if mark else start
        return nothing, [SiteError(f"this is not YAML: {problem}", place, hint)]
    except RecursionError:
        return nothing, [SiteError("the YAML is nested too deeply", start)]
    if node is None:
        return nothing, errors
    if not isinstance(node, yaml.MappingNode):
        place = Location(path, first_line + node.start_mark.line, node.start_mark.column + 1)
        line = text.splitlines()[node.start_mark.line]
        return nothing, [SiteError("this must be a list of `key: value` lines", place, glued_hint(line))]
    count, deepest = _measure(node)
    if deepest:
        place = Location(path, first_line + deepest.start_mark.line, deepest.start_mark.column + 1)
        return nothing, [SiteError("the YAML is nested too deeply, or a value contains itself", place)]
    if count > MOST_NODES:
        return nothing, [SiteError(f"the YAML unfolds to more than {MOST_NODES:,} values", start, "use fewer aliases")]
    return Fields(node, path, first_line, errors), errors


def _measure(node: yaml.Node) -> tuple[int, yaml.Node | None]:
    """Return how many nodes there are with aliases followed, and one that lies too deep; giving up above the limits."""
    waiting, seen = [(node, 0)], 0
    while waiting and seen <= MOST_NODES:
        seen += 1
        current, depth = waiting.pop()
        if depth > DEEPEST:
            return seen, current
        if isinstance(current, yaml.MappingNode):
            waiting += [(part, depth + 1) for pair in current.value for part in pair]
        elif isinstance(current, yaml.SequenceNode):
            waiting += [(part, depth + 1) for part in current.value]
    return seen, None


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return {str(key.value): _plain(value) for key, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return tuple(_plain(item) for item in node.value)
    word = str(node.value)
    if isinstance(node, yaml.ScalarNode) and not node.style:  # written without quotes
        if word.lower() in _TRUE | _FALSE:
            return word.lower() in _TRUE
        if word.lower() in _NULL:
            return None
        if re.fullmatch(r"[-+]?\d{1,18}", word):
            return int(word)
        if re.fullmatch(r"[-+]?\d+\.\d*", word):
            return float(word)
    return word


def _is_slip(word: str, known: str) -> bool:
    """Whether a word is another with one letter too many, missing, wrong or swapped; two in a long one."""
    if sorted(word) == sorted(known):
        return True
    before = list(range(len(known) + 1))
    for row, letter in enumerate(word, 1):
        now = [row]
        for column, other in enumerate(known, 1):
            now.append(min(before[column] + 1, now[-1] + 1, before[column - 1] + (letter != other)))
        before = now
    return before[-1] <= (2 if len(known) > 7 else 1)


def _name_of(node: yaml.Node) -> yaml.Node:
    """Return the name in a mapping, as Ghost and Hashnode write tags, or else the node itself."""
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    return next((value for key, value in pairs if key.value == "name"), node)


def _flow(node: yaml.Node) -> str:
    """Return a list as it is written in brackets."""
    if isinstance(node, yaml.SequenceNode):
        return f"[{','.join(map(_flow, node.value))}]"
    return str(node.value)
