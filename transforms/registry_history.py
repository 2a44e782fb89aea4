"""The models of time in build order: the record of the run, the tables it writes, and the reviews that follow from them."""

from transforms.base import Model
from transforms.history import record, reviews


def history_models() -> list[Model]:
    """Each model after those it reads; all read the scores and the enrichment."""
    return [record.MODEL, *record.recorded(), reviews.MODEL]
