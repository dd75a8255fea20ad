"""A digest goes over the user's own mail server: over TLS alone, and with errors that say what to do."""

import io
import socket
import stat
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import keyring.errors
import pytest
from conftest import MakeSimulator
from pydantic import SecretStr
from support.mail_servers import MailRoom, Tls, mail_server_running
from support.tls_servers import certificate

from vm_mcp.cli import main
from vm_mcp.cli.digest.digest_mail import open_outbox
from vm_mcp.errors import MailError
from vm_mcp.keychain import store_key
from vm_mcp.net.mail_server import MailServer, try_login
from vm_mcp.operating_system import OperatingSystem
from vm_mcp.simulator import Simulator

USER, PASSWORD, TO = "desk@klinik.example", "şifre ğüç-42", "sahibi@klinik.example"

pytestmark = pytest.mark.usefixtures("no_rate_limit", "post", "desk")


class Post:
    """A mail server, and how `vm-mcp` is told of it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, stack: ExitStack) -> None:
        self.room = MailRoom(USER, PASSWORD)
        self._certificate, self._context = certificate(folder, "localhost")
        self._patch, self._stack = monkeypatch, stack
        self.set(HOST="localhost", USER=USER, PASSWORD=PASSWORD)
        monkeypatch.setenv("SSL_CERT_FILE", str(self._certificate))

    def set(self, **settings: str) -> None:
        for name, value in settings.items():
            self._patch.setenv(f"VM_MCP_SMTP_{name}", value)

    def serve(self, tls: Tls = "starttls", **options: Any) -> int:  # noqa: ANN401 - any of aiosmtpd's
        port = self._stack.enter_context(mail_server_running(self.room, self._context, tls, **options))
        self.set(PORT=str(port))
        return port


@pytest.fixture
def settings_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / ".env"
    for module in ("config.reading", "config.mail_reading", "cli.digest.mail_login", "cli.digest.digest_mail"):
        monkeypatch.setattr(f"vm_mcp.{module}.env_file", lambda: path)
    return path


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings_place: Path) -> Iterator[Post]:
    assert not settings_place.exists()
    with ExitStack() as stack:
        yield Post(tmp_path, monkeypatch, stack)


@pytest.fixture
def desk(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulator:
    for name, value in {
        "BASE_URL": simulator.base_url, "API_KEY": simulator.api_key, "DATA_DIR": str(tmp_path / "data"),
        "LOG_LEVEL": "DEBUG",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"VM_MCP_{name}", value)
    return simulator


def digest(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Run the command; return its status and what it said on stderr."""
    status = main(["digest", "--lang", "en", *(arguments or ("--to", TO))])
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err
    assert "Traceback" not in said.err
    return status, said.err


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_digest_is_sent_over_tls_as_text_and_html_and_says_nothing_to_cron(
    post: Post, desk: Simulator, capsys: pytest.CaptureFixture[str], tls: Tls, monkeypatch: pytest.MonkeyPatch
) -> None:
    unread = sum(message.read_at is None for message in desk.scenario.messages)
    monkeypatch.setenv("VM_MCP_LOG_LEVEL", "WARNING")
    post.serve(tls)
    post.set(TLS=tls)
    assert main(["digest", "--lang", "tr", "--to", TO]) == 0
    assert capsys.readouterr() == ("", "")
    [mail] = post.room.mails
    assert post.room.recipients == [[TO]]
    assert post.room.were_encrypted == [True, True]
    assert mail["From"] == f"vm-mcp <{USER}>"
    assert mail["To"] == TO
    assert mail["Subject"] == "Telesekreter: 8 açık mesaj, 4 cevapsız arayan"
    assert mail["Date"].datetime.utcoffset() is not None
    assert str(mail["Message-ID"]).endswith("@klinik.example>")
    assert mail["Auto-Submitted"] == "auto-generated"
    text, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert text is not None
    assert html is not None
    assert "Ayşe Yılmaz" in text.get_content()
    assert "Ayşe Yılmaz" in html.get_content()
    assert '<html lang="tr">' in html.get_content()
    assert sum(message.read_at is None for message in desk.scenario.messages) == unread


