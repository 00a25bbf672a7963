"""As much of PROTOCOL.md as a peer needs that lies: frames, and links with a certificate of the deployment."""

import socket
import ssl
import struct
import time

ALPN = "emojitrack-relay/1"
HELLO, INTEREST, REPORT, RESULT, QUERY, PING, GO_AWAY = 0x01, 0x02, 0x03, 0x04, 0x05, 0x10, 0x12
WELCOME, SNAPSHOT, SCORES, RAW, TOPIC_EVENT, FEED, COMMAND = 0x20, 0x21, 0x22, 0x23, 0x24, 0x26, 0x27


def varint(number):
    parts = []
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def text(value):
    data = value if isinstance(value, bytes) else value.encode()
    return varint(len(data)) + data


def frame(kind, payload=b"", length=None):
    return struct.pack(">IB", len(payload) + 1 if length is None else length, kind) + payload


def hello(node):
    return frame(HELLO, b"EMTR\x01\x02" + text(node) + text("0.1.0") + text("") + varint(0))


def welcome(node):
    return frame(WELCOME, b"\x02" + text(node) + text("0.1.0") + varint(17) + varint(1_000) + varint(5_000))


def snapshot(lineage, position, totals):
    entries = b"".join(text(name) + varint(total) for name, total in totals)
    return frame(SNAPSHOT, text(lineage) + varint(position) + b"\x01" + varint(len(totals)) + entries)


def scores(position, totals):
    entries = b"".join(text(name) + varint(total) for name, total in totals)
    return frame(SCORES, varint(position) + struct.pack(">Q", time.time_ns() // 1000) + varint(len(totals)) + entries + varint(0))


def client_context(certificates, name, authority="ca.pem"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # It is the hub that is on trial.
    if name:
        context.load_cert_chain(certificates / (name + ".pem"), certificates / (name + ".key"))
    context.set_alpn_protocols([ALPN])
    return context


def connect(context, port, timeout=2.0, receive_buffer=None):
    plain = socket.socket()
    try:
        if receive_buffer:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        plain.settimeout(timeout)
        plain.connect(("127.0.0.1", port))
        return context.wrap_socket(plain)
    except BaseException:
        plain.close()
        raise


def read_frame(connection):
    """The type and the payload of the next frame; None once the other side has ended the link."""

    def exactly(count):
        data = b""
        while len(data) < count:
            piece = connection.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    try:
        length, kind = struct.unpack(">IB", exactly(5))
        return kind, exactly(length - 1)
    except (EOFError, ConnectionError, ssl.SSLError):
        return None


def ending(connection, seconds=3.0):
    """The reason of the goAway that ends a link, or `closed`; None if it goes on."""
    deadline = time.monotonic() + seconds
    connection.settimeout(seconds)
    try:
        while time.monotonic() < deadline:
            read = read_frame(connection)
            if read is None:
                return "closed"
            if read[0] == GO_AWAY:
                return read[1][0]
    except TimeoutError:
        pass
    return None
