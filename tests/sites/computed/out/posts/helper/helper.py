# Reads a file
#
# Computed with Python 3.11.7, numpy 2.4.6, matplotlib 3.11.2.

# %%
from pathlib import Path

Path("numbers.txt").read_text().split()
