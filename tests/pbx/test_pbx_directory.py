"""Contacts and extensions: names, companies and numbers, and nothing else that the vendor knows of people."""

import gc
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import stamina
from conftest import MakeSimulator
from hypothesis import given
from hypothesis import strategies as st
from support.fake_vendor import client_for

from vm_mcp.config import Settings
from vm_mcp.contacts import Contact, Extension, contacts_by_number
from vm_mcp.errors import PbxError, PbxProtocolError
from vm_mcp.pbx import PbxClient
from vm_mcp.pbx.directory_wire import parse_contact, parse_contacts, parse_extensions
from vm_mcp.simulator import AddressBookEntry, ExtensionOwner, Simulator, eight_spellings
from vm_mcp.simulator.neighbour_formats import SIP_PASSWORD
from vm_mcp.telephone import shortest_spelling

pytestmark = pytest.mark.anyio

SECRETS = {
    "tckn": "10000000146", "birthday": "17.04.1981", "email": "gizli@posta.example", "note1": "şeker hastası",
    "note2": "borcu var", "description": "özel açıklama", "gender": "Kadın", "weddingday": "09.09.2009",
    "monthly_sms_message": "iyi ki doğdun", "address": "Gül Sokak 5", "fax": "02129998877", "title": "Kurban",
}  # fmt: skip
ROW = {"id": 5, "name": "Ayşe", "surname": "Yılmaz", "company_name": "Yıldız", "phone": "0542 731 06 48", **SECRETS}


@pytest.fixture(autouse=True)
def _no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@asynccontextmanager
async def client_of(pbx: Simulator) -> AsyncIterator[PbxClient]:
    settings = Settings(_env_file=None, api_key=pbx.api_key, base_url=pbx.base_url)
    async with PbxClient(settings, requests_per_second=1e6) as client:
        yield client


async def test_contacts_are_names_companies_and_numbers(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        found = await client.contacts.list()
    assert found.is_complete
    assert found.contacts[0] == Contact(contact_id="1", name="Mehmet Kaya", numbers=("+90 (532) 417-28-93",))
    assert found.contacts[1].company == "Yılmaz İnşaat"
    assert len(found.contacts[1].numbers) == 2
    assert len(simulator.requests) == 1


async def test_a_contact_without_a_number_or_with_a_withheld_one_names_nobody(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        found = await client.contacts.list()
    assert {"Numarasız Kişi", "Gizli Numara"}.isdisjoint(contact.name for contact in found.contacts)
    assert len(found.contacts) == len(simulator.scenario.contacts) - 2


def body_of(*rows: object) -> bytes:
    return json.dumps(
        {"contacts": rows, "pagination": {"page": 1, "total_count": len(rows), "total_pages": 1}}
    ).encode()


@pytest.mark.parametrize(
    "body",
    [
        body_of(ROW),
        body_of(ROW, {**ROW, "id": None, "name": 7, "phone": []}, "şeker hastası"),
        body_of(ROW)[:-1],
        json.dumps({"contact": [ROW]}).encode(),
        json.dumps({"contacts": {"şeker hastası": ROW}}).encode(),
        b"<html>" + body_of(ROW),
    ],
)
async def test_what_else_the_vendor_knows_of_people_is_in_no_object_log_or_error(
    body: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    seen = ""
    async with client_for(lambda _: httpx.Response(200, content=body)) as client:
        try:
            seen += repr(await client.contacts.list())
        except PbxError as error:
            chain: BaseException | None = error
            while chain:
                seen += repr(chain) + repr(vars(chain)) + repr(chain.args)
                chain = chain.__cause__ or chain.__context__
    seen += "".join(repr(vars(record)) + record.getMessage() for record in caplog.records) + "".join(capfd.readouterr())
    kept = [held for held in gc.get_objects() if isinstance(held, Contact)]
    seen += repr(kept)
    for secret in SECRETS.values():
        assert secret not in seen
        assert json.dumps(secret)[1:-1] not in seen


async def test_a_list_of_extensions_is_read_and_none_alone_whose_password_it_would_show(
    make_simulator: MakeSimulator,
) -> None:
    for answer in ("list", "object"):
        pbx = make_simulator(extensions_answer=answer)
        async with client_of(pbx) as client:
            found = await client.extensions.list()
            assert found[0] == Extension(number="1001", name="Elif Aksoy")
            pbx.scenario.extensions[0] = ExtensionOwner("1001", "Yeni Sahibi")
            assert (await client.extensions.list())[0].name == "Yeni Sahibi"
            await client.contacts.list()
        assert {request.path for request in pbx.requests} == {"/extensions", "/contacts"}
        assert SIP_PASSWORD not in repr(found)


def test_a_bad_extension_costs_itself_alone_and_of_two_the_later_counts() -> None:
    rows = [{"number": 1001, "name": "Elif"}, {"name": "x"}, 7, {"number": "1002", "name": None}, {"number": "1001"}]
    assert parse_extensions(json.dumps(rows).encode()) == (Extension(number="1001"), Extension(number="1002"))
    with pytest.raises(PbxProtocolError, match="list of extensions"):
        parse_extensions(b'{"result": "ok"}')


@pytest.mark.parametrize("fault", ["", "half_page"])
async def test_all_pages_of_contacts_are_read_also_where_each_holds_half(
    make_simulator: MakeSimulator, fault: str
) -> None:
    pbx = make_simulator("busy")
    del pbx.scenario.contacts[230:]
    if fault:
        pbx.faults.set("half_page", "contacts")
    async with client_of(pbx) as client:
        found = await client.contacts.list()
    assert found.is_complete
    assert len(found.contacts) == 230
    assert len(pbx.requests) == (5 if fault else 3)


async def test_a_pbx_that_ignores_pages_or_holds_back_rows_gives_an_incomplete_list() -> None:
    rows = [{**ROW, "id": number} for number in range(100)]
    pagination = {"page": 1, "total_count": 250, "total_pages": 3, "limit": 100}
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, json={"contacts": rows, "pagination": pagination})

    async with client_for(answer) as client:
        found = await client.contacts.list()
    assert (len(found.contacts), found.is_complete, len(asked)) == (100, False, 2)


@pytest.mark.parametrize("spelling", eight_spellings("5324172893"))
async def test_a_number_in_any_spelling_names_the_caller(simulator: Simulator, spelling: str) -> None:
    simulator.scenario.contacts[0] = AddressBookEntry(1, "Mehmet", "Kaya", None, ("", spelling))
    async with client_of(simulator) as client:
        names = contacts_by_number((await client.contacts.list()).contacts)
    assert [contact.name for contact in names[shortest_spelling("905324172893")]] == ["Mehmet Kaya"]


async def test_a_number_of_several_contacts_names_all_of_them(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        names = contacts_by_number((await client.contacts.list()).contacts)
    assert [contact.name for contact in names["3124440182"]] == ["Hasan Demir", "Oya Demir", "Kemal"]
    assert "" not in names


json_values = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=3), max_size=2)
)
fields = st.sampled_from(["id", "name", "surname", "company_name", "phone", "phone1", "phone2", "tckn", "note1"])


@given(st.lists(st.dictionaries(fields, json_values), max_size=5))
def test_any_fields_make_a_contact_and_lose_no_other(rows: list[dict[str, Any]]) -> None:
    page = parse_contacts(body_of(*rows))
    assert [listed.row for listed in page.rows] == [parse_contact(row) for row in rows]
    for contact in (listed.row for listed in page.rows):
        assert all(shortest_spelling(number) for number in contact.numbers)
