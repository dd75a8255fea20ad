"""A budget of requests: as many as allowed in any period, and no wait beyond what is stated."""

import asyncio
from itertools import pairwise

import pytest
from aiolimiter import AsyncLimiter
from hypothesis import given
from hypothesis import strategies as st
from support.virtual_time import elapsed, run_in_virtual_time

from vm_mcp.errors import PbxRateLimitError
from vm_mcp.pbx.request_limits import OptionalPart, RequestBudget


@given(
    st.integers(1, 6), st.sampled_from([0.0, 3.0, 90.0, None]),
    st.lists(st.floats(0, 40, allow_nan=False), min_size=1, max_size=30),
)  # fmt: skip
def test_no_period_has_more_requests_than_allowed_and_no_wait_is_longer_than_stated(
    most: int, max_wait: float | None, pauses: list[float]
) -> None:
    async def main() -> None:
        budget = RequestBudget(most, 60, max_wait)
        sent: list[float] = []
        for pause in pauses:
            await asyncio.sleep(pause)
            asked = elapsed()
            try:
                await budget.take()
            except PbxRateLimitError:
                assert max_wait is not None
                assert elapsed() == asked
                assert sum(at > asked - 60 for at in sent) == most
            else:
                assert max_wait is None or elapsed() - asked <= max_wait + 1e-6
                sent.append(elapsed())
        for first, last in zip(sent, sent[most:], strict=False):
            assert last - first >= 60 - 1e-6
        assert all(first <= second for first, second in pairwise(sent))

    run_in_virtual_time(main())


def test_requests_that_wait_together_get_a_turn_each() -> None:
    async def main() -> None:
        budget = RequestBudget(2, 60)
        await asyncio.gather(*(budget.take() for _ in range(6)))
        assert elapsed() == pytest.approx(120)

    run_in_virtual_time(main())


def test_a_wait_for_the_accounts_own_limit_is_no_longer_than_that_for_the_parts() -> None:
    async def main() -> None:
        shared = AsyncLimiter(1, 1000)
        part = OptionalPart("call records", RequestBudget(6, 60, 3.0))
        await part.take_turn(shared)
        with pytest.raises(PbxRateLimitError, match="Try again in 3 seconds"):
            await part.take_turn(shared)
        assert elapsed() == pytest.approx(3)

    run_in_virtual_time(main())
