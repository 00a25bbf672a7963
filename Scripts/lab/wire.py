#!/usr/bin/env python3
"""A slow wire between two network namespaces, where the kernel has no netem: wire.py PID NAME PID NAME SECONDS

Makes a tap in the namespaces of both processes, and passes each packet on after that time. It ends with the lab.
"""

import collections
import ctypes
import fcntl
import os
import select
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
PACKETS_MAXIMUM = 20_000  # On the way in one direction; more are dropped, as by a router.
LIBC = ctypes.CDLL(None, use_errno=True)


def tap(pid, name):
    with open("/proc/%s/ns/net" % pid) as namespace:
        if LIBC.setns(namespace.fileno(), 0):
            raise OSError(ctypes.get_errno(), "setns")
    descriptor = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TAP | IFF_NO_PI))
    return descriptor


def receive(source, queue, due):
    for _ in range(256):
        try:
            packet = os.read(source, 65_600)
        except (BlockingIOError, OSError):
            return
        if len(queue) < PACKETS_MAXIMUM:
            queue.append((due, packet))


def deliver(target, queue, now):
    while queue and queue[0][0] <= now:
        try:
            os.write(target, queue.popleft()[1])
        except OSError:
            pass  # The interface is not up, or has no room: the packet is lost.


def main(first, second, delay):
    ways = {first: (second, collections.deque()), second: (first, collections.deque())}
    poll = select.poll()
    for end in ways:
        poll.register(end, select.POLLIN)
    print("ready", flush=True)
    while True:
        now = time.monotonic()
        heads = [queue[0][0] for _, queue in ways.values() if queue]
        # Rounded up: poll() must not return before a packet is due.
        for end, _ in poll.poll(int(max(0, min(heads) - now) * 1000) + 1 if heads else None):
            receive(end, ways[end][1], time.monotonic() + delay)
        for target, queue in ways.values():
            deliver(target, queue, time.monotonic())


if __name__ == "__main__":
    pids_and_names = sys.argv[1:5]
    main(tap(*pids_and_names[0:2]), tap(*pids_and_names[2:4]), float(sys.argv[5]))
