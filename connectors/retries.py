"""Requests that are tried again: told in the log at level info, until somebody listens (`stamina`'s hooks are one set per process)."""

import logging

import stamina

_log = logging.getLogger(__name__)


def log_retries() -> None:
    """Called by the clients when they are loaded; stamina by itself would warn."""
    stamina.instrumentation.set_on_retry_hooks((_tell,))


def _tell(details: stamina.instrumentation.RetryDetails) -> None:
    _log.info("attempt %d failed, next in %.1f s: %s", details.retry_num, details.wait_for, details.caused_by)
