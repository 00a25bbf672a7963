"""All trials."""

from declared import Trial, closed, ended, goaway, refused

FAILED_HANDSHAKES = 'emojitrack_edge_handshakes_total{outcome="failed"}'
ACCEPTED = "emojitrack_edge_connections_accepted_total"
HUB_HANDSHAKES = "emojitrack_hub_handshakes_failed_total"

HTTP2_SHARE = 0.20


def http2(name, text, flood, *counted):
    return Trial(name, text, flood, processor_maximum=HTTP2_SHARE, counted=counted)


ALL = [
    Trial("slow-heads", "2,000 request heads, a byte a second", "SlowHeads", counted=(closed("headTimeout"),),
          edge=("--head-timeout", "5s")),
    Trial("slow-bodies", "2,000 request bodies, a byte a second", "SlowBodies", counted=(closed("headTimeout"),),
          edge=("--head-timeout", "5s")),
    Trial("slow-reading", "2,000 clients that read nothing", "SlowReading", counted=(closed("reset"),),
          edge=("--lag-maximum", "10s"), processor_maximum=None),
    Trial("connections", "2,000 connections a second, reset at once", "Connections", counted=(ACCEPTED,)),
    Trial("tls-handshakes", "500 handshakes a second, given up after the server's part", "Handshakes", target="tls",
          counted=(ACCEPTED, closed("reset")), processor_maximum=None),
    Trial("tls-downgrades", "renegotiation, TLS 1.1, old ciphers, no TLS", "downgrades", target="tls", counted=(FAILED_HANDSHAKES,)),
    Trial("half-open-links", "2,000 connections to the link, silent or after a ClientHello", "HalfOpen", target="link", victim="hub",
          counted=(HUB_HANDSHAKES,)),
    Trial("for-ever", "50 clients that send without an end", "ForEver", counted=(closed("badRequest"),)),
    Trial("descriptors", "400 connections to an edge that may open 256 files", "Descriptors", files=256, clients=20,
          counted=("emojitrack_edge_clients_refused_total",)),
    Trial("admin-tokens", "wrong tokens, 50 a second", "wrong_tokens", target="https", victim="hub",
          counted=(refused("slowed_down"),)),
    Trial("topics", "100,000 clients, each of an unknown topic", "Topics", counted=(ACCEPTED,), factor=2, processor_maximum=None),
    Trial("wrong-roles", "certificates of the wrong role, authority, date or name", "wrong_roles", target="link", victim="hub",
          counted=(HUB_HANDSHAKES, ended("identityMismatch"))),
    Trial("lying-edge", "reports, interest and frames that lie", "lying_edge", target="link", victim="hub",
          counted=(ended("protocolError"), ended("stalled"))),
    Trial("lying-hub", "a second hub whose frames lie", "lying_hub", target="liar", has_lying_hub=True,
          counted=('emojitrack_edge_link_connections_total{hub="2"}',)),
    http2("h2-window-stall", "5,000 streams without a window", "WindowStall", "emojitrack_edge_http2_streams_total"),
    http2("h2-windows", "windows of a stream, one byte each", "Windows", goaway("flood")),
    http2("h2-connection-windows", "windows of a connection, one byte each", "ConnectionWindows", goaway("flood")),
    http2("h2-rapid-resets", "requests that are taken back at once", "RapidResets", goaway("flood")),
    http2("h2-continuations", "a block of fields without an end", "Continuations", goaway("fields")),
    http2("h2-settings", "settings that change all streams", "SettingsFlood", goaway("flood")),
    http2("h2-pings", "pings", "Pings", goaway("flood")),
    http2("h2-empty-data", "a body of empty frames", "EmptyData", goaway("flood")),
]
