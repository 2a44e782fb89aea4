"""What people must have read before they put something to use; told once, at the command that begins it."""

from typing import Final

BRIEF: Final = "before people are graded (fields on users), read docs/grading.md; [grading] individual = false switches it off"
"""For whoever writes a configuration."""

GRADING: Final = """\
Rep_Grade and the other fields on users judge named people at work. Before you put them to use:
  - the EU AI Act can make a system that evaluates workers a high-risk one (Annex III, 4 b); often a works council has a say first
  - a log shows neither private phones nor corridors nor mailboxes that are not connected; whoever is not captured is marked partial
  - switch it off with individual = false in [grading]; aggregates = true then keeps averages of teams; read docs/grading.md"""
"""For whoever creates the fields; docs/grading.md says the rest."""
