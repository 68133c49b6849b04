# Numbers
#
# Computed with Python 1.2.3, numpy 1.2.3, matplotlib 1.2.3.

# %% fig-drawn
import matplotlib.pyplot as plt

for n in (1, 2):
    plt.figure(figsize=(1, 1))
    plt.axis("off")
    plt.plot([0, n])

# %%
print("$$ z $$ {#eq-printed}\n\n| a |\n|---|\n| 1 |\n\n: Printed {#tbl-printed}\n\nBefore it: \\eqref{eq:later}.")
