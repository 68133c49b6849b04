"""What all that is made of the logistic function shares: the odds of its two sides."""

import numpy as np

from sitegen.numerics.arrays import Array


def odds(x: Array) -> tuple[Array | float, Array]:
    """Return a and b with sigmoid(x) = a / (a + b) and sigmoid(-x) = b / (a + b): positive, and their squares no overflow.

    They are 1 and exp(-x), but exp(x) and 1 on the left, where exp(-x) overflows from x = -710 down.
    """
    if x.size and np.min(x) > -40:  # in single precision exp(80) is still a number
        return 1.0, np.exp(-x)
    decay = np.exp(-np.abs(x))
    return np.maximum(decay, x >= 0), np.maximum(decay, x <= 0)
