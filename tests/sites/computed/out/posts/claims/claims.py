# Claims
#
# Computed with Python 1.2.3, numpy 1.2.3, matplotlib 1.2.3.

# %% given by the page
import numpy
def claim(statement, holds, detail=""):
    """Check a statement, as the build of the page does."""
    if isinstance(holds, str):
        statement, holds = holds, statement
    assert numpy.all(holds), f"does not hold: {statement}"
    print("holds:", statement, detail)
def claim_close(statement, a, b, rtol=1e-7, atol=0.0, equal_nan=False, detail=""):
    """Check that two results agree, as the build of the page does."""
    numpy.testing.assert_allclose(a, b, rtol, atol, equal_nan, err_msg=f"does not hold: {statement}")
    print("holds:", statement, detail)
def claim_gradient(statement, f, gradient, x, rtol=1e-6, detail=""):
    """Check a gradient against central differences, in every entry of x."""
    import inspect
    x = numpy.array(x, dtype=float)
    g = numpy.ones(numpy.shape(f(x)))
    claimed = gradient(x, g) if len(inspect.signature(gradient).parameters) > 1 else gradient(x)
    measured = numpy.empty_like(x)
    for i in numpy.ndindex(x.shape):
        h = numpy.zeros_like(x)
        h[i] = 6e-6 * max(1, abs(x[i]))
        measured[i] = numpy.sum(numpy.asarray(f(x + h)) - numpy.asarray(f(x - h))) / (2 * h[i])
    numpy.testing.assert_allclose(claimed, measured, rtol, rtol, err_msg=f"does not hold: {statement}")
    print("holds:", statement, detail)

# %%
import numpy as np

p = np.full((4, 5), 0.2)
claim("each row sums to one, $\\sum_i p_i = 1$", np.isclose(p.sum(-1), 1))
claim_close("the *whole* sums to four", p.sum(), 4, detail="float64")
claim_gradient("the square has twice its argument as its gradient", np.square, lambda x, g: 2 * x * g, p)
