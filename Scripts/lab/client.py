"""A client of the documented API, as a user's machine has it: it looks the name up each time, lets the addresses race, obeys
`retry:`, sends its place when it returns, and gives up a connection that is silent for too long."""

import asyncio
import random
import socket
import time

from account import Account
from stream import Malformed, Stream

HEAD_START = 0.25  # Of an address on the next one (RFC 8305).
CONNECT_LIMIT = 10
FIRST_RETRY = 3.0  # Until the stream says otherwise, as an EventSource.
STREAMS = {
    "raw": "/subscribe/raw?resume=1",
    "eps": "/subscribe/eps?resume=1",
    "snapshot": "/subscribe/eps?resume=1&snapshot=1",
}


TURNED_AWAY = "turned away"


class Unreachable(Exception):
    """No address accepted a connection."""


class Client(asyncio.Protocol):
    def __init__(self, kind, host, port, silence_limit, stream=Stream):
        self.new_stream = stream
        self.kind, self.host, self.port, self.silence_limit = kind, host, port, silence_limit
        self.account = Account(is_raw=kind == "raw")
        self.retry = FIRST_RETRY
        self.is_streaming = False
        self.transport = None
        self.heard_at = time.monotonic()  # When bytes last came.
        self.grown_at = None  # When increments last came.
        self.silences = []  # Pairs of its begin and its length, in seconds, and the `retry:` in it.
        self.connected_at = []  # When it connected, the first time and each time it returned.
        self.ends = []  # How its connections ended.
        self.refused = 0  # Attempts that were refused or reset.
        self.further = []  # For each connection, how many further addresses were tried.
        self.faults = []
        self._ended = None  # A future: how the connection ended.
        self._reason = None  # Why this client ended it.
        self._waited = 0.0  # How much of the present silence was asked for by `retry:`.

    async def run(self):
        while True:
            try:
                await self._connect()
            except (OSError, Unreachable) as error:
                self.ends.append("not connected: %s" % (error.strerror if isinstance(error, OSError) else error))
            else:
                self.ends.append(await self._ended)
            self._waited += self.retry
            await asyncio.sleep(self.retry)

    # Connecting.

    async def _connect(self):
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        self.tried = 0
        connection = await self._race(loop, [(entry[0], entry[4]) for entry in found])
        self._ended, self._reason = loop.create_future(), None
        self.stream = self.new_stream()
        self.heard_at = time.monotonic()
        self.peer = connection.getpeername()[0]
        await loop.create_connection(lambda: self, sock=connection)

    async def _race(self, loop, addresses):
        attempts = set()
        try:
            for number, (family, address) in enumerate(addresses, 1):
                self.tried = number
                attempts.add(asyncio.ensure_future(self._attempt(loop, family, address)))
                is_last = number == len(addresses)
                deadline = loop.time() + (CONNECT_LIMIT if is_last else HEAD_START)
                while attempts and loop.time() < deadline:
                    done, attempts = await asyncio.wait(
                        attempts, timeout=deadline - loop.time(), return_when=asyncio.FIRST_COMPLETED)
                    for attempt in done:
                        if attempt.result():
                            return attempt.result()
                    if done and not is_last:
                        break
            raise Unreachable("no address accepted a connection")
        finally:
            for attempt in attempts:
                attempt.cancel()

    async def _attempt(self, loop, family, address):
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            await loop.sock_connect(connection, address)
            return connection
        except (ConnectionRefusedError, ConnectionResetError):
            self.refused += 1
        except OSError:
            pass
        except asyncio.CancelledError:
            connection.close()
            raise
        connection.close()
        return None

    # The connection.

    def connection_made(self, transport):
        self.transport = transport
        head = "GET %s HTTP/1.1\r\nHost: %s:%d\r\nAccept: text/event-stream\r\n" % (
            STREAMS[self.kind], self.host, self.port)
        if self.account.place:
            head += "Last-Event-ID: %s\r\n" % self.account.place
        transport.write(head.encode() + b"\r\n")

    def data_received(self, piece):
        now = self.heard_at = time.monotonic()
        try:
            events = self.stream.take(piece)
        except (Malformed, ValueError) as error:
            self.faults.append(str(error))
            return self._give_up("malformed")
        if self.stream.retry is not None:
            self.retry = self.stream.retry
        if not self.is_streaming and self.stream.status is not None:
            self._begin(now)
        for event in events:
            self.account.take(event, now)
        if events and self._reason == TURNED_AWAY:  # A stream of version 0.1 announces the same as a refusal.
            self._reason = None
            self._stream_began(now)
        if events:
            self._grew(now)
        if self.stream.is_over:
            self.transport.close()

    def _begin(self, now):
        """The head is there. A refusal has another status, or announces that it ends at once."""
        if self.stream.status != 200:
            self.retry = float(self.stream.fields.get("retry-after", self.retry)) + random.random()
            return self._give_up("HTTP %d" % self.stream.status)
        if self.stream.fields.get("connection") == "close":
            self._reason = TURNED_AWAY
            return None
        return self._stream_began(now)

    def _stream_began(self, now):
        self.is_streaming = True
        self.connected_at.append(now)
        self.further.append(self.tried - 1)

    def _grew(self, now):
        if self.grown_at is not None and now - self.grown_at >= 0.5:
            self.silences.append((self.grown_at, now - self.grown_at, self._waited))
        self.grown_at = now
        self._waited = 0.0

    def check_silence(self, now):
        """To be called regularly: a connection that is silent for too long is given up."""
        if self.transport and now - self.heard_at > self.silence_limit:
            self._give_up("silent")

    def _give_up(self, reason):
        self._reason = reason
        self.transport.abort()

    def connection_lost(self, error):
        self.transport = None
        self.is_streaming = False
        if self._reason:
            reason = self._reason
        elif isinstance(error, ConnectionResetError):
            reason = "reset"
        elif self.stream.is_over:
            reason = "released"
        else:
            reason = "cut off"
        if self._ended and not self._ended.done():
            self._ended.set_result(reason)

    def report(self):
        """What the checker found out about this client, without the comparison with Redis."""
        account = self.account
        return {
            "kind": self.kind,
            "silences": self.silences,
            "connected_at": self.connected_at,
            "ends": self.ends,
            "refused": self.refused,
            "further": self.further,
            "faults": self.faults,
            "is_streaming": self.is_streaming,
            "received": account.received,
            "resets": account.resets,
            "late": account.late,
            "disordered": account.disordered,
            "misplaced": account.misplaced,
        }
