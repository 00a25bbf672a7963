"""A deployment on the hosts of the lab: Redis, name servers, hubs and edges, by the documented settings."""

import json
import os
import signal
import socket
import subprocess
import time

from network import BLACK_HOLE, Internet
from processes import Program
from redis_client import Redis

DOMAIN = "lab"
NAME = "edges." + DOMAIN  # The one name of all edges.
PORT = 8001
READY_SECONDS = 20


def wait_until(condition, what, seconds=READY_SECONDS, programs=()):
    deadline = time.monotonic() + seconds
    while not condition():
        for program in programs:
            if program.has_died():
                raise RuntimeError("%s ended by itself:\n%s" % (program.name, program.tail()))
        if time.monotonic() > deadline:
            details = "".join("\n" + program.tail() for program in programs)
            raise RuntimeError("%s: not within %d s%s" % (what, seconds, details))
        time.sleep(0.05)


class Fleet:
    """The whole deployment. `binaries` is the folder of the commands, `folder` the one for logs and files."""

    def __init__(self, folder, binaries, certificates, hubs=2, edges=4, edge_options=(), hub_options=(), delays=None, families=(4,)):
        self.folder, self.binaries, self.certificates = folder, binaries, certificates
        self.edge_options, self.hub_options, self.families = list(edge_options), list(hub_options), families
        self.delays = delays or {}
        self.programs = []
        self.internet = Internet(folder)
        self.internet.core.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
        self.names = [Names(self, number) for number in (1, 2)]
        self.redis = RedisServer(self, "redis")
        self.hubs = [Hub(self, number) for number in range(1, hubs + 1)]
        self.edges = [Edge(self, number) for number in range(1, edges + 1)]
        self.published = list(self.edges)  # The edges that the name leads to.
        self.further_addresses = []  # Of no edge, under the same name.

    def host(self, name, **options):
        host = self.internet.host(name, delay=self.delays.get(name, 0.0), **options)
        host.use_name_servers(*[server.host.address for server in self.names] if hasattr(self, "names") else [])
        return host

    def program(self, host, name, arguments, **options):
        program = Program(host, name, arguments, self.folder, **options)
        self.programs.append(program)
        return program

    def start(self):
        self.publish()
        for server in self.names:
            server.program.start()
        self.redis.start()
        for hub in self.hubs:
            hub.program.start()
        for edge in self.edges:
            edge.program.start()
        for node in self.hubs + self.edges:
            node.wait()

    def publish(self):
        """Writes the records of the name servers, which read them again."""
        records = [(self.redis.host, "redis")] + [(hub.host, hub.name) for hub in self.hubs]
        lines = ["%s %s.%s" % (host.address, name, DOMAIN) for host, name in records]
        for edge in self.published:
            lines += ["%s %s" % (address, NAME) for address in edge.addresses(self.families)]
        lines += ["%s %s" % (address, NAME) for address in self.further_addresses]
        for server in self.names:
            server.publish(lines)

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


class Names:
    """A name server: dnsmasq, which gives the addresses of a name in turn."""

    def __init__(self, fleet, number):
        self.name = "dns-%d" % number
        self.fleet = fleet
        self.host = fleet.internet.host(self.name)
        self.records = fleet.folder / (self.name + ".records")
        self.records.touch()
        self.program = fleet.program(self.host, self.name, [
            "dnsmasq", "--keep-in-foreground", "--no-hosts", "--no-resolv", "--log-facility=-", "--user=root", "--pid-file=",
            "--local-ttl=1", "--addn-hosts=%s" % self.records])

    def publish(self, lines):
        self.records.write_text("".join(line + "\n" for line in lines))
        if self.program.is_running():
            self.program.send(signal.SIGHUP)


