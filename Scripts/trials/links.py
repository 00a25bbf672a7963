"""Peers of the link that are not what they should be, and peers that lie."""

import resource
import socket
import ssl
import time

import peer
from peer import frame, text, varint

PROTOCOL_ERROR, IDENTITY_MISMATCH, OVERLOADED = 5, 3, 6
CLOSED = ("closed",)

# A certificate by its name and authority, the name in the hello, and how the link must end; None if it must go on.
ROLES = (
    ("edge-2", "", "edge-2", None),
    ("hub", "", "hub", CLOSED),  # A certificate of a server.
    ("edge-old", "", "edge-old", CLOSED),  # It has expired.
    ("edge-2", "foreign", "edge-2", CLOSED),  # Of another authority with the same name.
    (None, "", "edge-2", CLOSED),
    ("edge-2", "", "edge-1", (IDENTITY_MISMATCH,)),
)


def wrong_role(deployment, port, number, outcome):
    name, folder, node, expected = ROLES[number % len(ROLES)]
    context = peer.client_context(deployment.certificates / folder, name)
    try:
        with peer.connect(context, port, 2 if outcome else 0.2) as link:
            link.sendall(peer.hello(node))
            end = peer.ending(link, 0.3 if expected is None else 3)
    except (ssl.SSLError, OSError):
        end = "closed"
    if outcome:
        what = "%s %s as %s" % (folder, name, node)
        outcome.expect(end is None if expected is None else end in expected, "%s: the link ended with %s" % (what, end))


def interest(operation, topics):
    return frame(peer.INTEREST, bytes([operation]) + varint(len(topics)) + b"".join(b"\x02" + text(topic) for topic in topics))


def many_topics():
    """Nine times 8,192 topics: more than 65,536."""
    return b"".join(interest(2, ["T-%d-%d" % (part, number) for number in range(8_192)]) for part in range(9))


# What an edge says after its welcome, and the reasons with which the link may end; None if it must go on.
EDGE_LIES = (
    ("a length beyond the limit", frame(peer.REPORT, length=0x7FFFFFFF), (PROTOCOL_ERROR,)),
    ("a length of nothing", frame(peer.REPORT, length=0), (PROTOCOL_ERROR,)),
    ("an unknown type", frame(0x7E, b"a"), (PROTOCOL_ERROR,)),
    ("a message of a hub", peer.scores(1, [("1F602", 1)]), (PROTOCOL_ERROR,)),
    ("a second hello", peer.hello("edge-2"), (PROTOCOL_ERROR,)),
    ("fields that do not ascend", frame(peer.REPORT, b"\x02\x02\x01\x01\x01"), (PROTOCOL_ERROR,)),
    ("a number in a longer form", frame(peer.REPORT, b"\x01\x01\x81\x00"), (PROTOCOL_ERROR,)),
    ("a topic with a line break", interest(2, ["a\nb"]), (PROTOCOL_ERROR,)),
    ("too many topics", many_topics(), (PROTOCOL_ERROR,)),
    ("random bytes", b"\xff" * 65_536, (PROTOCOL_ERROR,)),
    ("the greatest figures", frame(
        peer.REPORT, varint(39) + b"".join(bytes([field]) + varint(2**64 - 1) for field in range(1, 40))), None),
    ("figures nobody knows", frame(peer.REPORT, b"\x01\x7f\x01"), None),
    ("an answer to no command", frame(peer.RESULT, varint(9) + b"\x01" + text("a\r\nb: \x1b[31m")), None),
    ("a thousand queries", b"".join(frame(peer.QUERY, varint(number) + b"\x04") for number in range(1_000)), None),
)


