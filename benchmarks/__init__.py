"""Comparisons with other ways of doing the same work, as ratios; run by `make bench`, asserted nowhere."""
