"""Listens to a stream forever, with one of the client libraries that install.sh installs, and prints a line of JSON for each event.
A library that does not reconnect by itself is called again, after the last reconnection time."""

import asyncio
import json
import sys
import time

library, url = sys.argv[1:]
headers = {"Accept": "text/event-stream"}


def told(event, name):
    print(json.dumps([name, event.data, event.retry]), flush=True)


def again(listen):
    wait = 1.0
    while True:
        try:
            for event in listen():
                told(event, event.event)
                wait = int(event.retry) / 1000 if event.retry else wait
        except Exception as error:
            print(f"# {type(error).__name__}: {error}", flush=True)
        time.sleep(wait)


def httpx_sse():
    import httpx
    from httpx_sse import connect_sse

    with httpx.Client(timeout=None) as client, connect_sse(client, "GET", url, headers=headers) as source:
        yield from source.iter_sse()


def sseclient_py():
    import requests
    import sseclient

    yield from sseclient.SSEClient(requests.get(url, stream=True, headers=headers)).events()


def sseclient():
    from sseclient import SSEClient

    for event in SSEClient(url):
        told(event, event.event)


def requests_sse():
    from requests_sse import EventSource

    with EventSource(url, timeout=60, max_connect_retry=1_000) as source:
        for event in source:
            print(json.dumps([event.type or "message", event.data, None]), flush=True)


async def aiosseclient():
    from aiosseclient import aiosseclient

    while True:
        try:
            async for event in aiosseclient(url):
                told(event, event.event)
        except Exception as error:
            print(f"# {type(error).__name__}: {error}", flush=True)
        await asyncio.sleep(1)


match library:
    case "httpx-sse": again(httpx_sse)
    case "sseclient-py": again(sseclient_py)
    case "sseclient": sseclient()
    case "requests-sse": requests_sse()
    case "aiosseclient": asyncio.run(aiosseclient())
