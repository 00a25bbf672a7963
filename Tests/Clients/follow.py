"""Follows the scores with a client library that install.sh installs, as in the library's documentation, and adds only output: a line
for each event with its name and the totals that it named, and the time on a line before it. Ends when the library does."""

import asyncio
import json
import sys
import time

library, url = sys.argv[1:]
totals = {}


def take(name, data):
    print("# at", time.time(), flush=True)
    if not data:  # An event without data: exactness does not suffer.
        print("#", "an event without data", flush=True)
        return
    data = json.loads(data) if isinstance(data, str) else data
    name = name or "message"
    if name == "reset":
        print(name, json.dumps(data), flush=True)
        return
    if name == "snapshot":
        totals.clear()
    for score, grown in data.items():
        totals[score] = totals.get(score, 0) + grown
    print(name, json.dumps({score: totals[score] for score in data}), flush=True)


def plain_requests():
    """No library for events, but the loop that many write by hand; it reads only lines with data."""
    import requests

    with requests.get(url, headers={"Accept": "text/event-stream"}, stream=True) as answer:
        for line in answer.iter_lines():
            if line.startswith(b"data:"):
                take("", line[5:].decode())


def httpx_sse():
    import httpx
    from httpx_sse import connect_sse

    with httpx.Client() as client, connect_sse(client, "GET", url) as source:
        for event in source.iter_sse():
            take(event.event, event.data)


def httpx_http2():
    """No library for events: httpx's own client, which can speak HTTP/2."""
    import httpx

    with httpx.Client(http2=True) as client, client.stream("GET", url) as answer:
        for line in answer.iter_lines():
            if line.startswith("data:"):
                take("", line[5:])


def sseclient_py():
    import requests
    import sseclient

    for event in sseclient.SSEClient(requests.get(url, stream=True, headers={"Accept": "text/event-stream"})).events():
        take(event.event, event.data)


def sseclient():
    from sseclient import SSEClient

    for event in SSEClient(url):
        take(event.event, event.data)


def requests_sse():
    from requests_sse import EventSource

    with EventSource(url, timeout=30) as source:
        for event in source:
            take(event.type, event.data)


def launchdarkly():
    from ld_eventsource import SSEClient

    for event in SSEClient(url).events:
        take(event.event, event.data)


async def aiosseclient():
    from aiosseclient import aiosseclient

    async for event in aiosseclient(url):
        take(event.event, event.data)


async def aiohttp_sse_client():
    from aiohttp_sse_client import client

    async with client.EventSource(url) as source:
        async for event in source:
            take(event.type, event.data)


async def py_sse_client():
    import pysse

    await pysse.Client(url, lambda event: take(event.name, event.data)).connect()


match library:
    case "requests": plain_requests()
    case "httpx-http2": httpx_http2()
    case "httpx-sse": httpx_sse()
    case "sseclient-py": sseclient_py()
    case "sseclient": sseclient()
    case "requests-sse": requests_sse()
    case "launchdarkly-eventsource": launchdarkly()
    case "aiosseclient": asyncio.run(aiosseclient())
    case "aiohttp-sse-client": asyncio.run(aiohttp_sse_client())
    case "py-sse-client": asyncio.run(py_sse_client())
print("# the end", flush=True)
