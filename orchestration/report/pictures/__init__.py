"""Drawings as inline SVG: they print, scale to a phone and need no script."""
