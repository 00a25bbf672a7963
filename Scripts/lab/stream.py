"""Reads the bytes of one connection: the response's head, its chunks, and the lines of an event stream.

Written from Docs/client-api.md alone, and shares no code with the relay.
"""

import collections

Event = collections.namedtuple("Event", "name data place")


class Malformed(Exception):
    """The bytes are not what the documentation promises."""


class Stream:
    """One response. An event counts once its blank line has arrived; a `retry:` counts as soon as its line has."""

    def __init__(self):
        self.status = None  # The HTTP status, once the head is complete.
        self.fields = {}
        self.retry = None  # In seconds.
        self.is_over = False  # Whether the last chunk has arrived: the server ended the stream.
        self.comments = 0
        self._rest = b""  # Bytes of an incomplete head or chunk.
        self._line = b""  # The beginning of an incomplete line.
        self._clear()

    def _clear(self):
        self._name, self._data, self._place = "message", None, None

    def take(self, piece):
        """Takes bytes as they arrive, and returns the events that are complete now."""
        self._rest += piece
        if self.status is None and not self._take_head():
            return []
        if self.fields.get("transfer-encoding") == "chunked":
            body = self._take_chunks()
        else:
            body, self._rest = self._rest, b""
        return self._take_lines(body) if body else []

    def _take_head(self):
        head, separator, rest = self._rest.partition(b"\r\n\r\n")
        if not separator:
            if len(self._rest) > 16_384:
                raise Malformed("the head has no end")
            return False
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ", 2)
        if len(words) < 2 or not words[0].startswith("HTTP/1."):
            raise Malformed("not HTTP: " + first[:80])
        for line in lines:
            name, _, value = line.partition(":")
            self.fields[name.lower()] = value.strip()
        self.status, self._rest = int(words[1]), rest
        return True

    def _take_chunks(self):
        pieces, start, buffer = [], 0, self._rest
        while not self.is_over:
            end = buffer.find(b"\r\n", start)
            if end < 0:
                break
            size = int(buffer[start:end], 16)
            if len(buffer) < end + 4 + size:
                break
            if buffer[end + 2 + size : end + 4 + size] != b"\r\n":
                raise Malformed("a chunk is longer than it says")
            pieces.append(buffer[end + 2 : end + 2 + size])
            start = end + 4 + size
            self.is_over = size == 0
        self._rest = buffer[start:]
        return b"".join(pieces)

    def _take_lines(self, body):
        *lines, self._line = (self._line + body).split(b"\n")
        events = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data = line[5:]
            elif line.startswith(b"id:"):
                self._place = line[3:].decode()
            elif not line:
                if self._data is None:
                    events += self._without_data()
                else:
                    events.append(Event(self._name, self._data, self._place))
                self._clear()
            elif line.startswith(b"event:"):
                self._name = line[6:].decode()
            elif line.startswith(b"retry:"):
                self.retry = int(line[6:]) / 1000
            elif line.startswith(b":"):
                self.comments += 1
            else:
                raise Malformed("an unknown line: " + repr(line[:80]))
        return events

    def _without_data(self):
        raise Malformed("a blank line follows no data")


class OlderStream(Stream):
    """A stream of version 0.1 as well, which had blocks with nothing but a `retry:`, or nothing but a place."""

    def _without_data(self):
        return [Event("position", b"{}", self._place)] if self._place else []
