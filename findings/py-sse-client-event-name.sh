#!/usr/bin/env bash
# py-sse-client 1.0.1 delivers an event without a name under the name of the previous one: it does not reset the name at a blank line.
# WHATWG HTML 9.2.6: behind a blank line, the event type buffer is the empty string. So this library turns a message behind a snapshot into a snapshot.
# A server of Python's own library sends one event with a name and one without. Result: [('snapshot', 1), ('snapshot', 2)].
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target "$folder" \
  py-sse-client==1.0.1 aiohttp==3.14.5
PYTHONPATH=$folder NO_PROXY='*' timeout 60 python3 - <<'PYTHON'
import asyncio
import http.server
import threading

import pysse


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"event:snapshot\ndata:1\n\ndata:2\n\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
seen = []
client = pysse.Client(f"http://127.0.0.1:{server.server_port}/", lambda event: seen.append((event.name, event.data)))
asyncio.run(client.connect())
print("py-sse-client 1.0.1:", seen)
raise SystemExit(seen != [("snapshot", 1), ("snapshot", 2)])
PYTHON
