# Reads a file
#
# It reads files of the blog that are not beside its page: posts/numbers.txt.
# Computed with Python 1.2.3, numpy 1.2.3, matplotlib 1.2.3.

# %%
from pathlib import Path

Path("numbers.txt").read_text().split()
