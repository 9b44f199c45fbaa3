"""The server's open TCP connections by peer, so that a fault can cut one in mid-sentence."""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol


class Transports:
    """Remember each accepted connection; `cut` resets one."""

    def __init__(self) -> None:
        self._by_peer: dict[tuple[str, int], asyncio.Transport] = {}

    def cut(self, peer: tuple[str, int] | None) -> None:
        """Reset the connection of this peer, without a closing word. Call it on the server's loop."""
        transport = self._by_peer.pop(peer, None) if peer else None
        if transport is not None:
            transport.abort()

    def protocol(self) -> type[H11Protocol]:
        """Make uvicorn's HTTP protocol, taught to register its connections here."""
        by_peer = self._by_peer

        class RegisteredProtocol(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                by_peer[tuple(transport.get_extra_info("peername")[:2])] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                by_peer.pop(self.client or ("", 0), None)
                super().connection_lost(exc)

        return RegisteredProtocol
