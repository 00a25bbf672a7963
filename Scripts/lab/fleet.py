"""A deployment on the hosts of the lab: Redis, name servers, hubs and edges, by the documented settings."""

import json
import os
import signal
import socket
import subprocess
import time

from network import BLACK_HOLE, HERE, Internet
from processes import Program
from redis_client import Redis, RedisError

DOMAIN = "lab"
NAME = "edges." + DOMAIN  # The one name of all edges.
PORT = 8001
READY_SECONDS = 20
EXAMPLES = HERE.resolve().parent.parent / "Examples"
FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"


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

    def publish(self, records):
        self.records.write_text("".join("%s %s\n" % record for record in records))
        if self.program.is_running():
            self.program.send(signal.SIGHUP)


class CheckedNames(Names):
    """A name server that asks the edges: PowerDNS, which leaves out an address while `/readyz` is not 200 there."""

    def __init__(self, fleet, number):
        super().__init__(fleet, number)
        self.zone = fleet.folder / (self.name + ".zone")
        banks = fleet.folder / (self.name + ".conf")
        banks.write_text('zone "%s" { type native; file "%s"; };\n' % (DOMAIN, self.zone))
        settings = {
            "daemon": "no", "guardian": "no", "launch": "bind", "bind-config": banks, "enable-lua-records": "yes", "socket-dir": fleet.folder,
            "config-dir": fleet.folder, "lua-health-checks-interval": 1, "query-cache-ttl": 0, "cache-ttl": 0, "negquery-cache-ttl": 0,
            "local-address": "0.0.0.0", "setuid": "root", "setgid": "root", "webserver": "no", "config-name": self.name,
        }
        self.program.arguments = ["pdns_server"] + ["--%s=%s" % pair for pair in settings.items()]

    def publish(self, records):
        lines = ["@ 60 IN SOA ns. hostmaster. %d 60 60 60 1" % int(time.time()), "@ 60 IN NS ns."]
        edges = [address for address, name in records if name == NAME]
        lines += ["%s. 1 IN A %s" % (name, address) for address, name in records if name != NAME]
        urls = "', '".join(edges)
        lines.append("%s. 1 IN LUA A \"ifurlup('http://%s:%d/readyz', {'%s'}, {selector='random', timeout=1})\"" % (NAME, NAME, PORT, urls))
        self.zone.write_text("$ORIGIN %s.\n" % DOMAIN + "\n".join(lines) + "\n")


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


class Sentinels:
    """Sentinels, and a replica beside the fleet's Redis."""

    def __init__(self, fleet, count):
        self.fleet = fleet
        self.replica = RedisServer(fleet, "redis-2", replica_of=fleet.redis)
        self.nodes = [Sentinel(fleet, number) for number in range(1, count + 1)]
        for redis, other in ((fleet.redis, self.replica), (self.replica, fleet.redis)):
            redis.program.arguments += ["--replica-announce-ip", redis.host.address]

    def start(self):
        self.replica.start()
        wait_until(lambda: b"master_link_status:up" in self.replica.command("INFO", "replication"), "the replica follows")
        for node in self.nodes:
            node.program.start()
        wait_until(lambda: all(node.knows(len(self.nodes) - 1) for node in self.nodes), "the sentinels know each other")

    def masters(self):
        return [redis for redis in (self.fleet.redis, self.replica) if redis.answers() and redis.command("ROLE")[0] == b"master"]


class Sentinel:
    def __init__(self, fleet, number):
        self.name = "sentinel-%d" % number
        self.host = fleet.host(self.name)
        settings = fleet.folder / (self.name + ".conf")
        settings.write_text("""
port 26379
bind *
protected-mode no
sentinel monitor lab %s 6379 2
sentinel down-after-milliseconds lab 1000
sentinel failover-timeout lab 5000
""" % fleet.redis.host.address)
        self.program = fleet.program(self.host, self.name, ["redis-server", settings, "--sentinel"])

    def knows(self, others):
        try:
            with self.host.entered():
                connection = Redis("127.0.0.1", 26379)
            master = connection.command("SENTINEL", "master", "lab")
        except (OSError, RedisError):
            return False
        values = dict(zip(master[0::2], master[1::2]))
        return int(values[b"num-other-sentinels"]) >= others and int(values[b"num-slaves"]) >= 1


