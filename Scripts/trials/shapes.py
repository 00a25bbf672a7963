"""The floods of HTTP/1, TLS and the link."""

import ssl

from engine import Shape

HOST = b"Host: relay.example\r\n"


class SlowHeads(Shape):
    """Two thousand requests whose head arrives byte by byte, one each second."""

    count, rate, interval = 2_000, 1_000, 1.0
    head = b"GET /subscribe/eps HTTP/1.1\r\n" + HOST + b"X-Slow: "

    def begin(self, number):
        return self.head

    def again(self, number, turn):
        return b"a"


class SlowBodies(SlowHeads):
    """Two thousand requests whose body arrives byte by byte, one each second."""

    head = b"POST /subscribe/cleanup/scores HTTP/1.1\r\n" + HOST + b"Content-Length: 10000\r\n\r\n"


class SlowReading(Shape):
    """Two thousand clients that ask for all totals and read nothing."""

    count, rate, reads, receive_buffer = 2_000, 1_000, False, 4_096

    def begin(self, number):
        return b"GET /subscribe/eps?snapshot=1 HTTP/1.1\r\n" + HOST + b"\r\n"


class Connections(Shape):
    """Two thousand connections a second that are reset as soon as they are made."""

    count, rate, lifetime = 200, 2_000, 0.02


class Handshakes(Shape):
    """Five hundred TLS handshakes a second that are given up once the server has paid for its part."""

    count, rate, lifetime, answers_end = 200, 500, 1.0, True

    def __init__(self):
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        session = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="127.0.0.1")
        try:
            session.do_handshake()
        except ssl.SSLWantReadError:
            pass
        # The same greeting each time costs the sender nothing.
        self.greeting = outgoing.read()

    def begin(self, number):
        return self.greeting


class HalfOpen(Handshakes):
    """Two thousand connections to the link: half are silent from the start, half after the first message of TLS."""

    count, rate, lifetime, answers_end = 2_000, 1_000, None, False

    def begin(self, number):
        return self.greeting if number % 2 else b""


class ForEver(Shape):
    """Fifty clients that go on sending: after their request, within their head, or within their body."""

    interval = 0.01
    beginnings = (
        b"GET /subscribe/eps HTTP/1.1\r\n" + HOST + b"\r\n",
        b"GET /subscribe/eps HTTP/1.1\r\n" + HOST + b"X-Long: ",
        b"POST /subscribe/cleanup/scores HTTP/1.1\r\n" + HOST + b"Content-Length: 60000\r\n\r\n")
    piece = b"a" * 4_096

    def begin(self, number):
        return self.beginnings[number % len(self.beginnings)]

    def again(self, number, turn):
        return self.piece


class Descriptors(Shape):
    """Four hundred silent connections to an edge that may open 256 files."""

    count, rate = 400, 400


class Topics(Shape):
    """A hundred thousand clients, each of a topic that nobody has heard of."""

    count, rate, lifetime = 1_000, 2_500, 0.3

    def begin(self, number):
        return b"GET /subscribe/details/UNKNOWN-%d HTTP/1.1\r\n" % number + HOST + b"\r\n"