class RedisServer:
    def __init__(self, fleet, name, replica_of=None):
        self.fleet, self.name = fleet, name
        self.host = fleet.host(name)
        self.data = fleet.folder / (name + ".data")
        self.data.mkdir()
        arguments = [
            "redis-server", "--port", "6379", "--bind", "*", "--protected-mode", "no", "--save", "", "--appendonly", "no",
            "--dir", self.data, "--repl-diskless-sync-delay", "0"]
        if replica_of:
            arguments += ["--replicaof", replica_of.host.address, "6379"]
        self.program = fleet.program(self.host, name, arguments)

    def start(self):
        self.program.start()
        wait_until(self.answers, self.name + " answers", programs=[self.program])

    def answers(self):
        try:
            return self.command("PING") == b"PONG"
        except OSError:
            return False

    def command(self, *words):
        """Sends one command from the host itself, whatever happens to the ways of the network."""
        with self.host.entered():
            connection = Redis("127.0.0.1", 6379, timeout=5)
        try:
            return connection.command(*words)
        finally:
            connection.close()

    def save(self):
        self.command("SAVE")

    def forget(self):
        (self.data / "dump.rdb").unlink(missing_ok=True)

    def history(self):
        """The ids in the order of their serials. Each counts once."""
        answer = self.command("ZRANGE", "emojitrack_score", 0, -1, "WITHSCORES")
        names, scores = answer[0::2], answer[1::2]
        if any(score != b"1" for score in scores):
            raise RuntimeError("Redis counted an id other than once: the feeder is wrong")
        return sorted((name.decode() for name in names), key=lambda name: int(name.partition("-")[0], 16))


class Node:
    """A hub or an edge."""

    def identity(self, name):
        folder = self.fleet.certificates
        return ["--tls-certificate", folder / (name + ".pem"), "--tls-key", folder / (name + ".key"), "--tls-authority", folder / "ca.pem"]

    def http(self, path, *arguments):
        """Asks this node from its own host; None if there is no answer, or one that is no success."""
        url = "http://127.0.0.1:%d%s" % (self.status_port, path)
        command = self.host.command("curl", "--silent", "--fail", "--max-time", "2", "--noproxy", "*", *arguments, url)
        done = subprocess.run(command, capture_output=True, text=True)
        return done.stdout if done.returncode == 0 else None

    def is_ready(self):
        return self.http("/readyz") is not None

    def wait(self):
        wait_until(self.is_ready, self.name + " is ready", programs=[self.program])

    def restart(self):
        """Starts it again, after it ended."""
        self.program.start()

    def kill(self):
        self.program.kill()


class Hub(Node):
    status_port = 8000

    def __init__(self, fleet, number):
        self.fleet, self.name = fleet, "hub-%d" % number
        self.host = fleet.host(self.name)
        self.program = fleet.program(self.host, self.name, [
            fleet.binaries / "emojitrack-hub", "--redis-url", "redis://redis.%s:6379" % DOMAIN, "--link-listen", ":8010",
            "--admin-listen", "127.0.0.1:8000", *self.identity("hub"), *fleet.hub_options])

    def post(self, path, **body):
        return self.http(path, "-X", "POST", "-H", "Content-Type: application/json", "-d", json.dumps(body))

    def status(self):
        return json.loads(self.http("/admin/status.json") or "{}")


class Edge(Node):
    def __init__(self, fleet, number, host=None, port=PORT):
        self.fleet, self.name = fleet, "edge-%d" % number
        self.host = host or fleet.host(self.name)
        self.port = port
        self.status_port = port + 1_000
        self.successors = 0
        self.program = self._program(self.name)

    def _program(self, name):
        fleet = self.fleet
        hubs = [part for hub in fleet.hubs for part in ("--hub", "%s.%s:8010" % (hub.name, DOMAIN))]
        return fleet.program(self.host, name, [
            fleet.binaries / "emojitrack-edge", "--listen", ":%d" % self.port, "--status-listen", "127.0.0.1:%d" % self.status_port,
            "--workers", "1", "--drain-announce", "0s", *hubs, *self.identity(self.name), *fleet.edge_options])

    def addresses(self, families=(4,)):
        return [self.host.address6 if family == 6 else self.host.address for family in families]

    def hold_socket(self):
        """The lab holds the listening socket, as systemd does for Deploy/emojitrack-edge@.socket."""
        with self.host.entered():
            listener = socket.create_server(("", self.port), backlog=4096)
        self.program.sockets = [listener]


def binaries_of(path):
    """The folder of the commands, once they are there."""
    missing = [name for name in ("hub", "edge", "bench") if not os.access(path / ("emojitrack-" + name), os.X_OK)]
    if missing:
        raise SystemExit("lab: %s lacks emojitrack-%s.\n  Build it: make build" % (path, missing[0]))
    return path
