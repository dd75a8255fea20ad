import asyncio
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fake_vendor import ORDERS, SECOND, FakeVendor, Message, VendorOrder, client_for

from vm_mcp.errors import InputError
from vm_mcp.models import ReadStatus, Voicemail, VoicemailPage, VoicemailQuery
from vm_mcp.pbx.paging import REQUEST_BUDGET
from vm_mcp.pbx.time_windows import SPAN, cut_windows

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=70)
WHOLE = VoicemailQuery(since=START, until=END)

# Few distinct seconds, many of them on or beside the ends of windows: that is where messages get lost.
_edges = [END - n * (SPAN + SECOND) for n in range(3)]
_seconds = st.sampled_from([edge + n * SECOND for edge in [START, *_edges] for n in range(-3, 4)])
_times = _seconds | st.integers(-5, 70 * 86400 + 5).map(lambda n: START + n * SECOND)


@st.composite
def vendors(draw: st.DrawFn, *, untimed: bool = False) -> FakeVendor:
    times = draw(st.lists(_times, max_size=40))
    messages = [
        Message(
            uuid=f"{draw(st.integers(0, 15)):x}-{index}",
            at=at,
            is_read=draw(st.booleans()),
            has_timestamp=not untimed or draw(st.integers(0, 3)) > 0,
        )
        for index, at in enumerate(times)
    ]
    return FakeVendor(
        messages,
        order=draw(st.sampled_from(ORDERS)),
        includes_bounds=(draw(st.booleans()), draw(st.booleans())),
        largest_page=draw(st.sampled_from([3, 5, 100])),
    )


def in_range(vendor: FakeVendor, status: ReadStatus = "all") -> list[str]:
    return [
        message.uuid
        for message in vendor.messages
        if START <= message.at <= END and (status == "all" or message.is_read == (status == "read"))
    ]


async def _pages(
    vendor: FakeVendor, query: VoicemailQuery, limit: int, between: Callable[[VoicemailPage], None]
) -> list[VoicemailPage]:
    pages = []
    async with client_for(vendor) as client:
        following: VoicemailQuery | None = query
        while following:
            page = await client.voicemails.list(following, limit)
            pages.append(page)
            between(page)
            following = page.next_query
            assert len(pages) <= 3 * len(vendor.messages) + 10, "the pages go in circles"
    return pages


def walk(
    vendor: FakeVendor,
    query: VoicemailQuery = WHOLE,
    limit: int = 7,
    between: Callable[[VoicemailPage], None] = lambda _: None,
) -> list[VoicemailPage]:
    return asyncio.run(_pages(vendor, query, limit, between))


def uuids(pages: list[VoicemailPage]) -> list[str]:
    return [voicemail.uuid for page in pages for voicemail in page.voicemails]


def newest_first_key(voicemail: Voicemail) -> tuple[datetime, str]:
    assert voicemail.received_at
    return voicemail.received_at, voicemail.uuid


