"""Figures of a program: how they are found, dressed in a theme's inks, drawn as SVG or pictures, and described."""
