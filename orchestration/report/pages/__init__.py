"""The pages, one module each: what is asked of the warehouse, and which blocks show it."""
