"""The models of the backtest in build order: read by people, never written back."""

from transforms.backtest import run
from transforms.base import Model


def backtest_models() -> list[Model]:
    """Each model after those it reads; they read the model and the pairs."""
    return run.models()
