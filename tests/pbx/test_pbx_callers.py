import pytest

from vm_mcp.models import Voicemail
from vm_mcp.pbx.caller_filter import matches_caller


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("Işıl Yılmaz", "ışıl"),
        ("Işıl Yılmaz", "IŞIL"),
        ("IŞIL YILMAZ", "yılmaz"),
        ("İpek Çağ", "ipek"),
        ("ipek çağ", "İPEK"),
        ("Gülümse Diş Kliniği", "gulumse dis"),
        ("Ofis 2", "2"),
        ("Ahmet", " ahmet "),
    ],
)
def test_a_name_is_found_by_a_part_whatever_its_case_accents_and_dots(name: str, wanted: str) -> None:
    assert matches_caller(Voicemail(uuid="m", caller_id_name=name), wanted)


@pytest.mark.parametrize("listed", ["03121234567", "903121234567", "00903121234567", "+903121234567", "3121234567"])
@pytest.mark.parametrize(
    "wanted", ["03121234567", "+90 312 123 45 67", "0090 (312) 123-4567", "903121234567", "4567", "0312", "312123"]
)
def test_a_number_is_found_in_every_spelling(listed: str, wanted: str) -> None:
    assert matches_caller(Voicemail(uuid="m", caller_id_number=listed), wanted)


@pytest.mark.parametrize(
    ("number", "wanted"),
    [("0012025550134", "+1 202 555 01 34"), ("1001", "1001"), ("05324172893", "2893"), ("9012", "9012")],
)
def test_foreign_numbers_and_extensions_are_found(number: str, wanted: str) -> None:
    assert matches_caller(Voicemail(uuid="m", caller_id_number=number), wanted)


@pytest.mark.parametrize("wanted", ["0532", "Veli", "+", "0", "00", "312 ext", "5551234567"])
def test_other_callers_are_not_found(wanted: str) -> None:
    assert not matches_caller(Voicemail(uuid="m", caller_id_number="3121234567", caller_id_name="Ayşe"), wanted)
