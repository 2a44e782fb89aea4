"""dlt's failures as the warehouse's own, one line each."""

from collections.abc import Iterator
from contextlib import contextmanager

from dlt.pipeline.exceptions import PipelineStepFailed

from warehouse.errors import WarehouseError, WarehouseFull, WarehouseUnusable


@contextmanager
def one_line() -> Iterator[None]:
    """dlt's many-line failures as one `WarehouseError`."""
    try:
        yield
    except PipelineStepFailed as error:
        raise _fault(error) from error


def _fault(error: PipelineStepFailed) -> WarehouseError:
    text = " ".join(str(error.exception).split())
    if "No space left" in text or "could not write" in text.lower():
        return WarehouseFull("the disk that holds the warehouse is full; free space and run again, the last good extraction stands")
    return WarehouseUnusable(f"the extracted rows could not be loaded ({text[:300]}); the last good extraction stands")
