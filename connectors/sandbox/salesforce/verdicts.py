"""Verdicts of writes as REST answers: of a single record, and of a row among many."""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from connectors.sandbox.salesforce.api import json_response
from connectors.sandbox.salesforce.errors import SalesforceError, not_found

Verdict = Mapping[str, Any]
_NO_SUCH_RECORD: Final = ("INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID")


def row_result(verdict: Verdict) -> dict[str, Any]:
    """One entry of a Collections answer."""
    if verdict["success"]:
        return {"id": verdict["id"], "success": True, "errors": []}
    error = {"statusCode": verdict["code"], "message": verdict["message"], "fields": list(verdict["fields"])}
    named = {"id": verdict["id"]} if verdict["id"] else {}
    return {**named, "success": False, "errors": [error]}


def created_answer(verdict: Verdict) -> Response:
    """201 with the id; raises the refusal."""
    refuse(verdict)
    return json_response({"id": verdict["id"], "success": True, "errors": []}, 201)


def upserted_answer(verdict: Verdict) -> Response:
    """201 or 200 with the id and whether it was created; raises the refusal."""
    refuse(verdict)
    body = {"id": verdict["id"], "success": True, "errors": [], "created": verdict["created"]}
    return json_response(body, 201 if verdict["created"] else 200)


def refuse(verdict: Verdict) -> None:
    """Raises the refusal of a single record; one that is not there is a 404."""
    if verdict["success"]:
        return
    code, message, fields = verdict["code"], verdict["message"], list(verdict["fields"])
    if code in _NO_SUCH_RECORD and fields in ([], ["Id"]):
        raise not_found()
    status = 404 if code == "ENTITY_IS_DELETED" and not fields else 403 if code == "INSUFFICIENT_ACCESS_OR_READONLY" else 400
    raise SalesforceError(code, message, status=status, fields=fields)
