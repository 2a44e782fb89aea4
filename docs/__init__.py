"""Documentation; `build.py` writes the pages that follow from the code."""
