"""Faults of the rooms below as Dagster understands them: try again, or one clear line and no second try."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from connectors.activation.errors import ActivationError
from connectors.errors import CrmError, RateLimited, RetryableError
from orchestration.session import Session
from warehouse.errors import WarehouseError


@contextmanager
def translated(session: Session, *, again: bool = True) -> Iterator[None]:
    """A passing fault of a CRM asks Dagster for a retry (where `again`); every other expected fault ends the step with its line."""
    try:
        yield
    except RetryableError as error:
        if not again:
            raise dg.Failure(description=str(error), allow_retries=False) from error
        raise dg.RetryRequested(max_retries=session.retries, seconds_to_wait=_wait(session, error)) from error
    except (CrmError, WarehouseError, ActivationError) as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error


def _wait(session: Session, error: RetryableError) -> float:
    told = error.retry_after if isinstance(error, RateLimited) else None
    return told if told is not None else session.retry_seconds
