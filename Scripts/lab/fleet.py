"""A deployment on the hosts of the lab: Redis, name servers, hubs and edges, by the documented settings."""

import os

from dns import DOMAIN, NAME, Names
from network import BLACK_HOLE, Internet
from nodes import Balancer, Edge, Hub
from processes import Program
from redis_server import RedisServer, Sentinels


class Fleet:
    """The whole deployment. `binaries` is the folder of the commands, `folder` the one for logs and files."""

    def __init__(
        self, folder, binaries, certificates, edges=4, spare=0, sentinels=0, edge_options=(), hub_options=(), delays=None,
        families=(4,), holds_sockets=False, balancer=False, names=None, environments=None,
    ):
        """`spare` edges are not started; `delays` are seconds by the name of a host; `environments` are variables by the name of
        a hub or an edge; with `holds_sockets` the lab holds the listening sockets; with `balancer` the name leads to HAProxy."""
        self.folder, self.binaries, self.certificates = folder, binaries, certificates
        self.edge_options, self.hub_options, self.families = list(edge_options), list(hub_options), families
        self.delays, self.environments = delays or {}, environments or {}
        self.programs = []
        self.names = []
        self.internet = Internet(folder)
        self.names += [(names or Names)(self, number) for number in (1, 2)]
        self.redis = RedisServer(self, "redis")
        self.sentinels = Sentinels(self, sentinels) if sentinels else None
        self.hubs = [Hub(self, number) for number in (1, 2)]
        self.edges = [Edge(self, number) for number in range(1, edges + spare + 1)]
        self.spare = [self.edges.pop() for _ in range(spare)]
        if holds_sockets:
            for edge in self.edges:
                edge.hold_socket()
        self.balancer = Balancer(self) if balancer else None
        self.published = [self.balancer] if balancer else list(self.edges)  # What the name of the edges leads to.
        self.further_addresses = []  # Of no edge, under the same name.

    def host(self, name):
        host = self.internet.host(name, delay=self.delays.get(name, 0.0))
        self.use_names(host)
        return host

    def home(self, name, via):
        """A host behind a router that translates addresses."""
        host = self.internet.home(name, via)
        self.use_names(host)
        return host

    def use_names(self, host):
        host.use_name_servers(*[server.host.address for server in self.names])

    def program(self, host, name, arguments, **options):
        program = Program(host, name, arguments, self.folder, **options)
        self.programs.append(program)
        return program

    def start(self):
        self.publish()
        for server in self.names:
            server.program.start()
        self.redis.start()
        if self.sentinels:
            self.sentinels.start()
        for node in self.hubs + self.edges:
            node.program.start()
        for node in self.hubs + self.edges:
            node.wait()
        if self.balancer:
            self.balancer.start()

    def publish(self):
        """Tells the name servers the records: pairs of an address and a name."""
        nodes = [(self.redis, "redis")] + [(hub, hub.name) for hub in self.hubs]
        if self.sentinels:
            nodes += [(sentinel, sentinel.name) for sentinel in self.sentinels.nodes]
        records = [(address, "%s.%s" % (name, DOMAIN)) for node, name in nodes for address in self.addresses(node)]
        records += [(address, NAME) for node in self.published for address in self.addresses(node)]
        records += [(address, NAME) for address in self.further_addresses]
        for server in self.names:
            server.publish(records)

    def addresses(self, node):
        return [node.host.address6 if family == 6 else node.host.address for family in self.families]

    def withdraw(self, edge):
        self.published.remove(edge)
        self.publish()

    def add_dead_address(self):
        self.further_addresses.append(BLACK_HOLE + ".1")
        self.publish()

    def running(self):
        return [program for program in self.programs if program.is_running()]

    def died(self):
        return [program for program in self.programs if program.has_died()]

    def end(self):
        for program in reversed(self.programs):
            program.kill()
        self.internet.end()


def binaries_of(path):
    """The folder of the commands, once they are there."""
    missing = [name for name in ("hub", "edge", "bench") if not os.access(path / ("emojitrack-" + name), os.X_OK)]
    if missing:
        raise SystemExit("lab: %s lacks emojitrack-%s.\n  Build it: make build" % (path, missing[0]))
    return path
