"""Query jobs that never end."""

import datetime as dt
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest
from starlette.responses import JSONResponse

from connectors.errors import ServerBusy
from connectors.salesforce import bulk_query
from connectors.salesforce.client import SalesforceClient

AT_WORK = {"id": "750000000000001", "createdDate": "2026-05-01T12:00:00.000+0000", "state": "InProgress"}


def test_a_job_that_never_ends_is_given_up_for_the_nights_to_come(
    stub: Any, settings_of: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_query, "PATIENCE_SECONDS", 0.0)
    stub.answers = [JSONResponse(AT_WORK)]
    job = bulk_query.Job("750000000000001", dt.datetime(2026, 5, 1, tzinfo=dt.UTC), "InProgress")
    with SalesforceClient(settings_of(stub)) as client, pytest.raises(ServerBusy, match=r"has not ended .*run again later"):
        bulk_query.wait(client, job, Event())
