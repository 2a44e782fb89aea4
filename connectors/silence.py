"""Why a host does not answer, as far as this machine can tell, and what to look at: each costs an admin an evening otherwise."""

import socket
import ssl
from collections.abc import Iterator

import httpx


def silence(error: httpx.RequestError, setting: str) -> str:
    """The end of a line that begins with the host; `setting`: the key of the configuration that holds its address."""
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return (
            "has a certificate this machine does not trust; if your network has an authority of its own,"
            f" name its PEM file in the variable SSL_CERT_FILE, else check {setting}"
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"does not speak TLS as it should; check the host and port in {setting}, and any proxy in between"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return f"has a name that cannot be looked up; check {setting} and this machine's DNS"
    return f"does not answer ({type(error).__name__}); check {setting} and the network"


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found:
        yield found
        found = found.__cause__ or found.__context__
