"""What other programs write beside Markdown: notebooks, Liquid, shortcodes, MDX, knitr's chunks. Rewritten before Markdown is read."""
