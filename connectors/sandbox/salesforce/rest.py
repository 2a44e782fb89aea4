"""The REST routes of the org, from login to the last resource: `routes(api)`.

Bulk API 2.0 has its own routes beside these; paths nobody serves answer 404 in Salesforce's form.
"""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.sandbox.salesforce import collection, composite, query, replication, sobjects, tooling
from connectors.sandbox.salesforce.api import NEWEST_VERSION, OLDEST_VERSION, Api, Call, json_response
from connectors.sandbox.salesforce.login import Login, identity_url
from connectors.sandbox.salesforce.surgery import Surgery

_SEASONS = ("Winter", "Spring", "Summer")


def routes(api: Api) -> list[Route]:
    """Everything but Bulk. The last route catches unknown paths: mount other data API routes before these."""
    return [
        *Login(api).routes(),
        Route("/services/data", versions, methods=["GET"]),
        Route("/services/data/", versions, methods=["GET"]),
        *_general(api),
        *_tooling(api),
        *_records(api),
        *Surgery(api).routes(),
        api.route("/{rest:path}", {}),
    ]


def _general(api: Api) -> list[Route]:
    return [
        api.route("", {"GET": resources}),
        api.route("/", {"GET": resources}),
        api.route("/limits", {"GET": limits}),
        api.route("/limits/", {"GET": limits}),
        api.route("/query", {"GET": query.query}),
        api.route("/query/", {"GET": query.query}),
        api.route("/queryAll", {"GET": query.query_all}),
        api.route("/queryAll/", {"GET": query.query_all}),
        api.route("/query/{locator}", {"GET": query.query_more}),
        api.route("/queryAll/{locator}", {"GET": query.query_more}),
        api.route("/composite", {"POST": composite.composite}),
        api.route("/composite/", {"POST": composite.composite}),
        api.route("/composite/sobjects", {"POST": collection.create, "PATCH": collection.update, "DELETE": collection.delete}),
        api.route("/composite/sobjects/", {"POST": collection.create, "PATCH": collection.update, "DELETE": collection.delete}),
        api.route("/composite/sobjects/{name}", {"GET": collection.retrieve, "POST": collection.retrieve}),
        api.route("/composite/sobjects/{name}/{field}", {"PATCH": collection.upsert}),
    ]


def _tooling(api: Api) -> list[Route]:
    return [
        api.route("/tooling/query", {"GET": query.tooling_query}),
        api.route("/tooling/query/", {"GET": query.tooling_query}),
        api.route("/tooling/query/{locator}", {"GET": query.query_more}),
        api.route("/tooling/sobjects", {"GET": tooling.objects}),
        api.route("/tooling/sobjects/", {"GET": tooling.objects}),
        api.route("/tooling/sobjects/CustomField", {"POST": tooling.create_custom_field}),
        api.route("/tooling/sobjects/CustomField/", {"POST": tooling.create_custom_field}),
        api.route("/tooling/sobjects/CustomField/describe", {"GET": tooling.describe_custom_field}),
        api.route("/tooling/sobjects/CustomField/{id}", {"GET": tooling.read_custom_field}),
    ]


def _records(api: Api) -> list[Route]:
    by_key = {"GET": sobjects.read_by_key, "PATCH": sobjects.upsert, "DELETE": sobjects.delete_by_key}
    return [
        api.route("/sobjects", {"GET": sobjects.all_objects}),
        api.route("/sobjects/", {"GET": sobjects.all_objects}),
        api.route("/sobjects/{name}", {"GET": sobjects.one_object, "POST": sobjects.create}),
        api.route("/sobjects/{name}/", {"GET": sobjects.one_object, "POST": sobjects.create}),
        api.route("/sobjects/{name}/describe", {"GET": sobjects.describe_object}),
        api.route("/sobjects/{name}/describe/", {"GET": sobjects.describe_object}),
        api.route("/sobjects/{name}/deleted", {"GET": replication.deleted}),
        api.route("/sobjects/{name}/deleted/", {"GET": replication.deleted}),
        api.route("/sobjects/{name}/updated", {"GET": replication.updated}),
        api.route("/sobjects/{name}/updated/", {"GET": replication.updated}),
        api.route("/sobjects/{name}/{id}", {"GET": sobjects.read, "PATCH": sobjects.update, "DELETE": sobjects.delete}),
        api.route("/sobjects/{name}/{field}/{value:path}", by_key),
    ]


async def versions(request: Request) -> Response:
    """GET /services/data: asked without a session, too."""
    listed = [_version(number) for number in range(OLDEST_VERSION, NEWEST_VERSION + 1)]
    return json_response(listed)


def _version(number: int) -> dict[str, str]:
    """Three releases a year; version 67 is Summer '26."""
    behind = NEWEST_VERSION - number
    year, season = divmod(26 * 3 + 2 - behind, 3)
    return {"label": f"{_SEASONS[season]} '{year}", "url": f"/services/data/v{number}.0", "version": f"{number}.0"}


def resources(call: Call) -> dict[str, Any]:
    """GET /services/data/vXX.X"""
    names = ("composite", "jobs", "limits", "query", "queryAll", "sobjects", "tooling")
    url = str(call.request.base_url).rstrip("/")
    return {"identity": identity_url(url, call.api), **{name: f"{call.base}/{name}" for name in names}}


def limits(call: Call) -> dict[str, dict[str, int]]:
    """GET /limits"""
    return call.api.limits.as_json()
