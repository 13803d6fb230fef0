"""Replies on their way to the client, whole or broken as their fate says."""

from aiohttp import web

from homeroom.demo.faults import Fate, Fault
from homeroom.demo.question import Reply

_TOO_MUCH = 100  # bytes that are promised and never come


async def send(http: web.BaseRequest, meeting: Fate, reply: Reply) -> web.StreamResponse:
    """Sends the reply; after a fault that closes the connection, what is returned has been sent."""
    size = len(reply.body)
    match meeting.fault:
        case Fault.RESET:
            return _hang_up(http)
        case Fault.CUT:
            return await _send_less(http, reply, reply.body[: size // 2], size)
        case Fault.LENGTH:
            return await _send_less(http, reply, reply.body, size + _TOO_MUCH)
        case Fault.SHORT_LENGTH:
            return _response(reply, reply.body[: size // 2])
        case _:
            return _response(reply, reply.body)


def _response(reply: Reply, body: bytes) -> web.Response:
    return web.Response(body=body, status=reply.status, headers=reply.headers, content_type=reply.content_type)


def _hang_up(http: web.BaseRequest) -> web.StreamResponse:
    if http.transport is not None:
        http.transport.abort()
    return web.Response()


async def _send_less(http: web.BaseRequest, reply: Reply, body: bytes, promised: int) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status, headers=reply.headers)
    response.content_type = reply.content_type
    response.content_length = promised
    await response.prepare(http)
    await response.write(body)
    if http.transport is not None:
        http.transport.close()
    return response
