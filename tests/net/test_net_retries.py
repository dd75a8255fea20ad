"""What is tried again, when, and for how long."""

import asyncio
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.virtual_time import elapsed, run_in_virtual_time

from vm_mcp.errors import PbxAuthError, PbxUnavailableError, VmError
from vm_mcp.net.retries import OnActivity, RetryPolicy, TransientError, with_retries

Answer = Callable[[int, OnActivity], Awaitable[str]]

POLICY = RetryPolicy(attempts=5, budget_seconds=60, first_wait_seconds=0.5)
TOO_SLOW = PbxUnavailableError("too slow")


def transient(text: str = "busy", retry_after: float | None = None) -> TransientError:
    return TransientError(PbxUnavailableError(text), retry_after)


class Outcome:
    """What came of a call, after how many virtual seconds, and when each attempt began."""

    def __init__(self, answer: Answer, policy: RetryPolicy = POLICY) -> None:
        self.result = ""
        self.error: VmError | None = None
        self.begun: list[float] = []
        self.numbers: list[int] = []
        run_in_virtual_time(self._call(answer, policy))

    async def _call(self, answer: Answer, policy: RetryPolicy) -> None:
        async def attempt(number: int, on_activity: OnActivity) -> str:
            self.begun.append(elapsed())
            self.numbers.append(number)
            return await answer(number, on_activity)

        try:
            self.result = await with_retries(policy, attempt, TOO_SLOW)
        except VmError as error:
            self.error = error
        self.seconds = elapsed()


def failing_until(success: int, error: Callable[[int], Exception]) -> Answer:
    async def answer(number: int, _: OnActivity) -> str:
        if number < success:
            raise error(number)
        return f"answer {number}"

    return answer


async def silence(_number: int, _on_activity: OnActivity) -> str:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


def test_the_first_success_is_returned_and_attempts_are_numbered_from_one() -> None:
    outcome = Outcome(failing_until(3, lambda _: transient()))
    assert (outcome.result, outcome.numbers) == ("answer 3", [1, 2, 3])


def test_what_succeeds_at_once_takes_no_time() -> None:
    outcome = Outcome(failing_until(1, lambda _: transient()))
    assert (outcome.result, outcome.seconds) == ("answer 1", 0)


def test_an_error_that_is_not_transient_is_raised_at_once() -> None:
    outcome = Outcome(failing_until(9, lambda _: PbxAuthError("refused")))
    assert (str(outcome.error), outcome.numbers, outcome.seconds) == ("refused", [1], 0)


def test_once_the_attempts_are_used_up_the_last_error_is_raised_with_nothing_attached() -> None:
    outcome = Outcome(failing_until(9, lambda number: transient(f"failure {number}")))
    assert outcome.numbers == [1, 2, 3, 4, 5]
    assert str(outcome.error) == "failure 5"
    assert outcome.error
    assert outcome.error.__cause__ is outcome.error.__context__ is None


def test_waits_double_up_to_the_longest_with_a_random_part() -> None:
    policy = RetryPolicy(attempts=7, budget_seconds=60, first_wait_seconds=0.5, max_wait_seconds=5)
    begun = Outcome(failing_until(9, lambda _: transient()), policy).begun
    waits = [later - earlier for earlier, later in pairwise(begun)]
    assert len(waits) == 6
    for wait, least in zip(waits, [0.5, 1, 2, 4, 5, 5], strict=True):
        assert least - 1e-6 <= wait <= min(5, least + 0.5) + 1e-6


def test_two_clients_that_fail_together_do_not_retry_together() -> None:
    assert len({Outcome(failing_until(2, lambda _: transient())).seconds for _ in range(5)}) == 5


@pytest.mark.parametrize("seconds", [0.0, 0.25, 7.0, 59.0])
def test_a_retry_after_is_waited_for_exactly_even_beyond_the_longest_wait(seconds: float) -> None:
    outcome = Outcome(failing_until(2, lambda _: transient(retry_after=seconds)))
    assert outcome.result == "answer 2"
    assert outcome.begun == [0, pytest.approx(seconds)]


