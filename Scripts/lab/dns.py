"""The name service: dnsmasq, or PowerDNS that asks the edges."""

import signal
import time

DOMAIN = "lab"
NAME = "edges." + DOMAIN  # The one name of all edges.
PORT = 8001  # Of the edges.


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
