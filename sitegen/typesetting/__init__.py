"""Formulas -> HTML with MathML, by KaTeX in one Node process that is started only for formulas never seen before.

`numbering` writes numbers into the TeX, `rewrites` applies the `rules` by which KaTeX can read it, `katex` talks to the
process, and `typeset` remembers. Diagrams go the same way, by `draw`.
"""