@pytest.mark.parametrize(
    ("policy", "fits"),
    [
        (RetryPolicy(5, 30, 0.5), 29.9),
        (RetryPolicy(5, 30, 0.5, idle_seconds=10), 9.9),
    ],
    ids=["budget", "idle limit"],
)
def test_a_retry_after_that_does_not_fit_is_not_waited_for(policy: RetryPolicy, fits: float) -> None:
    assert Outcome(failing_until(2, lambda _: transient(retry_after=fits)), policy).result
    refused = Outcome(failing_until(2, lambda _: transient("later", retry_after=fits + 0.1)), policy)
    assert (str(refused.error), refused.numbers, refused.seconds) == ("later", [1], 0)


def test_what_earlier_attempts_took_counts_when_a_retry_after_is_fitted_in() -> None:
    async def answer(_number: int, _on_activity: OnActivity) -> str:
        await asyncio.sleep(8)
        raise transient("later", retry_after=8)

    outcome = Outcome(answer, RetryPolicy(5, 30, 0.5))
    assert str(outcome.error) == "later"
    assert outcome.seconds == pytest.approx(24)


@pytest.mark.parametrize(
    ("policy", "seconds"),
    [
        (RetryPolicy(5, 60, 0.5), 60),
        (RetryPolicy(5, 60, 0.5, idle_seconds=25), 25),
        (RetryPolicy(5, 25, 0.5, idle_seconds=60), 25),
    ],
)
def test_a_silent_peer_is_given_up_after_the_idle_limit_or_the_budget(policy: RetryPolicy, seconds: float) -> None:
    outcome = Outcome(silence, policy)
    assert (outcome.error, outcome.numbers, outcome.seconds) == (TOO_SLOW, [1], seconds)


@pytest.mark.parametrize(("chunks", "result"), [(20, "all"), (40, "")])
def test_activity_extends_the_idle_limit_but_not_the_budget(chunks: int, result: str) -> None:
    async def trickle(_number: int, on_activity: OnActivity) -> str:
        for _ in range(chunks):
            await asyncio.sleep(2)
            on_activity()
        return "all"

    outcome = Outcome(trickle, RetryPolicy(5, 60, 0.5, idle_seconds=3))
    assert (outcome.result, outcome.seconds) == (result, min(2 * chunks, 60))
    assert outcome.error == (None if result else TOO_SLOW)


def test_when_time_runs_out_in_a_retry_the_failure_before_it_is_raised() -> None:
    async def answer(number: int, on_activity: OnActivity) -> str:
        return await (failing_until(9, lambda _: transient("broken")) if number == 1 else silence)(number, on_activity)

    outcome = Outcome(answer)
    assert (str(outcome.error), outcome.numbers, outcome.seconds) == ("broken", [1, 2], 60)


def test_cancelling_the_caller_ends_the_attempt_and_begins_no_other() -> None:
    numbers = []

    async def attempt(number: int, on_activity: OnActivity) -> str:
        numbers.append(number)
        return await silence(number, on_activity)

    async def cancel() -> None:
        task = asyncio.ensure_future(with_retries(POLICY, attempt, TOO_SLOW))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert elapsed() == 1

    run_in_virtual_time(cancel())
    assert numbers == [1]


seconds = st.floats(0, 40)


@given(
    st.lists(st.tuples(seconds, st.none() | seconds), min_size=1, max_size=8),
    st.builds(
        RetryPolicy,
        attempts=st.integers(1, 6),
        budget_seconds=st.floats(0.5, 60),
        first_wait_seconds=st.floats(0, 2),
        idle_seconds=st.floats(0.5, 60) | st.just(float("inf")),
    ),
)
def test_no_call_takes_longer_or_tries_more_often_than_its_policy_allows(
    failures: list[tuple[float, float | None]], policy: RetryPolicy
) -> None:
    async def answer(number: int, _: OnActivity) -> str:
        if number > len(failures):
            return "answer"
        duration, retry_after = failures[number - 1]
        await asyncio.sleep(duration)
        raise transient(f"failure {number}", retry_after)

    outcome = Outcome(answer, policy)
    assert outcome.numbers == list(range(1, len(outcome.numbers) + 1))
    assert len(outcome.numbers) <= policy.attempts
    assert outcome.seconds <= min(policy.budget_seconds, policy.idle_seconds) + 1e-6
    assert outcome.result == "answer" or outcome.error
