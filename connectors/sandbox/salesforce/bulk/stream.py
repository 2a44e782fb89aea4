"""Sends a page at disk speed: a megabyte at a time off the event loop, gzip at level 1 when the client asks for it."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator, Mapping

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import StreamingResponse

from connectors.sandbox.salesforce.bulk.sheet import Page

CSV = "text/csv; charset=UTF-8"
_GZIP_WINDOW = 31


def page_response(request: Request, page: Page, headers: Mapping[str, str], cut_rows: Page | None = None) -> StreamingResponse:
    """The answer holding a page; `cut_rows` is what is really sent when a fault cuts it, under the whole page's headers."""
    sent = cut_rows or page
    if "gzip" in request.headers.get("accept-encoding", ""):
        return StreamingResponse(_chunks(_gzipped(sent.chunks())), headers={**headers, "content-encoding": "gzip"}, media_type=CSV)
    return StreamingResponse(_chunks(sent.chunks()), headers={**headers, "content-length": str(sent.length)}, media_type=CSV)


def _chunks(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    return iterate_in_threadpool(chunks)


def _gzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP_WINDOW)
    for chunk in chunks:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()