def lie_as_edge(deployment, port, number, outcome):
    if number % (len(EDGE_LIES) + 1) == len(EDGE_LIES):
        return pings_unread(deployment, port, outcome)
    what, lie, expected = EDGE_LIES[number % (len(EDGE_LIES) + 1)]
    try:
        with peer.connect(peer.client_context(deployment.certificates, "edge-2"), port, 5 if outcome else 0.2) as link:
            link.sendall(peer.hello("edge-2") + lie)
            end = peer.ending(link, 0.2 if expected is None else 3)
    except (ssl.SSLError, OSError):
        end = "closed"
    if outcome:
        is_right = end in (None, OVERLOADED) if expected is None else end in (*expected, "closed")
        outcome.expect(is_right, "%s: the link ended with %s" % (what, end))


def pings_unread(deployment, port, outcome):
    """Pings without an end whose answers are not read: 32 MiB at most. The hub must not keep the answers, which its memory shows, and
    must end the link, which it counts."""
    piece = frame(peer.PING, b"\x00" * 8) * 5_000
    sent = 0
    try:
        # A small buffer: the kernel could keep all of the answers otherwise.
        context = peer.client_context(deployment.certificates, "edge-2")
        with peer.connect(context, port, 5 if outcome else 0.2, receive_buffer=16_384) as link:
            link.sendall(peer.hello("edge-2"))
            link.settimeout(5)
            while sent < 32 * 2**20:
                link.sendall(piece)
                sent += len(piece)
    except (ssl.SSLError, OSError):
        pass


# What a hub says after its welcome: the edge must end the link.
HUB_LIES = (
    ("a length beyond the limit", frame(peer.SCORES, length=0x7FFFFFFF)),
    ("an unknown type", frame(0x7E, b"a")),
    ("a message of an edge", peer.hello("hub")),
    ("a second welcome", peer.welcome("localhost")),
    ("an id with a line break", peer.snapshot("00c0ffee00c0ffee", 1, [("a\nb", 1)])),
    ("an id that is not UTF-8", peer.snapshot("00c0ffee00c0ffee", 1, [(b"\xff\xfe", 1)])),
    ("a lineage with a line break", peer.snapshot("a\nid:1", 1, [("1F602", 1)])),
    ("more entries than bytes", frame(peer.SNAPSHOT, text("a1") + varint(1) + b"\x01" + varint(8_192))),
    ("random bytes", b"\xff" * 65_536),
)
# What the edge may keep for as long as the link lasts, and no client may notice.
FOREIGN = (
    ("scores without a snapshot", peer.scores(2**50, [("1F602", 2**45)])),
    ("a lineage that nobody follows", peer.snapshot(
        "f0e1d2c3b4a59687", 2**60, [("F-%d" % number, 2**45) for number in range(8_000)]) + frame(peer.FEED, b"\x01\x01")),
)


def lie_as_hub(deployment, port, seconds, outcome):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(deployment.certificates / "hub.pem", deployment.certificates / "hub.key")
    context.load_verify_locations(deployment.certificates / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols([peer.ALPN])
    began, count = time.monotonic(), 0
    before = resource.getrusage(resource.RUSAGE_SELF)
    with socket.create_server(("127.0.0.1", port)) as listener:
        listener.settimeout(0.5)
        while time.monotonic() < began + seconds:
            try:
                plain, _ = listener.accept()
            except TimeoutError:
                continue
            try:
                with context.wrap_socket(plain, server_side=True) as link:
                    lie(link, count, outcome)
            except (ssl.SSLError, OSError):
                pass
            count += 1
    outcome.expect(count >= len(HUB_LIES) + len(FOREIGN), "the edge connected only %d times" % count)
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {"opened": count, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def lie(link, number, outcome):
    link.settimeout(3)
    peer.read_frame(link)
    number %= len(HUB_LIES) + len(FOREIGN)
    what, content = (HUB_LIES + FOREIGN)[number]
    is_tolerated = number >= len(HUB_LIES)
    link.sendall(peer.welcome("localhost") + content)
    end = peer.ending(link, 0.5 if is_tolerated else 3)
    outcome.expect((end is None) == is_tolerated, "%s: the link ended with %s" % (what, end))
