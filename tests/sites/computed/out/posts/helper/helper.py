# Reads a file
#
# It reads files of the blog that are not beside its page: posts/numbers.txt.
# Computed with Python 3.11.7, numpy 2.4.6, matplotlib 3.11.2.

# %%
from pathlib import Path

Path("numbers.txt").read_text().split()
