"""Assets by step: what was extracted (`raw`), every table built from it (`models`), what goes back (`activation`)."""

OWNERS = ["team:sales-operations"]
