# Numbers
#
# Computed with Python 3.11.7, numpy 2.4.6, matplotlib 3.11.2.

# %% fig-drawn
import matplotlib.pyplot as plt

for n in (1, 2):
    plt.figure(figsize=(1, 1))
    plt.axis("off")
    plt.plot([0, n])

# %%
print("$$ z $$ {#eq-printed}\n\n| a |\n|---|\n| 1 |\n\n: Printed {#tbl-printed}\n\nBefore it: \\eqref{eq:later}.")
