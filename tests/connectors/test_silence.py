"""A host that does not answer: the line says what to look at."""

import datetime as dt
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connectors.silence import silence


def said(url: str) -> str:
    with httpx.Client() as http, pytest.raises(httpx.TransportError) as caught:
        http.get(url)
    return silence(caught.value, "instance_url")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as opened:
        yield opened


def url_of(listener: socket.socket, scheme: str = "https") -> str:
    return f"{scheme}://127.0.0.1:{listener.getsockname()[1]}"


def self_signed(folder: Path) -> ssl.SSLContext:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    begin = dt.datetime(2026, 1, 1)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), begin, begin.replace(year=2040))
    pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    hidden = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "own.pem").write_bytes(pem + hidden)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "own.pem")
    return context


def test_an_unknown_authority_is_told_with_the_variable_that_names_it(listener: socket.socket, tmp_path: Path) -> None:
    context = self_signed(tmp_path)

    def serve() -> None:
        caller, _ = listener.accept()
        with caller, pytest.raises(ssl.SSLError):
            context.wrap_socket(caller, server_side=True)

    thread = Thread(target=serve)
    thread.start()
    assert "SSL_CERT_FILE" in said(url_of(listener))
    thread.join(10)


def test_a_port_without_tls_is_told(listener: socket.socket) -> None:
    def serve() -> None:
        caller, _ = listener.accept()
        with caller:
            caller.recv(100)
            caller.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    thread = Thread(target=serve)
    thread.start()
    assert "does not speak TLS" in said(url_of(listener))
    thread.join(10)


def test_a_name_nobody_knows_and_a_port_nobody_listens_on_are_told_apart(listener: socket.socket) -> None:
    url = url_of(listener, "http")
    listener.close()
    assert said(url) == "does not answer (ConnectError); check instance_url and the network"
    unknown = httpx.ConnectError("")
    unknown.__cause__ = socket.gaierror()
    assert "looked up; check instance_url" in silence(unknown, "instance_url")
