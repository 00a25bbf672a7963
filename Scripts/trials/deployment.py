"""The real programs on loopback: Redis, a hub, an edge, their certificates, and two hundred good clients."""

import json
import os
import pathlib
import random
import select
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
READY_SECONDS = 20
TOKEN = "trial-" + "5e" * 32


def free_ports(count):
    """Ports below those that the kernel gives to connections, which could take one before its program listens."""
    found = []
    for port in random.sample(range(20_000, 32_000), 12_000):
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError("fewer than %d ports from 20,000 to 32,000 are free" % count)


def python(script, *arguments, **options):
    """Starts a script of this folder, which may use the modules of the lab."""
    paths = os.pathsep.join(str(path) for path in (HERE, HERE.parent / "lab"))
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", sys.executable, "-B", HERE / script, *map(str, arguments)], text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": paths}, **options)


def line_of(process, seconds):
    """The next line that a script writes; the scripts write one line at a time."""
    if not select.select([process.stdout], [], [], seconds)[0]:
        raise RuntimeError("%s wrote nothing within %d s" % (process.args[-1], seconds))
    return process.stdout.readline()


def make_certificates(folder):
    """Those of the deployment, and below `foreign` those of another authority with the same names."""
    for target in (folder, folder / "foreign"):
        subprocess.run(
            [ROOT / "Deploy/certificates.sh", "--out", target, "--edges", "2", "--expired", "edge-old"], check=True,
            stdout=subprocess.DEVNULL)
    tokens = folder / "tokens"
    tokens.write_text("reader trials %s\n" % TOKEN)
    tokens.chmod(0o600)


class Deployment:
    def __init__(self, folder, binaries, certificates, trial):
        self.folder, self.binaries, self.certificates, self.trial = folder, binaries, certificates, trial
        self.programs = {}
        names = ("redis", "link", "admin", "https", "plain", "tls", "edge_status", "hub_status", "liar")
        self.ports = dict(zip(names, free_ports(len(names))))

    def at(self, name):
        return "127.0.0.1:%d" % self.ports[name]

    def identity(self, name, prefix="tls", authority=True):
        flags = ["--%s-certificate" % prefix, self.certificates / (name + ".pem"), "--%s-key" % prefix, self.certificates / (name + ".key")]
        return flags + (["--tls-authority", self.certificates / "ca.pem"] if authority else [])

    def start(self, name, command, files=None):
        limit = ["prlimit", "--nofile=%d" % files] if files else []
        with open(self.folder / (name + ".log"), "a") as log:
            self.programs[name] = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *limit, *map(str, command)], stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def begin(self):
        self.start("redis", [
            "redis-server", "--port", self.ports["redis"], "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", self.folder])
        self.wait("Redis answers", self.seed)
        self.start("hub", [
            self.binaries / "emojitrack-hub", "--redis-url", "redis://" + self.at("redis"), "--admin-listen", self.at("admin"),
            "--link-listen", self.at("link"), "--status-listen", self.at("hub_status"), "--admin-https-listen", self.at("https"),
            "--admin-tokens", self.certificates / "tokens", *self.identity("hub"), *self.identity("hub", "admin-https", False)])
        self.wait("the hub is ready", lambda: self.get("hub_status", "/readyz"))
        hubs = ["--hub", self.at("link")]
        if self.trial.has_lying_hub:
            hubs += ["--hub", self.at("liar")]
        self.start("edge", [
            self.binaries / "emojitrack-edge", "--listen", self.at("plain"), "--https-listen", self.at("tls"), "--status-listen",
            self.at("edge_status"), *hubs, *self.identity("edge-1"), *self.identity("hub", "https", False), *self.trial.edge], self.trial.files)
        self.wait("the edge is ready", lambda: self.get("edge_status", "/readyz"))
        half = self.trial.clients // 2
        self.good_clients = python(
            "good_clients.py", self.ports["redis"], self.ports["plain"], half, self.ports["tls"], self.trial.clients - half,
            self.certificates / "ca.pem")
        if line_of(self.good_clients, READY_SECONDS) != "ready\n":
            raise RuntimeError("the good clients could not connect")

    def seed(self):
        """Some long ids before the start: a snapshot has about 200 KB, more than a socket takes that is not read."""
        from redis_client import Redis

        redis = Redis("127.0.0.1", self.ports["redis"])
        redis.command("ZADD", "emojitrack_score", *(word for serial in range(3_000) for word in (1, "%058X-0" % serial)))
        redis.close()
        return True

    def wait(self, what, condition):
        deadline = time.monotonic() + READY_SECONDS
        while True:
            for name in self.died():
                raise RuntimeError("%s ended by itself:\n%s" % (name, self.tail(name)))
            try:
                if condition():
                    return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise RuntimeError("%s: not within %d s" % (what, READY_SECONDS))
            time.sleep(0.05)

    def get(self, port, path):
        try:
            with urllib.request.urlopen("http://%s%s" % (self.at(port), path), timeout=5) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError:
            return None

    def phase(self, name):
        self.good_clients.stdin.write("phase %s\n" % name)
        self.good_clients.stdin.flush()

    def finish_clients(self):
        self.good_clients.stdin.write("end\n")
        self.good_clients.stdin.flush()
        return json.loads(line_of(self.good_clients, 90))

    def died(self):
        return [name for name, program in self.programs.items() if program.poll() is not None]

    def tail(self, name, lines=15):
        return "".join((self.folder / (name + ".log")).read_text(errors="replace").splitlines(True)[-lines:])

    def stop(self):
        for program in [getattr(self, "good_clients", None), *reversed(self.programs.values())]:
            if program and program.poll() is None:
                program.kill()
            if program:
                program.wait()
