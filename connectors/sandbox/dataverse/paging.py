"""Paging cookies and the links that carry them.

A link is the request's own address with a `$skiptoken`: a piece of XML whose `pagingcookie` is encoded once more. A client that decodes
or re-encodes it on its way loses the page, as with the real service. Pages are not a snapshot: each is a fresh query after the last key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self
from urllib.parse import quote, unquote

from connectors.sandbox.dataverse.api import Incoming
from connectors.sandbox.dataverse.errors import INVALID_ARGUMENT, DataverseError

_OUTER: Final = re.compile(r'<cookie pagenumber="(\d+)" pagingcookie="([^"<>]*)" istracking="(True|False)" />')
_INNER: Final = re.compile(r'<cookie page="\d+"><(\w+) last="\{([^}"<>]*)\}" first="\{[^}"<>]*\}" /></cookie>')
_PAGING: Final = ("$skiptoken", "$deltatoken")


@dataclass(frozen=True)
class Cookie:
    """Where the next page begins: its number, and the last value of the column the walk follows."""

    page: int
    column: str
    last: str
    tracking: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """The cookie of a `$skiptoken`; raises DataverseError (400) when it was tampered with."""
        outer = _OUTER.fullmatch(text)
        inner = _INNER.fullmatch(unquote(outer[2])) if outer else None
        if outer is None or inner is None:
            raise DataverseError(INVALID_ARGUMENT, "Malformed XML in the Paging Cookie.")
        return cls(int(outer[1]), inner[1], inner[2], outer[3] == "True")

    def __str__(self) -> str:
        value = f'<cookie page="{self.page - 1}"><{self.column} last="{{{self.last}}}" first="{{{self.last}}}" /></cookie>'
        return f'<cookie pagenumber="{self.page}" pagingcookie="{quote(value, safe="")}" istracking="{self.tracking}" />'


def next_link(incoming: Incoming, cookie: Cookie) -> str:
    """The address of the next page."""
    return _link(incoming, "$skiptoken", quote(str(cookie), safe="=/"))


def delta_link(incoming: Incoming, token: str) -> str:
    """The address that gives what changed since now; the selected columns stay those of this request."""
    return _link(incoming, "$deltatoken", quote(token, safe=""))


def _link(incoming: Incoming, name: str, value: str) -> str:
    kept = [item for item in incoming.query.split("&") if item and unquote(item.partition("=")[0]) not in _PAGING]
    return f"{incoming.root}{quote(incoming.path, safe='()/')}?{'&'.join([*kept, f'{name}={value}'])}"
