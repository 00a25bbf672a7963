#!/usr/bin/env python3
"""Accepts connections, reads what arrives, and answers nothing: what a flood meets in its control run. Writes its port first.

sink.py [closes]: closes each connection at its first bytes, for clients that wait for an answer."""

import select
import socket
import sys


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=4_096)
    listener.setblocking(False)
    print(listener.getsockname()[1], flush=True)
    poll, connections = select.epoll(), {}
    poll.register(listener, select.EPOLLIN)
    while True:
        for descriptor, _ in poll.poll():
            if descriptor == listener.fileno():
                accept(listener, poll, connections)
                continue
            try:
                if connections[descriptor].recv(65_536) and "closes" not in sys.argv:
                    continue
            except BlockingIOError:
                continue
            except OSError:
                pass
            connections.pop(descriptor).close()


def accept(listener, poll, connections):
    try:
        connection, _ = listener.accept()
    except OSError:
        return
    connection.setblocking(False)
    connections[connection.fileno()] = connection
    poll.register(connection, select.EPOLLIN)


if __name__ == "__main__":
    main()
