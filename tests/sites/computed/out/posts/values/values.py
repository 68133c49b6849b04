# Values in formulas
#
# Computed with Python 1.2.3, numpy 1.2.3, matplotlib 1.2.3.

# %%
slope = 2.5
