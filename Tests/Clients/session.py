"""Reads a stream to its end again and again, over one `requests.Session`, and requests it again without a pause. Prints a line for each
response: the status and the port that it came from."""

import sys

import requests

session = requests.Session()
while True:
    answer = session.get(sys.argv[1], stream=True, headers={"Accept": "text/event-stream"}, timeout=60)
    port = answer.raw.connection.sock.getsockname()[1]
    for _ in answer.iter_content(None):
        pass
    print(answer.status_code, port, flush=True)
