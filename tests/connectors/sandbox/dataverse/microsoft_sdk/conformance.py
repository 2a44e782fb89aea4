"""Microsoft's Dataverse SDK (its async client, which accepts http), unmodified, against a running sandbox. Prints {check: what it saw}.

Environment: DYN_URL, DYN_ACCESS_TOKEN. Runs in a process of its own, on packages of its own.
"""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from PowerPlatform.Dataverse.aio.async_client import AsyncDataverseClient
from PowerPlatform.Dataverse.core.errors import DataverseError, HttpError

LOOKUP = "Microsoft.Dynamics.CRM.lookuplogicalname"


class Held(AsyncTokenCredential):
    """The token the environment gives."""

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        assert scopes == (f"{os.environ['DYN_URL']}/.default",)
        return AccessToken(os.environ["DYN_ACCESS_TOKEN"], int(time.time()) + 3_600)

    async def close(self) -> None: ...

    async def __aexit__(self, *_: Any) -> None: ...


async def table(client: AsyncDataverseClient) -> Any:
    found = await client.tables.get("account")
    return {"set": found.entity_set_name, "key": found.primary_id_attribute}


async def columns(client: AsyncDataverseClient) -> Any:
    found = await client.tables.list_columns("email", select=["LogicalName", "AttributeType"], filter="AttributeType eq 'Status'")
    return [item["LogicalName"] for item in found]


async def pages(client: AsyncDataverseClient) -> Any:
    sizes, ids = [], set()
    async for page in client.records.list_pages("contact", select=["fullname"], page_size=30):
        sizes.append(len(page))
        ids |= {item["contactid"] for item in page}
    return {"first": sizes[0], "distinct": len(ids) == sum(sizes), "pages": len(sizes) > 2}


async def query(client: AsyncDataverseClient) -> Any:
    wanted = "_parentcustomerid_value ne null and statecode eq 0"
    found = await client.records.list(
        "contact", filter=wanted, select=["_parentcustomerid_value"], orderby=["fullname asc"], top=2, include_annotations=LOOKUP
    )
    return [item[f"_parentcustomerid_value@{LOOKUP}"] for item in found]


async def record(client: AsyncDataverseClient) -> Any:
    record_id = await client.records.create("account", {"name": "Conformance", "numberofemployees": 5})
    await client.records.update("account", record_id, {"name": "Changed"})
    held = await client.records.retrieve("account", record_id, select=["name", "numberofemployees"])
    await client.records.delete("account", record_id)
    return {"name": held["name"], "employees": held["numberofemployees"], "gone": await client.records.retrieve("account", record_id)}


async def many(client: AsyncDataverseClient) -> Any:
    ids = await client.records.create("contact", [{"lastname": f"Many {number}"} for number in range(3)])
    await client.records.update("contact", ids, {"jobtitle": "Buyer"})
    held = await client.records.list("contact", filter="jobtitle eq 'Buyer' and startswith(lastname,'Many')", select=["lastname"])
    bad = [{"lastname": "Fine"}, {"lastname": "x" * 500}]
    refused = await code(lambda: client.records.create("contact", bad))
    kept = await client.records.list("contact", filter="lastname eq 'Fine'", select=["lastname"])
    return {"created": len(ids), "found": len(list(held)), "refused": refused, "kept": len(list(kept))}


async def batch(client: AsyncDataverseClient) -> Any:
    request = client.batch.new()
    async with request.changeset() as group:
        contact = group.records.create("contact", {"lastname": "Alice"})
        group.records.create("account", {"name": "Batch", "primarycontactid@odata.bind": contact})
    answer = await request.execute()
    return {"ok": not answer.has_errors, "made": len(answer.entity_ids)}


async def refusal(client: AsyncDataverseClient) -> Any:
    return await code(lambda: client.records.list("account", select=["nosuchcolumn"]))


async def code(call: Callable[[], Awaitable[Any]]) -> Any:
    try:
        await call()
    except HttpError as error:
        return {"status": error.status_code, "code": error.details.get("service_error_code")}
    return None


async def main() -> None:
    seen: dict[str, Any] = {}
    async with AsyncDataverseClient(os.environ["DYN_URL"], Held()) as client:
        for check in (table, columns, pages, query, record, many, batch, refusal):
            try:
                seen[check.__name__] = await check(client)
            except (DataverseError, AttributeError, KeyError, TypeError) as error:
                seen[check.__name__] = {"failed": repr(error)}
    print(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(main())
