"""`/composite`: up to 25 requests in one, later ones using what earlier ones returned. Rolling all of them back is not offered."""

import json
import re
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from connectors.sandbox.salesforce.api import Api, Call, Handlers, handler_of, json_response
from connectors.sandbox.salesforce.errors import SalesforceError, malformed_body, not_found

MOST_REQUESTS: Final = 25
_REFERENCE: Final = re.compile(r"@\{(\w+)\.([\w.\[\]]+)\}")


def composite(call: Call) -> dict[str, Any]:
    """POST /composite"""
    body = call.json_object()
    requests = body.get("compositeRequest")
    if not isinstance(requests, list):
        raise malformed_body("compositeRequest must be a list")
    if len(requests) > MOST_REQUESTS:
        raise SalesforceError("LIMIT_EXCEEDED", f"The number of subrequests exceeds the limit of {MOST_REQUESTS}")
    if body.get("allOrNone"):
        raise SalesforceError("FUNCTIONALITY_NOT_ENABLED", "allOrNone over subrequests is not offered here")
    answers: dict[str, Any] = {}
    return {"compositeResponse": [_one(call, request, answers) for request in requests]}


def _one(call: Call, request: dict[str, Any], answers: dict[str, Any]) -> dict[str, Any]:
    reference = str(request.get("referenceId", ""))
    url = _filled(str(request.get("url", "")), answers)
    body = _filled(json.dumps(request.get("body", {})), answers).encode()
    status, answer = dispatch(call, str(request.get("method", "GET")).upper(), url, body)
    answers[reference] = answer
    return {"body": answer, "httpHeaders": {}, "httpStatusCode": status, "referenceId": reference}


def _filled(text: str, answers: dict[str, Any]) -> str:
    return _REFERENCE.sub(lambda match: str(_value(answers.get(match[1]), match[2])), text)


def _value(answer: Any, path: str) -> Any:
    for step in re.findall(r"\w+", path):
        if isinstance(answer, list) and step.isdigit() and int(step) < len(answer):
            answer = answer[int(step)]
        elif isinstance(answer, dict) and step in answer:
            answer = answer[step]
        else:
            raise SalesforceError("PROCESSING_HALTED", f"Invalid reference specified. No value for {path} found")
    return answer


def dispatch(call: Call, method: str, url: str, body: bytes) -> tuple[int, Any]:
    """Run one request of the data API inside another; returns status and JSON."""
    target = urlsplit(url)
    scope = {**call.request.scope, "method": method, "path": target.path, "query_string": target.query.encode(), "path_params": {}}
    try:
        handlers, params = _matched(call.api, scope)
        inner = Call(call.api, Request({**scope, "path_params": params}), call.version, body)
        answer = handler_of(method, handlers)(inner)
    except SalesforceError as refusal:
        return refusal.status, refusal.as_json()
    response = answer if isinstance(answer, Response) else json_response(answer, 204 if answer is None else 200)
    return response.status_code, json.loads(bytes(response.body)) if answer is not None else None


def _matched(api: Api, scope: dict[str, Any]) -> tuple[Handlers, dict[str, Any]]:
    for route, handlers in api.registered:
        matched, child = _match(route, scope)
        if matched:
            return handlers, child
    raise not_found()


def _match(route: Route, scope: dict[str, Any]) -> tuple[bool, dict[str, Any]]:
    match, child = route.matches(scope)
    return match == Match.FULL, dict(child.get("path_params", {}))
