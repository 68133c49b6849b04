# Parts of a post
#
# Computed with Python 1.2.3, numpy 1.2.3, matplotlib 1.2.3.

# %%
y = 20

# %%
z = y + 1
