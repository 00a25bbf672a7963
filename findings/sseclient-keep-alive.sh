#!/usr/bin/env bash
# sseclient 0.0.27 does not see the end of a chunked stream while the connection stays open: it reads the socket beneath the chunks, and
# reconnects only when the connection ends too. RFC 9112, 7.1: the last chunk ends the body. A proxy keeps such a connection for a while.
# A server of Python's own library sends one event, the last chunk, and keeps the connection for 4 s. requests sees the end at once.
# Result: the next request comes after 4.0 s, though the stream says `retry: 100`.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target "$folder" \
  sseclient==0.0.27 requests==2.32.5 urllib3==2.5.0 six==1.17.0
PYTHONPATH=$folder NO_PROXY='*' timeout 60 python3 - <<'PYTHON'
import http.server
import threading
import time

import requests
import sseclient

asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 4

    def do_GET(self):
        asked.append(time.monotonic())
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        body = b"retry: 100\ndata: x\n\n"
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body))

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"
start = time.monotonic()
b"".join(requests.get(url, stream=True).iter_content(None))
print(f"requests 2.32.5: the end after {time.monotonic() - start:.1f} s")
assert time.monotonic() - start < 1
asked.clear()
stream = iter(sseclient.SSEClient(url))
while len(asked) < 2:
    next(stream)
print(f"sseclient 0.0.27: the next request after {asked[1] - asked[0]:.1f} s")
raise SystemExit(asked[1] - asked[0] < 3.9)
PYTHON
