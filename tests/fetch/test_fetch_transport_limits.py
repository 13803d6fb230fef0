"""`sync.limits` on the wire: each a clear error that names its setting, whatever the server does."""

import asyncio
import gzip

import pytest

from homeroom.fetch.transport import TransportError, TransportFactory

from .wires import EMPTY, answered, asked, both, exchanged, failed, ok, serving, settings

pytestmark = both

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"


def chunks(body: bytes, size: int = 50_000) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@pytest.mark.parametrize(
    "reply",
    [ok(b"x" * 1_100_000), CHUNKED + b"\r\n" + chunks(b"x" * 1_100_000), b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1_100_000],
    ids=["length", "chunked", "no length"],
)
def test_a_body_larger_than_allowed_is_not_read_to_its_end(wire: TransportFactory, reply: bytes) -> None:
    error = failed(wire, reply, sync=settings(body_mb=1))
    assert (error.reason, error.transient) == ("limit", False)
    assert "sent a body of more than 1 MB (sync.limits.body_mb: 1); ask for smaller pages, or raise it" in str(error)


def test_a_body_as_large_as_allowed_is_read(wire: TransportFactory) -> None:
    assert len(answered(wire, ok(b"x" * 1_000_000), sync=settings(body_mb=1)).body) == 1_000_000


def test_an_endless_body_ends(wire: TransportFactory) -> None:
    async def endless(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED + b"\r\n")
        while True:
            writer.write(chunks(b"x" * 50_000)[:-5])
            await writer.drain()

    assert "sync.limits.body_mb: 3" in str(failed(wire, endless, sync=settings(body_mb=3)))


def test_the_body_of_a_redirect_is_limited_too(wire: TransportFactory) -> None:
    reply = ok(b"x" * 1_100_000, "Location: /x").replace(b"200 OK", b"302 Found", 1)
    assert "sync.limits.body_mb: 1" in str(failed(wire, reply, sync=settings(body_mb=1)))


def test_a_body_that_was_packed_beyond_all_measure_is_refused(wire: TransportFactory) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    error = failed(wire, ok(bomb, "Content-Encoding: gzip"))
    assert (error.reason, error.transient) == ("limit", False)
    assert "unpacks to more than 200 times its size (sync.limits.decompression: 200)" in str(error)


def test_a_chunked_bomb_stops_at_a_limit(wire: TransportFactory) -> None:
    bomb = CHUNKED + b"Content-Encoding: gzip\r\n\r\n" + chunks(gzip.compress(b"\0" * 50_000_000))
    assert failed(wire, bomb, sync=settings(body_mb=10)).reason == "limit"


def test_a_small_body_may_be_packed_as_tightly_as_it_likes(wire: TransportFactory) -> None:
    packed = gzip.compress(b" " * 900_000)
    assert len(answered(wire, ok(packed, "Content-Encoding: gzip")).body) == 900_000


def test_the_ratio_can_be_raised(wire: TransportFactory) -> None:
    packed = gzip.compress(b" " * 2_000_000)
    answer = answered(wire, ok(packed, "Content-Encoding: gzip"), sync=settings(decompression=2000))
    assert len(answer.body) == 2_000_000


def test_headers_as_long_as_real_link_headers_are_read(wire: TransportFactory) -> None:
    link = "<https://h/?" + "x" * 50_000 + '>; rel="next"'
    assert answered(wire, ok(b"", f"Link: {link}")).header("Link") == link


@pytest.mark.parametrize(("length", "kb"), [(70_000, 64), (9_000, 8)])
def test_a_longer_header_is_refused_and_not_quoted(wire: TransportFactory, length: int, kb: int) -> None:
    error = failed(wire, ok(b"", "Link: " + "s3cret" * (length // 6)), sync=settings(header_kb=kb))
    assert (error.reason, error.transient) == ("limit", False)
    assert f"sent a header line longer than {kb} kB (sync.limits.header_kb: {kb})" in str(error)


def test_headers_without_end_are_refused(wire: TransportFactory) -> None:
    error = failed(wire, ok(b"", *[f"X-{number}: s3cret" for number in range(1000)]))
    assert (error.reason, error.transient) == ("protocol", False)


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], ids=["before", "within"])
def test_a_silent_server_is_left(wire: TransportFactory, begun: bytes) -> None:
    async def silent(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(begun)
        await writer.drain()
        await asyncio.Event().wait()

    error = failed(wire, silent, sync=settings(silence_s=0.2))
    assert (error.reason, error.transient) == ("timeout", True)
    assert "sent nothing for 0.2 s (sync.limits.silence_s: 0.2)" in str(error)


@pytest.mark.parametrize(
    "begun",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", CHUNKED + b"\r\n3e8\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "],
    ids=["length", "chunked", "in the headers"],
)
def test_a_server_that_drips_is_left(wire: TransportFactory, begun: bytes) -> None:
    async def drip(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(begun)
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    error = failed(wire, drip, sync=settings(silence_s=2, answer_s=0.4))
    assert (error.reason, error.transient) == ("timeout", True)
    assert "had not sent its whole answer after 0.4 s (sync.limits.answer_s: 0.4)" in str(error)


def test_a_handshake_that_hangs_counts_as_connecting(wire: TransportFactory) -> None:
    async def hang(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def act() -> None:
        async with serving(hang, raw=True) as port:
            await asked(wire, f"https://127.0.0.1:{port}/", sync=settings(connect_s=0.2, silence_s=5))

    with pytest.raises(TransportError, match=r"could not be reached in 0\.2 s \(sync\.limits\.connect_s: 0\.2\)"):
        asyncio.run(act())


@pytest.mark.parametrize(
    ("header", "sent"),
    [("br, gzip;q=0.5, zstd", "gzip;q=0.5"), ("identity", "identity"), ("br", "gzip, deflate"), ("*", "gzip, deflate")],
)
def test_no_packing_is_asked_for_that_cannot_be_unpacked(wire: TransportFactory, header: str, sent: str) -> None:
    _, heard = exchanged(wire, EMPTY, headers={"Accept-Encoding": header})
    assert f"Accept-Encoding: {sent}\r\n".encode() in heard


@pytest.mark.parametrize("packing", ["br", "zstd", "compress"])
def test_a_packing_that_cannot_be_unpacked_is_named(wire: TransportFactory, packing: str) -> None:
    error = failed(wire, ok(b"\x0b\x02\x80s3cret\x03", f"Content-Encoding: {packing}"))
    assert (error.reason, error.transient) == ("encoding", False)
    assert f"packed its answer with {packing}, which cannot be unpacked here" in str(error)


def test_a_packing_that_is_none_is_overlooked(wire: TransportFactory) -> None:
    assert answered(wire, ok(b"[]", "Content-Encoding: utf-8")).body == b"[]"
