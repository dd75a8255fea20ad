"""``verimor-sdk``, a client that nobody here wrote, works against the simulator."""

from collections.abc import Callable, Iterator

import pytest
from support.simulator_requests import decoded_seconds, fetch
from verimor._core import VerimorApiError
from verimor.switch import SwitchClient

from vm_mcp.simulator import Simulator

MakeSimulator = Callable[..., Simulator]


@pytest.fixture
def client(simulator: Simulator) -> Iterator[SwitchClient]:
    with SwitchClient(simulator.api_key, base_url=simulator.base_url) as opened:
        yield opened


def test_it_lists_every_page(simulator: Simulator, client: SwitchClient) -> None:
    first = client.list_voicemail_messages(page=1, limit=10)
    rest = [client.list_voicemail_messages(page=page) for page in range(2, first.pagination.total_pages + 1)]

    uuids = [message.uuid for page in [first, *rest] for message in page.messages]

    assert len(uuids) == first.pagination.total_count
    assert set(uuids) == {message.uuid for message in simulator.scenario.messages}


def test_it_filters(client: SwitchClient) -> None:
    accounting = client.list_voicemail_messages(user_number="1002", read="false").messages

    assert [message.caller_id_name for message in accounting] == ["Sarah Mitchell", "Zeynep Arslan - Yıldız Mobilya"]


def test_it_fetches_a_recording_that_decodes(client: SwitchClient) -> None:
    message = client.list_voicemail_messages(user_number="1003").messages[0]

    audio = fetch(client.create_voicemail_recording_url(uuid=message.uuid)).content

    assert message.duration == "00:00:23"
    assert decoded_seconds(audio) == pytest.approx(23.42, abs=0.05)
    assert client.list_voicemail_messages(uuid=message.uuid).messages[0].read_stamp


def test_it_lists_calls_contacts_and_extensions(simulator: Simulator, client: SwitchClient) -> None:
    first = client.list_cdrs(limit=100)
    contacts = client.list_contacts(limit=100)

    assert first.cdrs
    assert first.pagination
    assert len(first.cdrs) == first.pagination.total_count == len(simulator.scenario.all_calls())
    assert {call.result for call in first.cdrs} == {"Cevaplandı", "Cevapsız"}
    assert len(contacts.contacts) == contacts.pagination.total_count == len(simulator.scenario.contacts)
    assert [owner.name for owner in client.list_extensions()] == [o.name for o in simulator.scenario.extensions]


def test_its_wrong_key_is_refused(simulator: Simulator) -> None:
    with SwitchClient("K-wrong", base_url=simulator.base_url) as client, pytest.raises(VerimorApiError) as refused:
        client.list_voicemail_messages()

    assert (refused.value.status, refused.value.body) == (400, "Gecersiz anahtar: K-wrong")
