"""Links the service hands out (next pages, changes): opaque, sent back byte for byte, and only to the environment they came from.

A paging cookie is encoded twice; a client that decodes it or encodes it again loses the page, and httpx tidies what it is given.
So the bytes travel beside the address, as the request's target. Addresses of our own are made here too.
"""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote, urlsplit

from connectors.errors import RequestRejected

_AS_THEY_ARE: Final = "(),'$/:=*@;!"
_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")


def with_query(path: str, params: Mapping[str, str]) -> str:
    """A path of ours with its query string: spaces as %20, names such as `$select` as they are."""
    return f"{path}?{'&'.join(f'{name}={quote(value, safe=_AS_THEY_ARE)}' for name, value in params.items())}" if params else path


def is_absolute(link: str) -> bool:
    """Whether it names a host."""
    return "://" in link.partition("?")[0]


def untouched(link: str, environment_url: str) -> tuple[str, Mapping[str, bytes]]:
    """Address and httpx extensions of a request for exactly this link.

    Raises `RequestRejected` for a link into another environment, which would be shown our token.
    """
    if not _PRINTABLE.fullmatch(link):
        raise RequestRejected(f"{environment_url} sent a link that is no address; it is not followed")
    if not same_environment(link, environment_url):
        raise RequestRejected(f"{environment_url} sent a link into another environment; it is not followed")
    parts = urlsplit(link)
    host = f"{parts.scheme}://{parts.netloc}"
    return f"{host}{parts.path}", {"target": link[len(host) :].encode("ascii")}


def same_environment(link: str, environment_url: str) -> bool:
    """Whether a link leads into this environment: its own address, or the other one of `org.crm4.…` and `org.api.crm4.…`."""
    return _home(link) is not None and _home(link) == _home(environment_url)


def _home(url: str) -> tuple[str, str, int | None] | None:
    """Scheme, host without the alias, and port; None for an address nobody should send a token to."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return None
    return None if parts.username or not parts.hostname else (parts.scheme, _without_alias(parts.hostname), port)


def _without_alias(host: str) -> str:
    first, _, rest = host.partition(".")
    return f"{first}.{rest.removeprefix('api.')}"
