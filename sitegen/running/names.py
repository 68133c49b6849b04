"""What a program meant by a name, or a call, of `sitegen.numerics` that is not so: an exception in, a hint out."""

from __future__ import annotations

import inspect
import re
import sys
import traceback
from difflib import get_close_matches
from typing import Any

MODULE = "sitegen.numerics"
_ABSENT = re.compile(
    rf"cannot import name '(\w+)' from '{re.escape(MODULE)}'|module '{re.escape(MODULE)}' has no attribute '(\w+)'"
    rf"|cannot import name '(\w+)' from '{re.escape(MODULE)}\.plots'"
)
_NOT_LOADED = "module 'sitegen' has no attribute 'numerics'"
_CALLED = re.compile(r"(\w+)\(\) (?:got an unexpected|got multiple|got some|takes|missing)\b")
_SLOPE = re.compile(r"^(?:d_?|grad_|gradient_)(?=\w)|_(?:derivative|deriv|grad|gradient|prime|backward)$")
_ELSEWHERE = {
    theirs: ours
    for ours, others in {
        "attention": "scaleddotproductattention",
        "binary_cross_entropy": "bce",
        "binary_cross_entropy_from_logits": "bcewithlogits binarycrossentropywithlogits",
        "check_gradient": "gradcheck gradientcheck gradientchecking",
        "convolution": "conv2d",
        "cosine": "cosineannealing cosinedecay cosineschedule",
        "cross_entropy": "categoricalcrossentropy nll sparsecategoricalcrossentropy",
        "cross_entropy_from_logits": "crossentropywithlogits softmaxcrossentropy softmaxcrossentropywithlogits sparsesoftmaxcrossentropywithlogits",
        "entropy": "shannonentropy",
        "ewma": "ema",
        "focal_from_logits": "focal",
        "huber": "smoothl1",
        "info_nce": "infonce",
        "js_divergence": "jsd",
        "kl_divergence": "kl kldiv",
        "layer_norm": "layernormalization",
        "leaky_relu": "lrelu",
        "linear": "dense",
        "mean_absolute_error": "l1 mae",
        "mean_squared_error": "mse",
        "momentum": "heavyball",
        "nesterov": "nag",
        "numerical_vjp": "approxfprime centraldifference finitedifference numericalgrad numericalgradient",
        "one_hot": "tocategorical",
        "sgd": "gd gradientdescent",
        "sigmoid": "expit logistic",
        "silu": "swish",
    }.items()
    for theirs in others.split()
}
"""What others call it, in small letters alone -> what it is called here."""
PLOTS = ("activation", "decision_boundary", "levels", "simplex", "surface")
_DRAWN = dict.fromkeys("contour contours plotcontour plotcontours plots".split(), "levels")
_NONE = inspect.Parameter.empty
_LONGEST = 20  # signs of a default that says something


def meant(error: BaseException, said: str) -> str:
    """Return what to write instead of a name or a call that the numerics do not have; "" for any other exception."""
    if isinstance(error, AttributeError) and said.startswith(_NOT_LOADED):
        return f"write `import {MODULE}`"
    module = sys.modules.get(MODULE)
    if module is None:
        return ""
    if isinstance(error, ImportError | AttributeError) and (absent := _ABSENT.search(said)):
        return _called_here(absent[1] or absent[2] or absent[3], list(module.__all__))
    if isinstance(error, TypeError) and (called := _CALLED.match(said)):
        function = _function(error, called[1])
        return f"`{called[1]}{_arguments(function)}` is how it is called" if function else ""
    return ""


def _called_here(name: str, known: list[str]) -> str:
    drawn = _DRAWN.get(_letters(name), name.removeprefix("plot_"))
    if drawn in PLOTS:
        return f"`from {MODULE}.plots import {drawn}`: what draws stands by itself"
    small = {_letters(one): one for one in known if not one.isupper()}  # a constant is not called
    slope, letters = "_vjp" if _SLOPE.search(name) else "", _letters(_SLOPE.sub("", name))
    whole = _letters(name)
    if found := small.get(whole, _ELSEWHERE.get(whole, "")):
        return f"here it is `{found}`"
    for one in (letters, letters.removeprefix("make"), letters.removesuffix("loss")):
        found = small.get(one, _ELSEWHERE.get(one, ""))
        if found and found + slope in known:
            return f"here it is `{found}{slope}`"
    near = get_close_matches(whole, small, n=1, cutoff=0.75)
    return f"did you mean `{small[near[0]]}`?" if near else "docs/numerics.md lists what there is"


def _letters(name: str) -> str:
    return name.lower().replace("_", "")


def _function(error: TypeError, name: str) -> Any:  # noqa: ANN401 - whatever a program calls by that name
    """Return the function of the numerics that was called so, if it is one, where the exception came up."""
    last = next(reversed(list(traceback.walk_tb(error.__traceback__))), None)
    if last is None:
        return None
    seen = {**last[0].f_globals, **last[0].f_locals}
    within = (vars(one).get(name) for one in list(seen.values()) if inspect.ismodule(one))
    candidates = [one for one in (seen.get(name), *within) if inspect.isfunction(one)]
    return next((one for one in candidates[:1] if one.__module__.startswith(MODULE + ".")), None)


def _arguments(function: Any) -> str:  # noqa: ANN401 - as above
    signature = inspect.signature(function)
    return str(signature.replace(parameters=[*map(_plain, signature.parameters.values())], return_annotation=_NONE))


def _plain(one: inspect.Parameter) -> inspect.Parameter:
    is_long = one.default is not _NONE and len(repr(one.default)) > _LONGEST
    return one.replace(annotation=_NONE, default=_Etc() if is_long else one.default)


class _Etc:
    def __repr__(self) -> str:
        return "..."
