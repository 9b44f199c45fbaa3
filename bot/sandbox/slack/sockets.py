"""Socket Mode: connections, hello and disconnect, one envelope to exactly one connection, acknowledgements."""

import asyncio
import json
import logging
import secrets
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect

from .ids import APP
from .parcels import Answer, Parcel, Retry, not_dispatched, timed_out
from .records import JsonObject
from .transports import Transports
from .workspace import Workspace

log = logging.getLogger("copy_backup.sandbox.slack")

MAX_CONNECTIONS = 10
MAX_ACK_BYTES = 20_480
# A warning comes about ten seconds ahead. Emulator decision: any other farewell is followed by the end in a second.
CLOSING_SECONDS = {"warning": 10.0, "link_disabled": 0.0}


@dataclass(eq=False, slots=True)
class Connection:
    """One WebSocket; `leaving` once it was asked to reconnect."""

    socket: WebSocket
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: bool = False
    delivered: int = 0


@dataclass(eq=False, slots=True)
class Envelope:
    """A parcel that waits for its acknowledgement."""

    parcel: Parcel
    retry: Retry | None
    connection: Connection
    acked: "Future[Answer]" = field(default_factory=Future)
    redelivered: bool = False

    def frame(self) -> str:
        body: JsonObject = {
            "envelope_id": self.parcel.id,
            "type": self.parcel.kind,
            "payload": self.parcel.payload,
            "accepts_response_payload": self.parcel.kind != "events_api",
        }
        if self.parcel.kind == "events_api":
            body |= {"retry_attempt": self.retry.number if self.retry else 0}
            body |= {"retry_reason": self.retry.reason if self.retry else ""}
        return json.dumps(body)


class SocketHub:
    """Serve the app's WebSockets and deliver parcels through them, from any thread."""

    def __init__(self, workspace: Workspace, transports: Transports) -> None:
        self._workspace = workspace
        self._transports = transports
        self._tickets: set[str] = set()
        self._connections: list[Connection] = []
        self._unacked: dict[str, list[Envelope]] = {}
        self.loop: asyncio.AbstractEventLoop | None = None
        self.base_url = ""

    @property
    def connection_count(self) -> int:
        """The connections that will stay: those asked to reconnect no longer count."""
        with self._workspace.changes.reading():
            return len([c for c in self._connections if not c.leaving])

    def new_url(self) -> str:
        """Mint the address of one connection."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return f"{self.base_url}?ticket={ticket}&app_id={APP}"

    def deliver(self, parcel: Parcel, ack_seconds: float, retry: Retry | None = None) -> Answer:
        """Send a parcel through one connection and wait for its acknowledgement."""
        with self._workspace.changes.changing():
            connection = self._next_connection()
            if connection is None or self.loop is None:
                return not_dispatched()
            envelope = Envelope(parcel, retry, connection)
            self._unacked.setdefault(parcel.id, []).append(envelope)
        asyncio.run_coroutine_threadsafe(self._send(connection, envelope.frame()), self.loop)
        try:
            return envelope.acked.result(ack_seconds)
        except FutureTimeout:
            return timed_out()

    def strike(self, reason: str | None) -> None:
        """Cut every connection (None), or ask each to reconnect for a reason."""
        if self.loop is not None:
            asyncio.run_coroutine_threadsafe(self._strike(reason), self.loop).result(5)

    async def serve(self, socket: WebSocket) -> None:
        """Talk with one connection until it ends."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets:
            await socket.close()
            return
        self._tickets.discard(ticket)
        connection = Connection(socket)
        self._join(connection)
        try:
            await socket.accept()
            await self._welcome(connection)
            while True:
                await self._hear(connection, await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError):
            log.debug("A Socket Mode connection ended.")
        finally:
            self._part(connection)

    def _join(self, connection: Connection) -> None:
        # It joins before the handshake is answered, so that whoever waits for `connect()` finds it here.
        with self._workspace.changes.changing():
            self._connections.append(connection)

    def _part(self, connection: Connection) -> None:
        with self._workspace.changes.changing():
            self._connections.remove(connection)

    async def _welcome(self, connection: Connection) -> None:
        count = self.connection_count
        if count > MAX_CONNECTIONS:
            await connection.socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await connection.socket.close()
            return
        hello = {
            "type": "hello",
            "num_connections": count,
            "connection_info": {"app_id": APP},
            "debug_info": {"host": "local-slack", "build_number": 1, "approximate_connection_time": 3600},
        }
        await connection.socket.send_text(json.dumps(hello))
        connection.ready.set()
        for envelope in self._left_behind(connection):
            await self._send(connection, envelope.frame())

    def _left_behind(self, heir: Connection) -> list[Envelope]:
        """Return what vanished connections never acknowledged, once each, now the heir's.

        Emulator decision: people saw such envelopes come again after a reconnect; how often and for how long is not
        documented.
        """
        if not self._workspace.faults.redeliver_unacked:
            return []
        with self._workspace.changes.reading():
            orphans = [
                envelope
                for waiting in self._unacked.values()
                for envelope in waiting
                if envelope.connection not in self._connections and not envelope.redelivered
            ]
            for envelope in orphans:
                envelope.connection, envelope.redelivered = heir, True
            return orphans

    async def _hear(self, connection: Connection, text: str) -> None:
        if len(text.encode()) > MAX_ACK_BYTES:
            log.error("The app sent a frame of %d bytes; Slack closes above %d.", len(text.encode()), MAX_ACK_BYTES)
            await connection.socket.close(code=1009, reason="message too big")
            return
        try:
            frame = json.loads(text)
        except ValueError:
            return
        if isinstance(frame, dict) and not self._workspace.faults.take_for_delivery("lose_ack"):
            self._acknowledge(str(frame.get("envelope_id")), frame.get("payload"))

    def _acknowledge(self, envelope_id: str, payload: object) -> None:
        """Settle everybody who waits for this envelope; a second acknowledgement finds nobody."""
        answer = Answer(ok=True, body=payload if isinstance(payload, dict) else {})
        with self._workspace.changes.changing():
            for envelope in self._unacked.pop(envelope_id, []):
                if not envelope.acked.done():
                    envelope.acked.set_result(answer)

    def _next_connection(self) -> Connection | None:
        """Choose who gets the next envelope: the least used, and nobody who is leaving if it can be helped."""
        staying = [c for c in self._connections if not c.leaving] or self._connections
        if not staying:
            return None
        chosen = min(staying, key=lambda c: c.delivered)
        chosen.delivered += 1
        return chosen

    async def _send(self, connection: Connection, frame: str) -> None:
        await connection.ready.wait()
        try:
            await connection.socket.send_text(frame)
        except (WebSocketDisconnect, RuntimeError):
            log.debug("A connection was gone before its envelope was sent.")

    async def _strike(self, reason: str | None) -> None:
        with self._workspace.changes.changing():
            struck = list(self._connections)
            for connection in struck:
                connection.leaving = True
        for connection in struck:
            if reason is None:
                self._transports.cut(_peer(connection.socket))
                continue
            farewell = {"type": "disconnect", "reason": reason, "debug_info": {"host": "local-slack"}}
            await self._send(connection, json.dumps(farewell))
            await self._end(connection, CLOSING_SECONDS.get(reason, 1.0))

    async def _end(self, connection: Connection, seconds: float) -> None:
        if not seconds:
            await connection.socket.close()
            return
        peer = _peer(connection.socket)
        asyncio.get_running_loop().call_later(seconds, self._transports.cut, peer)


def _peer(socket: WebSocket) -> tuple[str, int] | None:
    return (socket.client.host, socket.client.port) if socket.client else None