class Balancer:
    """HAProxy by Examples/haproxy.cfg, in front of all edges."""

    def __init__(self, fleet):
        self.fleet, self.name = fleet, "haproxy"
        self.host = fleet.host(self.name)
        example = (EXAMPLES / "haproxy.cfg").read_text()
        lines = [line for line in example.splitlines() if not line.strip().startswith("server ")]
        lines += ["  server %s %s:%d" % (edge.name, edge.host.address, edge.port) for edge in fleet.edges]
        settings = fleet.folder / "haproxy.cfg"
        text = "\n".join(lines) + "\n"
        settings.write_text(text.replace("/etc/haproxy/errors/haproxy-503.http", str(EXAMPLES / "haproxy-503.http"))
                            .replace("maxconn 100000", "maxconn 9500"))  # Two descriptors each, of 20,000.
        self.program = fleet.program(self.host, self.name, ["haproxy", "-db", "-f", settings])

    def start(self):
        self.program.start()
        check = self.host.command("curl", "--silent", "--fail", "--max-time", "1", "http://127.0.0.1:8080/healthz")
        wait_until(lambda: subprocess.run(check, stdout=subprocess.DEVNULL).returncode == 0, "HAProxy serves", programs=[self.program])


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

    def fake_clock(self):
        """Its wall clock from the next start on. Under libfaketime a Swift program sees no arguments: settings come from the
        environment."""
        self.clock = self.fleet.folder / (self.name + ".clock")
        self.set_clock(0)
        command, *flags = self.program.arguments
        settings = {"EMOJITRACK_" + flag[2:].upper().replace("-", "_"): value for flag, value in zip(flags[0::2], flags[1::2])}
        self.program.arguments = [command]
        self.program.environment = {
            **self.program.environment, **settings, "LD_PRELOAD": FAKETIME, "FAKETIME_TIMESTAMP_FILE": str(self.clock),
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set_clock(self, seconds):
        self.clock.write_text("%+d\n" % seconds)


class Hub(Node):
    status_port = 8000

    def __init__(self, fleet, number):
        self.fleet, self.name = fleet, "hub-%d" % number
        self.host = fleet.host(self.name)
        redis = "redis://redis.%s:6379" % DOMAIN
        if fleet.sentinels:
            redis = "redis-sentinel://%s/lab" % ",".join("%s.%s:26379" % (node.name, DOMAIN) for node in fleet.sentinels.nodes)
        self.program = fleet.program(self.host, self.name, [
            fleet.binaries / "emojitrack-hub", "--redis-url", redis, "--link-listen", ":8010",
            "--admin-listen", "127.0.0.1:8000", *self.identity("hub"), *fleet.hub_options],
            environment=fleet.environments.get(self.name))

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
        self.program = self.program_named(self.name)

    def program_named(self, name):
        fleet = self.fleet
        hubs = ",".join("%s.%s:8010" % (hub.name, DOMAIN) for hub in fleet.hubs)
        return fleet.program(self.host, name, [
            fleet.binaries / "emojitrack-edge", "--listen", ":%d" % self.port, "--status-listen", "127.0.0.1:%d" % self.status_port,
            "--workers", "1", "--hub", hubs, *self.identity(name), *fleet.edge_options,
            *([] if "--drain-announce" in fleet.edge_options else ["--drain-announce", "0s"])],
            environment=fleet.environments.get(self.name))

    def succeed(self, name, pass_time):
        """Starts a successor beside this process, with a name of its own and the same sockets, then ends this one.

        Returns its exit status.
        """
        predecessor = self.program
        self.status_port += 100
        self.program = self.program_named(name)
        self.program.sockets = predecessor.sockets
        self.program.start()
        self.wait()
        predecessor.terminate()
        while predecessor.is_running():
            pass_time(0.5)
        return predecessor.wait(1)

    def serve_tls(self):
        """Serves clients over TLS as well, with the certificate of the hubs, which is one for servers."""
        folder = self.fleet.certificates
        self.program.arguments += ["--https-listen", ":8443", "--https-certificate", folder / "hub.pem", "--https-key", folder / "hub.key"]
        self.program.arguments = [str(argument) for argument in self.program.arguments]

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
