"""Keeps connections of one shape open against one address, with limits on their number, their rate and their bytes."""

import collections
import errno
import resource
import select
import socket
import struct
import time

TURN_SECONDS = 0.01


class Shape:
    """What each connection of a flood does. A shape overrides what differs."""

    count = 50  # Connections at a time.
    rate = 50  # Connections that are opened in a second, at most.
    lifetime = None  # After how many seconds the connection is given up.
    interval = None  # The seconds between two calls of `again`.
    reads = True  # Whether received bytes are read. They are never answered.
    receive_buffer = None  # The size of the socket's buffer.
    answers_end = False  # Whether the connection is given up at the first received byte.

    def begin(self, number):
        """The first bytes of a connection."""
        return b""

    def again(self, number, turn):
        """The bytes that follow after each interval."""
        return b""


class Connection:
    def __init__(self, number, shape, address):
        self.number, self.turn = number, 0
        self.born = time.monotonic()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        # A reset instead of a farewell: the ports of thousands of connections are free again at once.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if shape.receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, shape.receive_buffer)
        self.unsent = shape.begin(number)
        self.descriptor = self.socket.fileno()
        result = self.socket.connect_ex(address)
        if result not in (0, errno.EINPROGRESS):
            self.socket.close()
            raise OSError(result, "connect")


class Flood:
    def __init__(self, shape, address):
        self.shape, self.address = shape, address
        self.open = {}
        self.ages = collections.deque()  # Connections in the order of their beginning.
        self.repeats = collections.deque()  # Connections in the order of their next `again`.
        self.poll = select.epoll()
        self.opened = self.ended = self.failed = self.sent = self.received = 0

    def run(self, seconds):
        began = last = time.monotonic()
        allowed = 0.0
        while (now := time.monotonic()) < began + seconds:
            allowed = min(allowed + (now - last) * self.shape.rate, max(1.0, self.shape.rate / 10))
            last = now
            while allowed >= 1 and len(self.open) < self.shape.count:
                allowed -= 1
                self.connect()
            self.repeat(now)
            self.give_up(now)
            for descriptor, events in self.poll.poll(TURN_SECONDS):
                if descriptor in self.open:
                    self.ready(self.open[descriptor], events)
        usage = resource.getrusage(resource.RUSAGE_SELF)
        figures = {
            "opened": self.opened, "ended": self.ended, "failed": self.failed, "sent": self.sent, "received": self.received,
            "open_at_end": len(self.open), "seconds": time.monotonic() - began, "cpu": usage.ru_utime + usage.ru_stime}
        for connection in list(self.open.values()):
            self.drop(connection)
        return figures

    def connect(self):
        try:
            connection = Connection(self.opened, self.shape, self.address)
        except OSError:
            self.failed += 1
            return
        self.opened += 1
        self.open[connection.descriptor] = connection
        self.poll.register(connection.descriptor, select.EPOLLIN * self.shape.reads | select.EPOLLOUT | select.EPOLLRDHUP)
        if self.shape.lifetime:
            self.ages.append(connection)
        if self.shape.interval:
            self.repeats.append((connection.born + self.shape.interval, connection))

    def drop(self, connection):
        if self.open.pop(connection.descriptor, None):
            connection.socket.close()

    def end(self, connection):
        """The other side ended it, and gets an orderly end too: it counts its own reason and no reset."""
        self.ended += 1
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))
        self.drop(connection)

    def repeat(self, now):
        while self.repeats and self.repeats[0][0] <= now:
            due, connection = self.repeats.popleft()
            if self.open.get(connection.descriptor) is not connection:
                continue
            connection.turn += 1
            # What was not taken is not added to: a flood has a bound too.
            if not connection.unsent:
                connection.unsent = self.shape.again(connection.number, connection.turn)
                self.send(connection)
            self.repeats.append((due + self.shape.interval, connection))

    def give_up(self, now):
        while self.ages and self.ages[0].born + self.shape.lifetime <= now:
            connection = self.ages.popleft()
            if self.open.get(connection.descriptor) is connection:
                self.drop(connection)

    def ready(self, connection, events):
        if events & select.EPOLLOUT:
            self.send(connection)
            if self.open.get(connection.descriptor) is not connection:
                return
        if events & select.EPOLLIN and self.shape.reads:
            self.read(connection)
        elif events & (select.EPOLLRDHUP | select.EPOLLHUP | select.EPOLLERR):
            self.end(connection)

    def send(self, connection):
        if connection.unsent:
            try:
                count = connection.socket.send(connection.unsent)
            except (BlockingIOError, InterruptedError):
                count = 0
            except OSError:
                return self.end(connection)
            self.sent += count
            connection.unsent = connection.unsent[count:]
        wanted = select.EPOLLOUT if connection.unsent else 0
        self.poll.modify(connection.descriptor, select.EPOLLIN * self.shape.reads | wanted | select.EPOLLRDHUP)

    def read(self, connection):
        try:
            piece = connection.socket.recv(65_536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            return self.end(connection)
        self.received += len(piece)
        if not piece:
            self.end(connection)
        elif self.shape.answers_end:
            self.drop(connection)
