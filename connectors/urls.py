"""What the address of a server in a configuration must look like: https, or plain http to this machine, where the sandbox listens."""

from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit


def base_url(example: str) -> Callable[[str], str]:
    """A validator that gives scheme, host and port of an address; raises ValueError, which shows `example`, for anything else."""

    def checked(value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError(f"must be a URL such as {example}")
        if parts.scheme == "http" and not _is_loopback(parts.hostname):
            raise ValueError("http:// is accepted for loopback hosts only; use https://")
        return f"{parts.scheme}://{parts.netloc}"

    return checked


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
