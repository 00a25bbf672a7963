"""Other people's programs as clients: curl, Chromium, and the recipes in Examples/clients."""

import http.server
import json
import sys
import threading
import time

from account import Account
from declared import scenario
from dns import NAME, PORT
from nodes import EXAMPLES
from stream import Stream

URL = "http://%s:%d/subscribe/eps?resume=1&snapshot=1" % (NAME, PORT)
SETTLE_SECONDS = 20


class Watcher:
    """A program whose totals are compared with Redis at the end."""

    def finish(self, history):
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            totals = self.totals()
            if totals == dict.fromkeys(history, 1):
                return []
            if time.monotonic() > deadline:
                break
            time.sleep(0.5)
        missing, known = [name for name in history if name not in totals], set(history)
        return ["%s: %d totals are missing, %d are wrong" % (
            self.name, len(missing), sum(name not in known or total != 1 for name, total in totals.items()))]


class Recipe(Watcher):
    """A recipe in Examples/clients: it prints an event's name and the totals that it changed."""

    def __init__(self, trial, host, name, python):
        self.name = name
        self.program = trial.fleet.program(host, name, [python, EXAMPLES / "clients" / name, URL], environment={"PYTHONDONTWRITEBYTECODE": "1"})
        self.program.start()

    def totals(self):
        totals = {}
        for line in self.program.log.read_text().splitlines():
            event, _, data = line.partition(" ")
            if event == "snapshot" or event == "reset":
                totals = {}
            if event in ("snapshot", "message") and data.endswith("}"):
                totals.update(json.loads(data))
        return totals


class Curl(Watcher):
    """curl, started again whenever it ended. It knows no place, so it begins with all totals each time."""

    SCRIPT = 'while true; do echo; echo NEXT; curl --silent --include --raw --no-buffer --connect-timeout 3 "$0" || true; sleep 1; done'

    def __init__(self, trial, host):
        self.name = "curl"
        self.program = trial.fleet.program(host, self.name, ["bash", "-c", self.SCRIPT, URL]).start()

    def totals(self):
        account, stream = Account(), Stream()
        _, _, last = self.program.log.read_bytes().rpartition(b"NEXT\n")
        for event in stream.take(last):
            account.take(event, 0)
        return account.counts


class Chromium(Watcher):
    """A page with the five lines of the README, which sends its totals to the lab."""

    PAGE = b"""<!DOCTYPE html><title>lab</title><script>
        const totals = new Map()
        const source = new EventSource("%s")
        const add = (event) => Object.entries(JSON.parse(event.data)).forEach(([id, n]) => totals.set(id, (totals.get(id) ?? 0) + n))
        source.addEventListener("message", add)
        source.addEventListener("snapshot", (event) => { totals.clear(); add(event) })
        setInterval(() => fetch("/totals", {method: "POST", body: JSON.stringify(Object.fromEntries(totals))}), 500)
        </script>""" % URL.encode()

    def __init__(self, trial, host):
        self.name = "chromium"
        self.reported = {}
        with host.entered():
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 9000), self.handler())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.program = trial.fleet.program(host, self.name, [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--no-proxy-server", "--user-data-dir=%s" % (trial.folder / "chromium"), "--remote-debugging-port=0",
            "http://127.0.0.1:9000/"])
        self.program.start()

    def handler(watcher):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(watcher.PAGE)

            def do_POST(self):
                watcher.reported = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.answer(b"")

            def answer(self, body):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        return Handler

    def totals(self):
        return self.reported


@scenario("curl, Chromium and the recipes look the name up themselves; an edge is killed, another drains", kinds={"eps": 10}, rate=100, overdue_maximum=3)
def other_programs(trial):
    host = trial.fleet.host("home-3")
    watchers = [Recipe(trial, host, "urllib_client.py", sys.executable), Curl(trial, host), Chromium(trial, host)]
    for library in ("requests", "httpx", "aiohttp"):
        for python in (sys.executable, "/usr/bin/python3"):
            if not host_has(host, python, library):
                continue
            watchers.append(Recipe(trial, host, library + "_client.py", python))
            break
        else:
            trial.note("%s is not installed: its recipe was left out" % library)
    trial.watchers += watchers
    trial.wait_for(lambda: all(watcher.totals() for watcher in watchers), "every program streams", 20)
    trial.edges[0].kill()
    trial.steady(8)
    trial.edges[0].restart()
    trial.edges[0].wait()
    trial.edges[1].program.terminate()
    trial.steady(16)
    trial.note("exact beside the 20 clients: " + ", ".join(watcher.name for watcher in watchers))


def host_has(host, python, library):
    try:
        host.run(python, "-c", "import " + library)
        return True
    except RuntimeError:
        return False
