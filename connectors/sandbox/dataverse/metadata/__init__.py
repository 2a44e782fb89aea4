"""The schema as the service shows it: definitions of tables and columns (`definitions`, `attributes`), queries over them (`select`),
the entity model (`csdl`) and the addresses (`routes`). Making columns is not here: it belongs to what writes.
"""
