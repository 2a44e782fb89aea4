"""Which rows a results request means: locators, page sizes, and the list of pages for parallel download.

A locator is opaque to clients: the first row and the page size, in base64. It stays valid as long as its job exists.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Any

from connectors.sandbox.salesforce.bulk.sheet import Page, Sheet
from connectors.sandbox.salesforce.errors import SalesforceError

END = "null"
PAGE_ROWS = 50_000
LISTED_PAGES = 5
_PLAIN = re.compile(r"(\d{1,12})-(\d{1,12})")


@dataclass(frozen=True)
class Locator:
    """A place in a result: `size` rows from row `first` on."""

    first: int = 0
    size: int = PAGE_ROWS

    @classmethod
    def parse(cls, locator: str | None, max_records: str | None, default_size: int) -> Locator:
        """From the request's parameters; `maxRecords` overrides the size a locator carries.

        Raises:
            SalesforceError: INVALID_QUERY_LOCATOR or INVALIDPARAMETER when either is no such thing.
        """
        first, size = _decode(locator) if locator else (0, default_size)
        return cls(first, _rows(max_records) if max_records is not None else size)

    @property
    def next(self) -> Locator:
        return Locator(self.first + self.size, self.size)

    def text(self) -> str:
        """As the client carries it."""
        return base64.urlsafe_b64encode(f"{self.first}-{self.size}".encode()).decode().rstrip("=")


def page_at(sheet: Sheet, place: Locator) -> tuple[Page, str]:
    """A page and the locator of the one after it (the text `null` at the end)."""
    following = place.next
    return sheet.page(place.first, place.size), following.text() if following.first < sheet.rows else END


def page_list(sheet: Sheet, place: Locator, results_url: str) -> dict[str, Any]:
    """Up to five result addresses from `place` on, and where the list goes on."""
    urls: list[dict[str, str]] = []
    while len(urls) < LISTED_PAGES and (place.first < sheet.rows or not urls):
        urls.append({"resultUrl": f"{results_url}?locator={place.text()}"})
        place = place.next
    done = place.first >= sheet.rows
    following = None if done else f"{results_url.removesuffix('results')}resultPages?locator={place.text()}"
    return {"resultPages": urls, "nextRecordsUrl": following, "done": done}


def _decode(text: str) -> tuple[int, int]:
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        plain = ""
    match = _PLAIN.fullmatch(plain)
    if not match or int(match[2]) < 1:
        raise SalesforceError("INVALID_QUERY_LOCATOR", f"invalid query locator: {text}")
    return int(match[1]), int(match[2])


def _rows(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise SalesforceError("INVALIDPARAMETER", f"maxRecords must be a positive integer: {text}")
    return int(text)
