#!/usr/bin/env python3
"""The lab's feeder: each increment has an id of its own, and is counted and published in one step.

feeder.py HOST PORT RATE FILE [SENTINEL:PORT,…]: with sentinels it asks them for the master `lab`. It writes until a line comes
on standard input (`rate N` changes the rate, any other ends it), and its progress into FILE.status. An increment whose answer was
lost is not sent again: only Redis knows whether it counts.
"""

import json
import os
import select
import socket
import sys
import time

from redis_client import Redis, RedisError

SCRIPT = """
for index = 2, #ARGV do
  redis.call('ZINCRBY', KEYS[1], 1, ARGV[index])
  redis.call('PUBLISH', ARGV[1], ARGV[index])
end
"""
IDS_MAXIMUM = 60_000  # Ids beyond 65,536 are not tracked.
BATCH_MAXIMUM = 500


class Feeder:
    def __init__(self, host, port, rate, path, sentinels):
        self.host, self.port, self.rate, self.path = host, port, rate, path
        self.sentinels = sentinels
        self.redis = None
        self.serial = 0
        self.doubtful = 0  # Increments whose answer was lost.
        self.failures = 0
        self.began = time.monotonic()
        self.due = 0.0

    def run(self):
        last = told = time.monotonic()
        while True:
            if select.select([sys.stdin], [], [], 0.01)[0]:
                words = sys.stdin.readline().split()
                if words[:1] != ["rate"]:
                    break
                self.rate = float(words[1])
            now = time.monotonic()
            self.due = min(self.due + (now - last) * self.rate, self.rate)
            last = now
            self.write(min(int(self.due), BATCH_MAXIMUM, IDS_MAXIMUM - self.serial), now)
            if now > told + 0.5:
                told = now
                self.tell()
        self.tell()

    def write(self, count, now):
        if count <= 0:
            return
        if not self.redis and not self.connect():
            return
        self.due -= count
        stamp = int(now * 1000)
        ids = ["%X-%X" % (serial, stamp) for serial in range(self.serial, self.serial + count)]
        self.serial += count
        try:
            self.redis.command("EVAL", SCRIPT, "1", "emojitrack_score", "stream.score_updates", *ids)
        except (OSError, RedisError):
            self.doubtful += count
            self.failures += 1
            self.redis.close()
            self.redis = None

    def connect(self):
        try:
            host, port = self.master() if self.sentinels else (self.host, self.port)
            self.redis = Redis(host, port)
            return True
        except (OSError, RedisError):
            self.failures += 1
            time.sleep(0.1)
            return False

    def master(self):
        for sentinel in self.sentinels:
            host, port = sentinel.split(":")
            try:
                answer = Redis(host, int(port)).command("SENTINEL", "get-master-addr-by-name", "lab")
            except (OSError, RedisError):
                continue
            if answer and Redis(answer[0].decode(), int(answer[1])).command("ROLE")[0] == b"master":
                return answer[0].decode(), int(answer[1])
        raise RedisError("no sentinel names a master")

    def tell(self):
        status = {"written": self.serial, "doubtful": self.doubtful, "failures": self.failures}
        with open(self.path + ".new", "w") as file:
            json.dump(status, file)
        os.replace(self.path + ".new", self.path + ".status")


if __name__ == "__main__":
    host, port, rate, path, *rest = sys.argv[1:]
    socket.setdefaulttimeout(2)
    Feeder(host, int(port), float(rate), path, rest[0].split(",") if rest else []).run()
