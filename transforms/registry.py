"""Every table the transforms build, in one list; the order of building follows from what each model reads."""

from collections.abc import Sequence

from transforms.base import Model, Source
from transforms.registry_backtest import backtest_models
from transforms.registry_deals import deal_models
from transforms.registry_history import history_models
from transforms.registry_identity import identity_models
from transforms.registry_maps import map_models
from transforms.registry_model import model_models
from transforms.registry_operation import operation_models
from transforms.registry_scores import score_models


def all_models(sources: Sequence[Source]) -> list[Model]:
    """Staging, model and interactions of the CRMs, scores and enrichment, identity and company figures, maps, backtest, history, deals,
    account operation."""
    return [
        *model_models(sources),
        *score_models(),
        *identity_models(sources),
        *map_models(sources),
        *backtest_models(),
        *history_models(),
        *deal_models(),
        *operation_models(),
    ]
