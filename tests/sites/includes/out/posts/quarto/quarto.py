# Parts of a post
#
# Computed with Python 3.11.7, numpy 2.4.6, matplotlib 3.11.2.

# %%
y = 20

# %%
z = y + 1
