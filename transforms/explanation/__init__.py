"""`guanxi explain`: every figure of a record with the terms a reader can recompute it from, in English or Chinese."""
