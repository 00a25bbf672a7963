"""A small internet on one machine: hosts with a network and a resolver of their own, around one router.

Each host is a network namespace and a mount namespace without names: they end with the process that holds them, and the kernel
ends that with the lab, in any case. Host *n* has 10.80.n.2 and fd80:0:0:n::2; the router knows the way to all of them, and can
cut, thin out or slow the way of each.
"""

import contextlib
import ctypes
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
BLACK_HOLE = "10.80.250"  # Addresses that swallow every packet.
LIBC = ctypes.CDLL(None, use_errno=True)
# The kernel ends these processes with the lab. The namespaces of an ended process are gone, too.
WITH_LAB = ["setpriv", "--pdeathsig", "KILL", "--"]
OFFLOADS = "tso off gso off gro off"  # Otherwise a rule drops dozens of packets as one.


def run(command, text=None, check=True):
    done = subprocess.run(command, input=text, text=True, capture_output=True)
    if check and done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(command), (done.stderr or done.stdout).strip()))
    return done.stdout


class Host:
    """One host: where programs run."""

    SCRIPT = """
      set -e
      mount --bind "$0" /etc/resolv.conf
      mount --bind "$1" /etc/hosts
      ip link set lo up
      sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
      echo ready
      exec sleep infinity
    """

    def __init__(self, name, folder):
        self.name = name
        self.resolver = folder / (name + ".resolv.conf")
        self.resolver.touch()
        hosts = folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n::1 localhost\n")
        self.holder = subprocess.Popen(
            WITH_LAB + ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", self.SCRIPT, self.resolver, hosts],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if self.holder.stdout.readline() != "ready\n":
            raise RuntimeError("the host %s could not be made; namespaces need root" % name)
        self.address = self.address6 = None

    def command(self, *arguments):
        """The command that runs another one on this host."""
        namespaces = "/proc/%d/ns/" % self.holder.pid
        return ["nsenter", "--net=" + namespaces + "net", "--mount=" + namespaces + "mnt", "--", *map(str, arguments)]

    def run(self, *arguments, text=None, check=True):
        return run(self.command(*arguments), text, check)

    @contextlib.contextmanager
    def entered(self):
        """Sockets that this thread makes meanwhile belong to this host."""
        with open("/proc/self/ns/net") as own, open("/proc/%d/ns/net" % self.holder.pid) as there:
            enter(there)
            try:
                yield
            finally:
                enter(own)

    def use_name_servers(self, *addresses):
        with open(self.resolver, "w") as file:  # In place, because this very file is mounted.
            file.writelines("nameserver %s\n" % address for address in addresses)

    def end(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()


def enter(namespace):
    if LIBC.setns(namespace.fileno(), 0):
        raise OSError(ctypes.get_errno(), "setns")


class Internet:
    """The router, and the hosts around it."""

    def __init__(self, folder):
        self.folder = folder
        self.hosts = {}
        self.wires = []
        self.rules = []
        self.core = Host("core", folder)
        self.core.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        self.core.run("ip", "route", "add", "blackhole", BLACK_HOLE + ".0/24")

    def host(self, name, delay=0.0):
        """A host with a way to the router; `delay` is in seconds, each way."""
        host = Host(name, self.folder)
        self.hosts[name] = host
        number = len(self.hosts)
        if delay:
            self._wire(host, delay)
        else:
            self.core.run("ip", "link", "add", "name", name, "type", "veth", "peer", "name", "eth0", "netns", str(host.holder.pid))
        host.address, host.address6 = "10.80.%d.2" % number, "fd80:0:0:%x::2" % number
        self._configure(host, name, number)
        return host

    def _wire(self, host, delay):
        """A slow wire: a program between two taps."""
        pids = [str(self.core.holder.pid), str(host.holder.pid)]
        command = WITH_LAB + [sys.executable, str(HERE / "wire.py"), pids[0], host.name, pids[1], "eth0", str(delay)]
        wire = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        if wire.stdout.readline() != "ready\n":
            raise RuntimeError("the wire of %s could not be made" % host.name)
        self.wires.append(wire)

    def _configure(self, host, name, number):
        host.run("ip", "-batch", "-", text="""
            addr add 10.80.{0}.2/24 dev eth0
            addr add fd80:0:0:{0:x}::2/64 dev eth0 nodad
            link set eth0 up
            route add default via 10.80.{0}.1
            route add ::/0 via fd80:0:0:{0:x}::1
        """.format(number))
        self.core.run("ip", "-batch", "-", text="""
            addr add 10.80.{0}.1/24 dev {1}
            addr add fd80:0:0:{0:x}::1/64 dev {1} nodad
            link set dev {1} up
        """.format(number, name))
        host.run("ethtool", "-K", "eth0", *OFFLOADS.split(), check=False)
        self.core.run("ethtool", "-K", name, *OFFLOADS.split(), check=False)

    def home(self, name, via):
        """A host behind the router of a home, which translates addresses (`via`, a host)."""
        host = Host(name, self.folder)
        self.hosts[name] = host
        via.run("ip", "link", "add", "name", "home", "type", "veth", "peer", "name", "eth0", "netns", str(host.holder.pid))
        via.run("ip", "-batch", "-", text="addr add 192.168.1.1/24 dev home\nlink set home up\n")
        via.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        via.run("nft", "-f", "-", text="""
            table ip home {
              chain forward { type filter hook forward priority 0; ct state invalid drop; }
              chain input { type filter hook input priority 0; iifname "eth0" ct state new,invalid drop; }
              chain leaving { type nat hook postrouting priority 100; oifname "eth0" masquerade; }
            }""")
        # A connection that was forgotten stays forgotten.
        via.run("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_loose=0")
        host.run("ip", "-batch", "-", text="""
            addr add 192.168.1.2/24 dev eth0
            link set eth0 up
            route add default via 192.168.1.1
        """)
        host.address = "192.168.1.2"
        return host

    # What the router does to packets.

    def cut(self, source, target, both=True):
        """Drops what `source` sends to `target` (names of hosts), and with `both` the other direction as well."""
        self.rules.append('iifname "%s" oifname "%s" drop' % (source, target))
        if both:
            self.rules.append('iifname "%s" oifname "%s" drop' % (target, source))
        self.apply()

    def isolate(self, name):
        """Drops everything from and to a host."""
        self.rules += ['iifname "%s" drop' % name, 'oifname "%s" drop' % name]
        self.apply()

    def lose(self, name, percent):
        """Drops a share of the packets from and to a host."""
        self.rules += ['%s "%s" numgen random mod 100 < %d drop' % (way, name, percent) for way in ("iifname", "oifname")]
        self.apply()

    def mend(self):
        """All ways are whole again."""
        self.rules = []
        self.apply()

    def apply(self):
        chain = "chain forward { type filter hook forward priority 0; %s }" % "; ".join(self.rules + [""])
        self.core.run("nft", "-f", "-", text="table inet ways\ndelete table inet ways\ntable inet ways { %s\n}\n" % chain)

    def end(self):
        for wire in self.wires:
            wire.kill()
            wire.wait()
            wire.stdout.close()
        for host in [*self.hosts.values(), self.core]:
            host.end()
