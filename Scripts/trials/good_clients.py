#!/usr/bin/env python3
"""Two hundred good clients and the feeder of a trial, in one process and by one clock.

good_clients.py REDIS_PORT PLAIN_PORT PLAIN_COUNT TLS_PORT TLS_COUNT CA: connects the clients, writes `ready`, and then feeds a few
increments twenty times a second. Each increment has an id of its own with the time at which it was published, so its delay is known at each
client. A line `phase NAME` on standard input begins the next part of the report; any other line ends the feed: then each client's totals
are compared with what was published, and the report is written as JSON.
"""

import collections
import json
import math
import select
import socket
import ssl
import sys
import time

from account import Account
from redis_client import Redis
from stream import Stream

PATH = "/subscribe/eps?resume=1&snapshot=1"
INTERVAL = 0.05
IDS_AT_ONCE = 2
SETTLE_SECONDS = 5
SCRIPT = """
for index = 1, #ARGV do
  redis.call('ZINCRBY', KEYS[1], 1, ARGV[index])
  redis.call('PUBLISH', 'stream.score_updates', ARGV[index])
end
"""


class GoodClient:
    def __init__(self, connection):
        self.connection = connection
        self.stream, self.account = Stream(), Account()
        self.has_ended = False
        request = "GET %s HTTP/1.1\r\nHost: relay.example\r\nAccept: text/event-stream\r\n\r\n" % PATH
        connection.sendall(request.encode())
        connection.setblocking(False)

    def read(self):
        """What has arrived; a closed connection is remembered."""
        pieces = []
        try:
            while True:
                piece = self.connection.recv(65_536)
                if not piece:
                    self.has_ended = True
                    break
                pieces.append(piece)
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except OSError:
            self.has_ended = True
        return b"".join(pieces)

    def take(self, piece, now):
        """Yields the delay of each event among the bytes."""
        for event in self.stream.take(piece):
            self.account.take(event, now)
            if event.name == "message":
                yield now - min(int(name.partition("-")[2], 16) for name in json.loads(event.data)) / 1e6


class Feeder:
    """Publishes without waiting for the answer, so that a slow Redis does not delay the clients' reading."""

    def __init__(self, port):
        self.redis = Redis("127.0.0.1", port)
        self.history = [name.decode() for name in self.redis.command("ZRANGE", "emojitrack_score", 0, -1)]
        self.history.sort(key=lambda name: int(name.partition("-")[0], 16))
        self.is_waiting = False

    def publish(self):
        first, stamp = len(self.history), time.monotonic_ns() // 1000
        names = ["%X-%X" % (serial, stamp) for serial in range(first, first + IDS_AT_ONCE)]
        self.finish()
        self.redis.send("EVAL", SCRIPT, "1", "emojitrack_score", *names)
        self.is_waiting = True
        self.history += names

    def finish(self):
        if self.is_waiting:
            self.redis.answer()
        self.is_waiting = False


def connections(plain_port, plain_count, tls_port, tls_count, authority):
    context = ssl.create_default_context(cafile=authority)
    for number in range(plain_count + tls_count):
        is_plain = number < plain_count
        connection = socket.create_connection(("127.0.0.1", plain_port if is_plain else tls_port), 10)
        yield connection if is_plain else context.wrap_socket(connection, server_hostname="127.0.0.1")


def quantile(values, share):
    return values[min(len(values) - 1, math.ceil(share * len(values)) - 1)] if values else 0.0


class Run:
    def __init__(self, clients, feeder):
        self.feeder = feeder
        self.clients = {client.connection.fileno(): client for client in clients}
        self.all = list(self.clients.values())
        self.poll = select.epoll()
        for descriptor in self.clients:
            self.poll.register(descriptor, select.EPOLLIN)
        self.poll.register(sys.stdin, select.EPOLLIN)
        self.delays = collections.defaultdict(list)
        self.phase = "calm"

    def read_until(self, deadline):
        """Reads all clients first and looks at the bytes afterwards, so that no client's delay includes another one's work."""
        is_over = False
        while not is_over and (left := deadline - time.monotonic()) > 0:
            arrived = []
            for descriptor, _ in self.poll.poll(left):
                if descriptor == sys.stdin.fileno():
                    words = sys.stdin.readline().split()
                    is_over = words[:1] != ["phase"]
                    self.phase = self.phase if is_over else words[1]
                    continue
                client = self.clients[descriptor]
                arrived.append((client, client.read(), time.monotonic()))
                if client.has_ended:
                    self.poll.unregister(descriptor)
            for client, piece, now in arrived:
                self.delays[self.phase] += client.take(piece, now)
        return not is_over

    def feed(self):
        due = time.monotonic() + INTERVAL
        while self.read_until(due):
            self.feeder.publish()
            due += INTERVAL
        self.feeder.finish()

    def settle(self):
        self.poll.unregister(sys.stdin)
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline and not all(client.account.is_exact(self.feeder.history) for client in self.all):
            self.read_until(time.monotonic() + 0.2)

    def report(self):
        outcomes = [client.account.settle(self.feeder.history) for client in self.all]
        delays = {phase: sorted(values) for phase, values in self.delays.items()}
        return {
            "clients": len(self.all),
            "ended": sum(client.has_ended for client in self.all),
            "exact": sum(client.account.is_exact(self.feeder.history) for client in self.all),
            "lost": sum(outcome.lost for outcome in outcomes),
            "doubled": sum(outcome.doubled for outcome in outcomes),
            "examples": sorted({name for outcome in outcomes for names in outcome.examples.values() for name in names})[:5],
            "resets": sum(sum(client.account.resets.values()) for client in self.all),
            "published": len(self.feeder.history),
            "delays": {
                phase: {"events": len(values), "p50": quantile(values, 0.5), "p99": quantile(values, 0.99), "longest": values[-1]}
                for phase, values in delays.items() if values},
        }


def main():
    redis_port, plain_port, plain_count, tls_port, tls_count = map(int, sys.argv[1:6])
    run = Run([GoodClient(each) for each in connections(plain_port, plain_count, tls_port, tls_count, sys.argv[6])], Feeder(redis_port))
    print("ready", flush=True)
    run.feed()
    run.settle()
    print(json.dumps(run.report()), flush=True)


if __name__ == "__main__":
    main()
