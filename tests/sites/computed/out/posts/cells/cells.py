# Cells
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

# %%
total = sum(range(4))
print("printed", total)
total

# %%
import warnings

warnings.warn("mind", stacklevel=1)
[1, 2]

# %%
try:
    1 / 0
except Exception:
    import traceback
    traceback.print_exc()

# %%
hidden = 1

# %%
print("not shown")

# %%
claim("the sum of 0 to 3 is 6", total == 6)
