"""Formulas -> HTML with MathML, by KaTeX in one Node process that is started only for formulas never seen before."""
