"""Every table the transforms build, in one list; the order of building follows from what each model reads."""

from collections.abc import Sequence

from transforms.base import Model, Source
from transforms.registry_model import model_models
from transforms.registry_scores import score_models


def all_models(sources: Sequence[Source]) -> list[Model]:
    """Staging, model and interactions of these CRMs, then scores and enrichment."""
    return [*model_models(sources), *score_models()]
