#!/usr/bin/env bash
# sseclient 0.0.27 delivers an empty message at the end of a chunked stream: it reads the socket beneath the chunks, and takes the
# last chunk (`0`, CR LF, CR LF; RFC 9112, 7.1) for a line and the blank one behind it, which ends an event.
# A server of Python's own library sends one event in one chunk, the last chunk, and closes. Result: ['x', ''].
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target "$folder" \
  sseclient==0.0.27 requests==2.32.5 urllib3==2.5.0 six==1.17.0
PYTHONPATH=$folder NO_PROXY='*' timeout 60 python3 - <<'PYTHON'
import http.server
import threading

import sseclient


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"8\r\ndata:x\n\n\r\n0\r\n\r\n")
        self.close_connection = True

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
stream = iter(sseclient.SSEClient(f"http://127.0.0.1:{server.server_port}/"))
seen = [next(stream).data, next(stream).data]
print("sseclient 0.0.27:", seen)
raise SystemExit(seen != ["x", ""])
PYTHON
