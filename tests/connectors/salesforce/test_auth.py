"""The key of the JWT flow: whatever the file holds, one line says what it should hold."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat, PublicFormat
from starlette.responses import JSONResponse

from connectors.errors import CredentialError
from connectors.salesforce.client import SalesforceClient

KEY = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
FORM = (Encoding.PEM, PrivateFormat.PKCS8)
BAD = {
    "nothing": b"",
    "words": b"hello",
    "a certificate": b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    "a key behind a password": KEY.private_bytes(*FORM, BestAvailableEncryption(b"x")),
    "a binary key": KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
    "a public key": KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    "a key of another kind": CURVE.private_bytes(*FORM, NoEncryption()),
}


@pytest.fixture
def client_of(stub: Any, settings_of: Callable[..., Any], tmp_path: Path) -> Iterator[Callable[[bytes], SalesforceClient]]:
    """`client_of(content)`: logs in by a key file with this content."""

    def make(content: bytes) -> SalesforceClient:
        target = tmp_path / "key.pem"
        target.write_bytes(content)
        return SalesforceClient(settings_of(stub, auth="jwt", username="a@b.example", private_key_file=target))

    return make


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_file_that_is_no_key_for_jwt_is_one_line_and_no_call(client_of: Any, stub: Any, content: bytes) -> None:
    with client_of(content) as client, pytest.raises(CredentialError, match="RSA private key in PEM without a password") as caught:
        client.get_json("limits")
    assert "\n" not in str(caught.value)
    assert not stub.logins


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_both_forms_of_an_rsa_key_sign(client_of: Any, stub: Any, form: PrivateFormat) -> None:
    stub.answers = [JSONResponse({})]
    with client_of(KEY.private_bytes(Encoding.PEM, form, NoEncryption())) as client:
        client.get_json("limits")
    assert stub.logins == 1
