"""Which messages were left by a machine."""

import pytest

from vm_mcp.doubt.machine_messages import is_machine_message


@pytest.mark.parametrize(
    "text",
    [
        "Aradığınız numara kullanılmamaktadır. Lütfen kontrol edip tekrar arayınız.",
        "Bu numara kullanılmamaktadır.",
        "Aradığınız kişiye şu anda ulaşılamıyor. Lütfen daha sonra tekrar deneyiniz.",
        "Lütfen bekleyiniz.",
        "Randevu için biri, muhasebe için ikiyi tuşlayınız.",
        "Görüşmeleriniz kayıt altına alınmaktadır. Müşteri temsilcisine bağlanmak için 0'ı tuşlayın.",
        "ARADIĞINIZ ABONE ŞU ANDA KAPALI",
        "The person you are calling is not available. Please try again later.",
        "The number you have dialed is not in service. Please check the number and dial again.",
        "Your call is important to us. Please hold the line.",
        "For sales, press one. For support, press two.",
        "Thank you for calling Northwind Logistics. All of our agents are currently busy.",
    ],
)
def test_announcements_and_menus_are_a_machines(text: str) -> None:
    assert is_machine_message(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Merhaba, ben Ayşe. Aradığınız numara kullanılmamaktadır diyor, beni geri arayın.",
        "Hello, I called and it says the number you are calling is not available.",
        "Merhaba, numaram değişti, bu numara artık kullanılmıyor, yenisi 0532.",
        "Kredi başvurunuzla ilgili aradık, dört yüz kırk dörtlü numarayı arayıp dahili elli dört tuşlayın.",
        "Beni aradığınız için teşekkür ederim.",
        "Please hold my room until Friday.",
        "Thank you for calling back. The meeting is on Monday at ten in the office, see you there.",
        "Paketiniz geldi, lütfen şubeden alınız.",
    ],
)
def test_a_caller_who_quotes_an_announcement_is_a_person(text: str) -> None:
    assert not is_machine_message(text)