@given(vendors(), st.integers(1, 45))
def test_pages_hold_each_message_once_and_newest_first(vendor: FakeVendor, limit: int) -> None:
    pages = walk(vendor, limit=limit)
    listed = [voicemail for page in pages for voicemail in page.voicemails]
    assert sorted(uuids(pages)) == sorted(in_range(vendor))
    assert listed == sorted(listed, key=newest_first_key, reverse=True)
    fewest = limit - min(9, limit // 10)
    assert all(fewest <= len(page.voicemails) <= limit for page in pages[:-1])


@given(vendors(), st.integers(1, 45))
def test_every_page_has_the_count_of_the_whole_query(vendor: FakeVendor, limit: int) -> None:
    pages = walk(vendor, limit=limit)
    at_the_edges = sum(
        message.at in {window.low - SECOND, window.high + SECOND}
        for message in vendor.messages
        for window in cut_windows(START, END)
    )
    count = pages[0].total_count
    assert count is not None
    assert len(in_range(vendor)) <= count <= len(in_range(vendor)) + at_the_edges * (len(pages) > 1)
    assert {page.total_count for page in pages} == {count}


@given(vendors(), st.integers(1, 10), st.randoms(use_true_random=False))
def test_messages_that_are_read_or_arrive_between_pages_shift_no_other(
    vendor: FakeVendor, limit: int, chance: random.Random
) -> None:
    original = {message.uuid: message for message in vendor.messages}

    def change_meanwhile(page: VoicemailPage) -> None:
        for voicemail in page.voicemails:
            if voicemail.uuid in original:
                original[voicemail.uuid].is_read |= chance.random() < 0.7
        vendor.messages.append(Message(f"new-{len(vendor.messages)}", END - chance.randrange(3) * SECOND))

    expected = in_range(vendor, "unread")
    pages = walk(vendor, WHOLE.model_copy(update={"status": "unread"}), limit, change_meanwhile)
    assert sorted(uuid for uuid in uuids(pages) if not uuid.startswith("new")) == sorted(expected)
    assert len(uuids(pages)) == len(set(uuids(pages)))


@given(vendors(), st.integers(1, 45), st.sampled_from(["unread", "read"]), st.randoms(use_true_random=False))
def test_messages_that_are_read_while_a_page_is_collected_shift_no_other(
    vendor: FakeVendor, limit: int, status: ReadStatus, chance: random.Random
) -> None:
    read_meanwhile = set()

    def read_one() -> None:
        unread = [message for message in vendor.messages if not message.is_read]
        if unread and chance.random() < 0.7:
            message = chance.choice(unread)
            message.is_read = True
            read_meanwhile.add(message.uuid)

    expected = in_range(vendor, status)
    vendor.between = read_one
    listed = uuids(walk(vendor, WHOLE.model_copy(update={"status": status}), limit))
    assert set(expected) - read_meanwhile <= set(listed)
    assert len(listed) == len(set(listed))


@given(vendors(untimed=True), st.integers(1, 45), st.sampled_from(ORDERS[:2]))
def test_a_message_without_a_readable_timestamp_is_never_skipped(
    vendor: FakeVendor, limit: int, order: VendorOrder
) -> None:
    vendor.order = order
    times = Counter(uuids(walk(vendor, limit=limit)))
    assert set(in_range(vendor)) <= set(times)
    assert all(times[message.uuid] <= 1 for message in vendor.messages if message.has_timestamp)


def test_a_message_without_a_readable_timestamp_is_not_skipped_where_a_page_ends_at_its_windows_edge() -> None:
    edge = END - SPAN - SECOND - SPAN
    vendor = FakeVendor(
        [
            Message("m1", START, has_timestamp=False),
            Message("m0", edge, has_timestamp=False),
            Message("m3", edge),
            Message("m4", edge + SECOND),
            Message("m5", END, has_timestamp=False),
        ],
        order="oldest",
        includes_bounds=(False, False),
        largest_page=3,
    )
    for limit in range(1, 6):
        assert set(uuids(walk(vendor, limit=limit))) == {"m0", "m1", "m3", "m4", "m5"}


def test_a_message_without_a_readable_timestamp_comes_first_where_nothing_shows_its_place() -> None:
    messages = [Message(f"m{n}", START + n * SECOND, has_timestamp=n != 80) for n in (10, 80, 50, 20, 90)]
    vendor = FakeVendor(messages, order="none")
    assert uuids(walk(vendor, limit=10)) == ["m80", "m90", "m50", "m20", "m10"]
    assert set(uuids(walk(vendor, limit=1))) == {"m80", "m90", "m50", "m20", "m10"}


def test_a_message_without_a_readable_timestamp_sorts_after_its_newer_neighbour_and_comes_once() -> None:
    for order in ORDERS[:2]:
        messages = [Message(f"m{n}", START + n * SECOND, has_timestamp=n != 50) for n in (10, 20, 50, 80, 90)]
        vendor = FakeVendor(messages, order=order)
        pages = walk(vendor, limit=1)
        assert uuids(pages) == ["m90", "m80", "m50", "m20", "m10"]
        assert pages[2].voicemails[0].received_at is None


@pytest.mark.parametrize("order", ORDERS)
def test_a_second_with_more_messages_than_a_page_is_listed_in_full(order: VendorOrder) -> None:
    crowd = [Message(f"{index:03}", START + 40 * SECOND) for index in range(250)]
    others = [Message(f"o{index:03}", START + index * SECOND) for index in range(100)]
    vendor = FakeVendor(crowd + others, order=order)
    pages = walk(vendor, VoicemailQuery(since=START, until=START + timedelta(hours=1)), limit=60)
    assert sorted(uuids(pages)) == sorted(message.uuid for message in vendor.messages)
    assert pages[0].total_count == 350


def evenly(count: int, days: int = 30) -> list[Message]:
    return [Message(f"m{n:04}", END - n * timedelta(days=days) / count) for n in range(count)]


@pytest.mark.parametrize(
    ("order", "limit", "requests"),
    [
        ("newest", 20, 1),
        ("newest", 98, 1),
        ("newest", 100, 1),
        ("newest", 200, 2),
        ("oldest", 20, 2),
        ("oldest", 200, 4),
        ("none", 20, 4),
    ],
)
def test_no_more_pages_are_asked_for_than_the_limit_takes(order: VendorOrder, limit: int, requests: int) -> None:
    vendor = FakeVendor(evenly(320 if order == "newest" else 360), order=order)
    query = VoicemailQuery(since=END - timedelta(days=30), until=END)
    walk_one = asyncio.run(_first(vendor, query, limit))
    assert 0.9 * limit <= len(walk_one.voicemails) <= limit
    assert len(vendor.asked) == requests
    assert {asked["limit"] for asked in vendor.asked} == {"100"}


async def _first(vendor: FakeVendor, query: VoicemailQuery, limit: int) -> VoicemailPage:
    async with client_for(vendor) as client:
        return await client.voicemails.list(query, limit)


def test_windows_that_are_only_counted_take_one_small_request_each() -> None:
    vendor = FakeVendor(evenly(300, days=300))
    query = VoicemailQuery(since=END - timedelta(days=300), until=END)
    page = asyncio.run(_first(vendor, query, 5))
    assert page.total_count == 300
    assert [asked["limit"] for asked in vendor.asked] == ["100"] + ["10"] * 9
    vendor.asked.clear()
    assert page.next_query
    following = asyncio.run(_first(vendor, page.next_query, 5))
    assert following.total_count == 300
    assert len(vendor.asked) == 1


def test_two_thousand_messages_take_hardly_more_requests_than_there_are_pages() -> None:
    vendor = FakeVendor(evenly(2000, days=51))
    page = asyncio.run(_first(vendor, VoicemailQuery(since=END - timedelta(days=51), until=END), 2000))
    assert len(page.voicemails) == page.total_count == 2000
    assert page.next_query is None
    assert len(vendor.asked) <= 24


def test_filters_are_the_vendors_and_both_dates_go_together() -> None:
    vendor = FakeVendor([])
    query = VoicemailQuery(since=START, until=START + timedelta(days=1), status="unread", extension="1001")
    assert asyncio.run(_first(vendor, query, 3)) == VoicemailPage(voicemails=(), total_count=0)
    assert vendor.asked == [
        {
            "key": vendor.asked[0]["key"],
            "start_stamp_from": "2025-12-31 23:59:59 UTC",
            "start_stamp_to": "2026-01-02 00:00:01 UTC",
            "limit": "100",
            "page": "1",
            "read": "false",
            "user_number": "1001",
        }
    ]


@given(vendors(), st.integers(1, 12))
def test_a_search_by_caller_finds_every_match_once_and_counts_them(vendor: FakeVendor, limit: int) -> None:
    for index, message in enumerate(vendor.messages):
        message.caller = "Işıl Yılmaz" if index % 3 else "Ahmet"
    expected = [message.uuid for message in vendor.messages if START <= message.at <= END and message.caller != "Ahmet"]
    pages = walk(vendor, WHOLE.model_copy(update={"caller": "ışıl"}), limit)
    assert sorted(uuids(pages)) == sorted(expected)
    if len(vendor.asked) < REQUEST_BUDGET:
        assert {page.total_count for page in pages} == {len(expected)}


def test_a_search_by_caller_returns_what_it_has_when_its_requests_are_used_up() -> None:
    vendor = FakeVendor(evenly(3600))
    vendor.messages[3500].caller = "Ayşe"
    query = VoicemailQuery(since=END - timedelta(days=30), until=END, caller="Ayşe")
    first = asyncio.run(_first(vendor, query, 5))
    assert len(vendor.asked) == REQUEST_BUDGET
    assert (first.voicemails, first.total_count) == ((), None)
    assert first.next_query
    second = asyncio.run(_first(vendor, first.next_query, 5))
    assert [voicemail.uuid for voicemail in second.voicemails] == ["m3500"]
    assert second.next_query is None


@pytest.mark.parametrize(
    ("since", "until", "limit", "words"),
    [
        (START, END, 0, "limit"),
        (END, START, 5, "Swap"),
        (START - timedelta(days=367), START, 5, "366 days"),
        (datetime.min.replace(tzinfo=UTC), START, 5, "years"),
        (END, datetime.max.replace(tzinfo=UTC), 5, "years"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_any_request(
    since: datetime, until: datetime, limit: int, words: str
) -> None:
    vendor = FakeVendor([])
    with pytest.raises(InputError, match=words):
        asyncio.run(_first(vendor, VoicemailQuery(since=since, until=until), limit))
    assert vendor.asked == []


def test_a_range_shorter_than_a_second_is_an_empty_list() -> None:
    query = VoicemailQuery(since=START + SECOND / 4, until=START + SECOND / 2)
    assert asyncio.run(_first(FakeVendor([]), query, 5)).voicemails == ()


@given(st.datetimes(START.replace(tzinfo=None), END.replace(tzinfo=None), timezones=st.just(UTC)), st.integers(0, 366))
def test_windows_cover_a_range_exactly_and_none_exceeds_the_vendors_31_days(until: datetime, days: int) -> None:
    since = until - timedelta(days=days)
    windows = list(cut_windows(since, until))
    assert all(window.high + SECOND - (window.low - SECOND) <= timedelta(days=31) for window in windows)
    assert all(newer.low - SECOND == older.high for newer, older in pairwise(windows))
    if windows:
        assert since <= windows[-1].low < since + SECOND
        assert until - SECOND < windows[0].high <= until
