#!/usr/bin/env bash
# sseclient 0.0.27, aiosseclient 0.1.8 and the iter_lines() of httpx 0.28.1 cut a line of an event stream at U+2028 (and U+0085): they use
# str.splitlines(). WHATWG HTML 9.2.5: a line ends at CR, LF or both. JSON may have U+2028 in a text as it is (RFC 8259, 7).
# A server of Python's own library sends one event with U+2028 in its data. httpx-sse 0.4.3, as a control, delivers it whole.
# Result: the first two deliver 'a' of 'a<U+2028>b', and httpx delivers two lines.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target "$folder" \
  sseclient==0.0.27 requests==2.32.5 urllib3==2.5.0 six==1.17.0 aiosseclient==0.1.8 aiohttp==3.14.5 httpx==0.28.1 httpx-sse==0.4.3
PYTHONPATH=$folder NO_PROXY='*' timeout 60 python3 - <<'PYTHON'
import asyncio
import http.server
import threading

import aiosseclient
import httpx
import httpx_sse
import sseclient


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.end_headers()
        self.wfile.write("data: a\u2028b\n\n".encode())

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}/"


async def first():
    async for event in aiosseclient.aiosseclient(url):
        return event.data


with httpx.Client() as client:
    with client.stream("GET", url) as answer:
        lines = list(answer.iter_lines())
    with httpx_sse.connect_sse(client, "GET", url) as source:
        control = next(source.iter_sse()).data
seen = {
    "sseclient 0.0.27": next(iter(sseclient.SSEClient(url))).data,
    "aiosseclient 0.1.8": asyncio.run(first()),
    "httpx 0.28.1": lines,
    "httpx-sse 0.4.3": control,
}
for name, data in seen.items():
    print(f"{name}: {data!a}")
raise SystemExit(list(seen.values()) != ["a", "a", ["data: a", "b", ""], "a\u2028b"])
PYTHON
