#!/usr/bin/env python3
"""The outside checker: some clients of one host, compared with Redis at the end.

checker.py HOST PORT SILENCE_LIMIT COUNTS FILE: COUNTS as raw=40,eps=40,snapshot=20. Writes its progress into FILE.status each
half second. `finish HISTORY SECONDS` on standard input ends the run: HISTORY is a file with Redis's ids in the order of their
serials, and the clients have SECONDS to receive the rest. Then FILE has the result as JSON.
"""

import asyncio
import collections
import concurrent.futures
import json
import os
import sys
import time

from client import Client
from stream import OlderStream, Stream


async def main(host, port, silence_limit, counts, path, stream):
    loop = asyncio.get_running_loop()
    # A dead name server costs each lookup 5 s: they must not wait for each other.
    loop.set_default_executor(concurrent.futures.ThreadPoolExecutor(64))
    kinds = [kind for kind, count in counts.items() for _ in range(count)]
    clients = [Client(kind, host, port, silence_limit, stream) for kind in kinds]
    tasks = [asyncio.ensure_future(client.run()) for client in clients]
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    command = asyncio.ensure_future(commands.readline())
    stalled = 0.0  # The longest time that this process itself stood still.
    while not command.done():
        before = time.monotonic()
        await asyncio.wait({command}, timeout=0.5)
        stalled = max(stalled, time.monotonic() - before - 0.5)
        look(clients, path)
        fail_early(tasks)
    words = command.result().decode().split()
    if words:  # Otherwise the lab has ended.
        await finish(clients, json.load(open(words[1])), float(words[2]), path, stalled)
    os._exit(0)  # Without waiting for lookups that are still under way.


def look(clients, path):
    now = time.monotonic()
    for client in clients:
        client.check_silence(now)
    status = {
        "clients": len(clients),
        "streaming": sum(client.is_streaming for client in clients),
        "began": sum(client.account.base is not None for client in clients),
        "received": sum(client.account.received for client in clients),
        "refused": sum(client.refused for client in clients),
        "peers": collections.Counter(client.peer for client in clients if client.is_streaming),
    }
    replace(path + ".status", status)


def fail_early(tasks):
    for task in tasks:
        if task.done():
            task.result()


async def finish(clients, history, seconds, path, stalled):
    start = time.monotonic()
    deadline = start + seconds
    waiting = clients
    while waiting and time.monotonic() < deadline:
        await asyncio.sleep(0.2)
        look(clients, path)
        waiting = [client for client in waiting if not (client.is_streaming and client.account.is_exact(history))]
    result, took = [], time.monotonic() - start
    for client in clients:
        outcome = client.account.settle(history)
        result.append({**client.report(), **outcome._asdict(), "stalled": stalled, "settled_after": took})
    replace(path, result)


def replace(path, value):
    with open(path + ".new", "w") as file:
        json.dump(value, file)
    os.replace(path + ".new", path)


if __name__ == "__main__":
    name, port, silence_limit, counts, path, *older = sys.argv[1:]
    pairs = (pair.split("=") for pair in counts.split(","))
    asyncio.run(main(name, int(port), float(silence_limit), {kind: int(count) for kind, count in pairs}, path, OlderStream if older else Stream))
