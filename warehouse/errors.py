"""What can go wrong with the warehouse.

WarehouseError
├── WarehouseBusy       another process holds the file
├── WarehouseFull       the disk is full
├── WarehouseShort      the engine may not take the memory it needs
└── WarehouseUnusable   not a warehouse file, no right to write, wrong URL
"""


class WarehouseError(Exception):
    """One line for the user: what, where, what to do."""


class WarehouseBusy(WarehouseError):
    """Another process has the file open."""


class WarehouseFull(WarehouseError):
    """The disk is full; the transaction was rolled back."""


class WarehouseShort(WarehouseError):
    """The engine needed more memory than it may take; the statement was rolled back."""


class WarehouseUnusable(WarehouseError):
    """The file or its folder cannot be used."""
