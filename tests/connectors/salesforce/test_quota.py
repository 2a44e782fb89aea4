"""We stop while the org's people still have their part of the day's API calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import QuotaExhausted
from connectors.salesforce.quota import Quota


def test_without_news_from_the_org_nothing_is_refused() -> None:
    quota = Quota(share=0.5)
    quota.ensure(1_000_000)
    assert quota.left is None


def test_the_header_tells_what_is_left() -> None:
    quota = Quota(share=0.5)
    quota.observe("api-usage=18/5000; per-app-api-usage=17/250(appName=x)")
    assert (quota.used, quota.limit, quota.left, quota.ours) == (18, 5000, 4982, 1)


def test_our_share_is_of_what_was_left_not_of_the_limit() -> None:
    quota = Quota(share=0.5, used=4_900, limit=5_000)
    quota.ensure(50)
    with pytest.raises(QuotaExhausted, match=r"100 of 5,000 API calls are left.*50%.*51 it needs"):
        quota.ensure(51)


def test_others_using_calls_shrinks_our_share() -> None:
    quota = Quota(share=0.5, ours=40, used=4_900, limit=5_000)
    quota.ensure(30)
    quota.used = 4_970
    with pytest.raises(QuotaExhausted):
        quota.ensure(1)


@given(share=st.floats(0.01, 1), left=st.integers(0, 10_000))
def test_a_run_never_takes_more_than_its_share(share: float, left: int) -> None:
    quota = Quota(share, used=0, limit=left)
    with pytest.raises(QuotaExhausted):
        _call_for_ever(quota)
    assert quota.ours <= share * left


def _call_for_ever(quota: Quota) -> None:
    while True:
        quota.ensure()
        quota.observe(f"api-usage={quota.ours + 1}/{quota.limit}")
