"""Numerics for the programs in posts: functions, losses, optimizers, layers, data and checks, on numpy alone.

A function `f(x, ...)` comes with `f_vjp(x, ..., g)`, the gradient of `sum(g * f(x, ...))` with respect to its first
argument, or for a layer to each of its arrays. Nothing here draws, prints or keeps state; randomness is an argument
`rng`. Drawing is in `sitegen.numerics.plots`, which imports matplotlib and is not imported here.
"""

from sitegen.numerics import (
    contrastive,
    cross_entropies,
    data,
    distributions,
    divergences,
    focal,
    functions,
    gated,
    gradcheck,
    layers,
    losses,
    norms,
    optim,
    schedules,
    surfaces,
    training,
)
from sitegen.numerics.contrastive import *
from sitegen.numerics.cross_entropies import *
from sitegen.numerics.data import *
from sitegen.numerics.distributions import *
from sitegen.numerics.divergences import *
from sitegen.numerics.focal import *
from sitegen.numerics.functions import *
from sitegen.numerics.gated import *
from sitegen.numerics.gradcheck import *
from sitegen.numerics.layers import *
from sitegen.numerics.losses import *
from sitegen.numerics.norms import *
from sitegen.numerics.optim import *
from sitegen.numerics.schedules import *
from sitegen.numerics.surfaces import *
from sitegen.numerics.training import *

__all__ = (
    functions.__all__
    + gated.__all__
    + distributions.__all__
    + losses.__all__
    + cross_entropies.__all__
    + divergences.__all__
    + focal.__all__
    + contrastive.__all__
    + optim.__all__
    + schedules.__all__
    + layers.__all__
    + norms.__all__
    + training.__all__
    + data.__all__
    + surfaces.__all__
    + gradcheck.__all__
)
