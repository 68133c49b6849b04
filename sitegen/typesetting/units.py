r"""Numbers and units as siunitx writes them, `\SI{3e5}{\metre\per\second}` -> TeX: a rule beside those of rules.py."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sitegen.later import later
from sitegen.tex import group_end, option_end, skip_blanks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sitegen.tex import Edit
    from sitegen.typesetting.rule import Context

_COMMAND = later(r"\\(SIrange|SI|si|num|unit|qtyrange|qty|ang)(?![a-zA-Z])")
_NUMBER = later(
    r"\s*(?P<sign>[+-]|\\pm)?\s*(?P<digits>[\d\s]*[.,]?[\d\s]*)(?:\((?P<last>\d+)\))?(?:\s*(?:\+-|\\pm)\s*(?P<about>[\d.,]+))?"
    r"\s*(?:[eEdD]\s*(?P<power>[+-]?\d+))?\s*"
)
_PART = later(r"\\([a-zA-Z]+)|\^(?:\{([^{}]*)\}|(-?\d))|([.~*])|(/)|([^\\^.~*/\s{}]+)")


def _pairs(text: str) -> dict[str, str]:
    """Return what stands on both sides of the signs of equality in words."""
    return dict(word.split("=") for word in text.split())


_PREFIXES = _pairs(
    "quecto=q ronto=r yocto=y zepto=z atto=a femto=f pico=p nano=n micro=\N{MICRO SIGN} milli=m centi=c deci=d deca=da hecto=h"
    " kilo=k mega=M giga=G tera=T peta=P exa=E deka=da zetta=Z yotta=Y kibi=Ki mebi=Mi gibi=Gi tebi=Ti"
)
_UNITS = _pairs(
    "metre=m meter=m litre=L liter=L celsius=°C degreeCelsius=°C degree=° arcdegree=° gram=g gramme=g second=s"
    " ampere=A kelvin=K mole=mol candela=cd hertz=Hz newton=N pascal=Pa joule=J watt=W coulomb=C volt=V farad=F"
    " ohm=Ω siemens=S weber=Wb tesla=T henry=H lumen=lm lux=lx becquerel=Bq gray=Gy sievert=Sv katal=kat"
    " radian=rad steradian=sr minute=min hour=h day=d hectare=ha tonne=t bar=bar atm=atm electronvolt=eV dalton=Da"
    " angstrom=Å bel=B decibel=dB neper=Np percent=\\% bit=bit byte=B arcminute=\N{PRIME} arcsecond=″ atomicmassunit=u"
    " kilogram=kg"
)
_SHORT = later(rf"([fpnumcdhkMGT]?)({'|'.join(sorted(set(filter(str.isalpha, _UNITS.values()))))})")  # `\kHz`, `\um`
_POWERS = {"square": "2", "squared": "2", "cubic": "3", "cubed": "3"}


def quantities(tex: str, context: Context) -> Iterator[Edit]:
    r"""`\SI{3e5}{\metre\per\second}`, `\si{m/s}`, `\num{1e-3}`, `\qty{5}{\kilo\gram}`, `\unit{}`, `\ang{30}`, of siunitx."""
    after = 0
    for match in _COMMAND.finditer(tex):
        if match.start() < after or f"\\{match[1]}" in context.arguments:
            continue
        arguments, end = _arguments(tex, match.end(), {"SI": 2, "qty": 2, "SIrange": 3, "qtyrange": 3}.get(match[1], 1))
        if arguments:  # `\qty{x}` alone is of the package physics
            after = end
            yield match.start(), end, f"{{{_written(match[1], arguments)}}}"


def _arguments(tex: str, position: int, count: int) -> tuple[list[str], int]:
    """Return (the groups after a command, their end); no groups where there are fewer than it takes."""
    position = option_end(tex, position) or position
    found: list[str] = []
    while len(found) < count:
        start = skip_blanks(tex, position)
        end = group_end(tex, start)
        if end is None:
            return [], position
        found.append(tex[start + 1 : end - 1])
        position = end
    return found, position


def _written(name: str, arguments: list[str]) -> str:
    if name in {"si", "unit"}:
        return _unit(arguments[0])
    if name == "num":
        return _number(arguments[0])
    if name == "ang":
        return "".join(
            f"{_number(part)}{sign}" for part, sign in zip(arguments[0].split(";"), "°\N{PRIME}″", strict=False) if part
        )
    *numbers, unit = arguments
    unit = _unit(unit)
    between = "" if unit in {r"\mathrm{°}", "\\mathrm{\N{PRIME}}"} else r"\,"
    return r"\text{ to }".join(f"{_number(number)}{between}{unit}" for number in numbers)


def _number(text: str) -> str:
    r"""Return `1.5 \times 10^{3}` for `1.5e3`; what is no number stays as it is."""
    match = _NUMBER.fullmatch(text)
    if not match or not (match["digits"].strip() or match["power"]):
        return text.replace(" x ", r" \times ")
    digits = _grouped("".join(match["digits"].split()).replace(",", "."))
    value = f"{match['sign'] or ''}{digits}" + f"({match['last']})" * bool(match["last"])
    value += f" \\pm {match['about']}" if match["about"] else ""
    if not match["power"]:
        return value
    power = f"10^{{{match['power'].removeprefix('+')}}}"
    value = f"({value})" if match["about"] else value
    return f"{value} \\times {power}" if digits else f"{match['sign'] or ''}{power}"


def _grouped(digits: str) -> str:
    r"""Return a number with `\,` between its groups of three digits, where a part of it has five or more."""
    whole, point, part = digits.partition(".")
    if len(whole) > 4:
        whole = re.sub(r"(?<=\d)(?=(?:\d{3})+$)", r"\\,", whole)
    if len(part) > 4:
        part = re.sub(r"(\d{3})(?=\d)", r"\1\\,", part)
    return f"{whole}{point}{part}"


def _unit(text: str) -> str:
    r"""Return a unit upright, `\mathrm{m}\,\mathrm{s}^{-1}`."""
    parts: list[list[str]] = []  # (letters, power) of each
    prefix, power, is_below = "", "", False
    position = 0
    while match := _PART.search(text, position):
        position = match.end()
        name = match[1]
        if name in {"tothe", "raiseto"}:
            end = group_end(text, position) or position
            given, position = text[position + 1 : end - 1], end
            if name == "raiseto":
                power = given
            elif parts:
                parts[-1][1] = _below(given, below=parts[-1][1].startswith("-"))
        elif name in _POWERS and name.endswith("d"):
            if parts:
                parts[-1][1] = _below(_POWERS[name], below=parts[-1][1].startswith("-"))
        elif name in _POWERS:
            power = _POWERS[name]
        elif name == "per" or match[5]:
            is_below = True
        elif name in _PREFIXES:
            prefix += _PREFIXES[name]
        elif match[2] or match[3]:
            if parts:
                parts[-1][1] = _below(match[2] or match[3], below=parts[-1][1].startswith("-"))
        elif not match[4]:
            short = _SHORT.fullmatch(name or "")
            unit = short[1].replace("u", "\N{MICRO SIGN}") + short[2] if short else f"\\{name}" if name else match[6]
            letters = _UNITS.get(name, unit)
            parts.append([prefix + letters, _below(power, below=is_below)])
            prefix, power, is_below = "", "", False
    parts += [[prefix, ""]] if prefix else []
    return r"\,".join(f"\\mathrm{{{letters}}}" + f"^{{{raised}}}" * bool(raised) for letters, raised in parts)


def _below(power: str, *, below: bool) -> str:
    return f"-{power or '1'}" if below and not power.startswith("-") else power