def test_a_key_and_a_password_are_in_no_log(
    post: Post, desk: Simulator, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    post.serve()
    status, said = digest(capsys)
    assert status == 0
    for secret in (desk.api_key, PASSWORD, "Ayşe Yılmaz"):
        assert secret not in said + caplog.text


def test_the_password_is_in_no_repr_of_what_sends() -> None:
    assert PASSWORD not in repr(open_outbox([TO]))


def test_a_password_that_is_refused_is_told_without_the_servers_words(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post.serve()
    post.set(PASSWORD="wrong")
    status, said = digest(capsys)
    assert status == 1
    assert "refuses the user or the password, so nothing was sent" in said
    assert "vm-mcp login --smtp" in said
    assert post.room.mails == []
    assert post.room.seen == [b"wrong"]


def test_a_server_that_only_knows_login_is_used_too(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    post.serve(auth_exclude_mechanism=["PLAIN"])
    assert digest(capsys)[0] == 0
    assert post.room.seen == [PASSWORD.encode()]


def test_without_tls_neither_mail_nor_password_leaves(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    post.serve("none")
    for tls in ("starttls", "implicit"):
        post.set(TLS=tls)
        status, said = digest(capsys)
        assert status == 1
        assert "offers no TLS at port" in said
        assert "nothing was sent" in said
    assert post.room.seen == []
    assert post.room.mails == []


def test_a_certificate_of_nobody_known_is_refused(
    post: Post, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, _ = certificate(tmp_path, "elsewhere.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(other))
    for tls in ("starttls", "implicit"):
        post.serve("implicit" if tls == "implicit" else "starttls")
        post.set(TLS=tls)
        status, said = digest(capsys)
        assert status == 1
        assert "certificate of the mail server localhost can't be verified, so nothing was sent" in said
    assert post.room.seen == []


def test_a_certificate_of_another_host_is_refused(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    post.serve()
    post.set(HOST="127.0.0.1")
    assert "can't be verified" in digest(capsys)[1]
    assert post.room.seen == []


def test_recipients_that_are_refused_are_named_and_the_others_get_it(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post.serve()
    post.room.refused["gone@klinik.example"] = "550 secret words of the server"
    status, said = digest(capsys, "--to", TO, "--to", "gone@klinik.example")
    assert status == 3
    assert "refused gone@klinik.example; the others were sent to" in said
    assert "secret words" not in said
    assert post.room.recipients == [[TO]]
    status, said = digest(capsys, "--to", "gone@klinik.example")
    assert status == 1
    assert "refuses to send to gone@klinik.example, so nothing was sent" in said


@pytest.mark.parametrize(("command", "said"), [("MAIL", "refuses the sender"), ("DATA", "refuses the mail itself")])
def test_a_sender_or_a_mail_that_is_refused_is_told(
    post: Post, capsys: pytest.CaptureFixture[str], command: str, said: str
) -> None:
    post.serve()
    post.room.refused[command] = "554 no"
    status, error = digest(capsys)
    assert status == 1
    assert said in error


@pytest.mark.parametrize("command", ["MAIL", TO, "DATA"])
def test_what_is_refused_only_for_now_is_to_be_tried_again_and_nothing_is_to_be_corrected(
    post: Post, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    post.serve()
    post.room.refused[command] = "451 greylisted, secret words of the server"
    status, said = digest(capsys)
    assert status == 1
    assert "takes no mail for now, so nothing was sent. Try again" in said
    assert "--to" not in said
    assert "secret words" not in said


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_computer_whose_name_has_turkish_letters_sends_mail(
    post: Post, monkeypatch: pytest.MonkeyPatch, tls: Tls
) -> None:
    monkeypatch.setattr("socket.getfqdn", lambda *_: "resepsiyon-görüşme.klinik.example")
    post.serve(tls)
    post.set(TLS=tls)
    assert main(["digest", "--to", TO]) == 0
    assert post.room.recipients == [[TO]]


def test_a_server_that_is_not_there_is_told(post: Post, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        post.set(PORT=str(taken.getsockname()[1]))
        status, said = digest(capsys)
    assert status == 1
    assert "can't be reached at port" in said


def test_a_mail_password_that_cron_would_not_find_is_told_though_the_key_is_known(
    post: Post, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vm_mcp.cli.digest.schedule_command.this_system", lambda: OperatingSystem("linux"))
    assert main(["digest", "--lang=en", f"--to={TO}", "--schedule=08:30"]) == 0
    assert "keyring" not in capsys.readouterr().err
    monkeypatch.setattr("keyring.get_password", lambda _, name: PASSWORD if USER in name else None)
    post.set(PASSWORD="")
    assert main(["digest", "--lang=en", f"--to={TO}", "--schedule=08:30"]) == 0
    assert "cron can't open a desktop's keyring" in capsys.readouterr().err


def test_a_host_that_can_have_no_such_name_is_told_and_its_cause_is_not_shown(
    post: Post, capsys: pytest.CaptureFixture[str]
) -> None:
    post.set(HOST="smtp..klinik.example", PORT="587")
    status, said = digest(capsys)
    assert status == 1
    assert "can't be reached at port" in said
    with pytest.raises(MailError) as caught:
        try_login(MailServer("smtp..klinik.example", 587, is_implicit=False, user=USER), PASSWORD)
    assert caught.value.__suppress_context__


def test_what_is_missing_is_told_before_anything_is_asked_or_opened(
    desk: Simulator, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VM_MCP_SMTP_PASSWORD")
    assert "No password for desk@klinik.example is known" in digest(capsys, "--to", TO, "--transcribe")[1]
    monkeypatch.setenv("VM_MCP_SMTP_USER", "desk")
    assert "VM_MCP_SMTP_SENDER" in digest(capsys)[1]
    monkeypatch.setenv("VM_MCP_SMTP_TLS", "no")
    assert "VM_MCP_SMTP_TLS" in digest(capsys)[1]
    monkeypatch.delenv("VM_MCP_SMTP_TLS")
    monkeypatch.delenv("VM_MCP_SMTP_HOST")
    assert "No mail server is set" in digest(capsys)[1]
    assert desk.requests == []


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a",
        "a@b, c@d",
        "A <a@b.example>",
        "a@b.example\nBcc: c@d.example",
        "ü@b.example",
        "a@@b",
        ".a@b.example",
        "a.@b.example",
        "a..b@b.example",
        "a@b..example",
    ],
)
def test_what_is_no_single_address_is_sent_nowhere(
    desk: Simulator, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    status, said = digest(capsys, "--to", address)
    assert status == 1
    assert "--to takes one mail address" in said
    assert desk.requests == []


def test_the_password_is_tried_out_and_stored_for_its_server_alone(
    post: Post, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, settings_place: Path
) -> None:
    post.serve()
    monkeypatch.delenv("VM_MCP_SMTP_PASSWORD")
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong\n"))
    assert main(["login", "--smtp", "--file"]) == 1
    assert not settings_place.exists()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert main(["login", "--smtp", "--file"]) == 0
    said = capsys.readouterr()
    assert PASSWORD not in said.out + said.err
    assert "accepted by localhost" in said.out
    assert f"VM_MCP_SMTP_PASSWORD='{PASSWORD}'" in settings_place.read_text(encoding="utf-8")
    assert stat.S_IMODE(settings_place.stat().st_mode) == 0o600
    assert post.room.mails == []
    assert main(["logout", "--smtp"]) == 0
    assert PASSWORD not in settings_place.read_text(encoding="utf-8")


def test_a_stored_password_goes_to_no_other_server(
    post: Post, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.delenv("VM_MCP_SMTP_PASSWORD")
    monkeypatch.setattr("keyring.get_password", lambda _, name: kept.get(("", name)))
    monkeypatch.setattr("keyring.set_password", lambda _, name, value: kept.update({("", name): value}))
    store_key("smtp://localhost", SecretStr(PASSWORD), USER)
    post.serve()
    assert digest(capsys)[0] == 0
    post.set(HOST="elsewhere.example")
    assert "No password" in digest(capsys)[1]


def test_a_locked_keyring_names_the_setting_of_the_password_not_of_the_key(
    post: Post, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(*_: str) -> str:
        raise keyring.errors.KeyringLocked

    monkeypatch.delenv("VM_MCP_SMTP_PASSWORD")
    monkeypatch.setattr("keyring.get_password", locked)
    post.serve()
    status, err = digest(capsys)
    assert status == 1
    assert "or set VM_MCP_SMTP_PASSWORD." in " ".join(err.split())


def test_nothing_open_sends_nothing(
    post: Post, make_simulator: MakeSimulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    empty = make_simulator("empty")
    for name, value in (
        ("BASE_URL", empty.base_url), ("API_KEY", empty.api_key), ("DATA_DIR", str(tmp_path / "data")),
    ):  # fmt: skip
        monkeypatch.setenv(f"VM_MCP_{name}", value)
    post.serve()
    assert main(["digest", "--only-if-open", "--to", TO]) == 0
    assert post.room.mails == []
    assert main(["digest", "--to", TO, "--lang", "en"]) == 0
    assert [mail["Subject"] for mail in post.room.mails] == ["Voicemail: 0 open messages"]
