"""Modules that a library imports and we never use, loaded only if somebody does.

`importlib.util.LazyLoader` does not do here: on Python 3.11 a plain `import altair` is already a use to it.
"""

import sys
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any


def import_later(name: str) -> None:
    """Put off loading the module `name`; does nothing when it is loaded, or not installed."""
    if name in sys.modules or find_spec(name) is None:
        return

    def first_use(attribute: str) -> Any:
        if sys.modules.get(name) is later:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    later = sys.modules[name] = ModuleType(name)
    later.__getattr__ = first_use  # type: ignore[method-assign]
    package, _, child = name.rpartition(".")
    if package:
        setattr(sys.modules[package], child, later)
