"""Hubs and edges, by their documented settings, and HAProxy in front of edges."""

import json
import os
import re
import socket
import subprocess

from dns import DOMAIN, PORT
from network import HERE
from processes import wait_until

EXAMPLES = HERE.resolve().parent.parent / "Examples"
FAKETIME = "/usr/lib/%s-linux-gnu/faketime/libfaketimeMT.so.1" % os.uname().machine


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

    def use(self, binaries):
        """Runs the program of another version from its next start on. Flags that this version does not know are left out."""
        command, *flags = self.every_argument
        command = binaries / os.path.basename(command)
        help_text = subprocess.run([command, "--help"], capture_output=True, text=True, check=True).stdout
        known = set(re.findall(r"--[a-z0-9-]+", help_text))
        pairs = [(flag, value) for flag, value in zip(flags[0::2], flags[1::2]) if flag in known]
        self.program.arguments = [str(command), *[word for pair in pairs for word in pair]]

    def runs(self, binaries):
        """Whether its present process is one of these programs."""
        path = os.readlink("/proc/%d/exe" % self.program.pid)
        return path == os.path.realpath(binaries / os.path.basename(self.program.arguments[0]))

    def fake_clock(self):
        """Its wall clock from the next start on. Under libfaketime a Swift program sees no arguments: settings come from the
        environment."""
        if not os.path.exists(FAKETIME):
            raise RuntimeError("there is no %s: install faketime" % FAKETIME)
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
        self.every_argument = self.program.arguments

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
        self.every_argument = self.program.arguments

    def use(self, binaries):
        super().use(binaries)
        # An older edge answers at the address of its clients alone.
        self.status_port = self.port + 1_000 if "--status-listen" in self.program.arguments else self.port

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
