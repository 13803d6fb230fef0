"""TLS, certificates and proxies: what the environment says holds for both transports."""

import asyncio
import datetime
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from homeroom.errors import ConfigError
from homeroom.fetch.transport import TransportError, TransportFactory
from homeroom.values import Answer

from .wires import EMPTY, asked, both, exchanged, ok, serving

pytestmark = both

PROXY_VARIABLES = [
    name for base in ("http_proxy", "https_proxy", "all_proxy", "no_proxy") for name in (base, base.upper())
]


@pytest.fixture(autouse=True)
def a_bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*PROXY_VARIABLES, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"]:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate that it signed itself, for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "school")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path_factory.mktemp("tls") / "school.pem"
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


def over_tls(wire: TransportFactory, certificate: Path) -> Answer:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)

    async def act() -> Answer:
        async with serving(lambda _, writer: writer.write(ok(b"[]")), ssl=context) as port:
            return await asked(wire, f"https://127.0.0.1:{port}/users?key=s3cret")

    return asyncio.run(act())


def test_a_certificate_that_nobody_vouches_for_is_refused(wire: TransportFactory, certificate: Path) -> None:
    with pytest.raises(TransportError, match=r"TLS: 127\.0\.0\.1:\d+: self.signed certificate") as caught:
        over_tls(wire, certificate)
    assert not caught.value.transient and "s3cret" not in str(caught.value)


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_a_certificate_of_the_environment_is_trusted(
    wire: TransportFactory, certificate: Path, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(certificate))
    assert over_tls(wire, certificate).body == b"[]"


def test_certificates_that_are_not_there_are_named(
    wire: TransportFactory, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    with pytest.raises(ConfigError, match=r"REQUESTS_CA_BUNDLE.*cannot be read: No such file.*'/nowhere/ca\.pem'"):
        over_tls(wire, certificate)


def test_a_server_that_speaks_no_tls_is_named(wire: TransportFactory) -> None:
    async def act() -> None:
        async with serving(lambda _, writer: writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n"), raw=True) as port:
            await asked(wire, f"https://127.0.0.1:{port}/")

    with pytest.raises(TransportError, match=r"TLS: 127\.0\.0\.1:\d+ does not speak TLS") as caught:
        asyncio.run(act())
    assert not caught.value.transient


def through_proxy(wire: TransportFactory, monkeypatch: pytest.MonkeyPatch, variable: str, url: str, form: str) -> bytes:
    """The first line that a proxy hears; `form` is how the variable writes it."""
    heard: list[bytes] = []

    async def act() -> None:
        def proxy(request: bytes, writer: asyncio.StreamWriter) -> None:
            heard.append(request)
            writer.write(ok(b"[]") if request.startswith(b"GET") else b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")

        async with serving(proxy) as port:
            monkeypatch.setenv(variable, form.format(port))
            await asked(wire, url)

    try:
        asyncio.run(act())
    except TransportError as error:
        heard.append(str(error).encode())
    return b"\n".join(heard)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize("form", ["http://127.0.0.1:{}", "127.0.0.1:{}"])
def test_a_proxy_of_the_environment_is_used(
    wire: TransportFactory, variable: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://school.invalid/a%2Fb?x=1:2"
    assert through_proxy(wire, monkeypatch, variable, url, form).startswith(b"GET " + url.encode() + b" HTTP/1.1")


def test_a_proxy_is_given_its_password(wire: TransportFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = through_proxy(wire, monkeypatch, "HTTP_PROXY", "http://school.invalid/", "http://me:pw@127.0.0.1:{}")
    assert b"proxy-authorization: basic bwu6chc=" in heard.lower()


def test_tls_is_tunnelled_and_a_refusing_proxy_is_named(
    wire: TransportFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = through_proxy(
        wire, monkeypatch, "HTTPS_PROXY", "https://school.invalid/?key=s3cret", "http://me:s3cret@127.0.0.1:{}"
    )
    request, error = heard.split(b"\r\n", 1)[0], heard.split(b"\n")[-1]
    assert request.startswith(b"CONNECT school.invalid:443 HTTP/1.")
    assert (
        error.startswith(b"proxy: the proxy on the way to school.invalid: it answered 407") and b"s3cret" not in error
    )


def test_no_proxy_is_heeded(wire: TransportFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    answer, _ = exchanged(wire, EMPTY)
    assert isinstance(answer, Answer) and answer.status == 204


def test_a_proxy_that_is_not_there_is_named_and_worth_another_try(
    wire: TransportFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with pytest.raises(
        TransportError, match=r"proxy: .* school\.invalid: Connection refused; see HTTP_PROXY"
    ) as caught:
        asyncio.run(asked(wire, "http://school.invalid/"))
    assert caught.value.transient


def test_a_password_in_the_url_is_sent_as_a_header_and_never_shown(wire: TransportFactory) -> None:
    heard: list[bytes] = []

    async def act() -> None:
        async with serving(lambda request, _: heard.append(request)) as port:
            await asked(wire, f"http://me:s3cret@127.0.0.1:{port}/users")

    with pytest.raises(TransportError) as caught:
        asyncio.run(act())
    assert b"authorization: basic bwu6cznjcmv0" in heard[0].lower()
    assert "s3cret" not in str(caught.value) and heard[0].startswith(b"GET /users HTTP/1.1")
