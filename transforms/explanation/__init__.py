"""`guanxi explain`: a record's figures with the terms to recompute them from, or as they stood on a past day; in English or Chinese."""
