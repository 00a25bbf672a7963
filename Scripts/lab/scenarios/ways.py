"""Ways through the network that are cut, lossy or slow."""

from declared import scenario

CUT_SECONDS = 10
LINKS = {  # Name: both ends, in words, and what is good while the way is cut.
    "redis-hub": ("redis", "hub-1", "Redis and one hub", {"silence_maximum": 2}),
    "hub-edge": ("hub-1", "edge-1", "one hub and one edge", {"silence_maximum": 2}),
    # What waits for a client is sent again when TCP tries next, and later than that if a whole direction was cut.
    "edge-clients": ("edge-1", "home-1", "one edge and half of the clients", {"silence_maximum": 3 * CUT_SECONDS}),
}


def declare(link, way):
    first, second, words, limits = LINKS[link]
    ends = (first, second) if way != "back" else (second, first)
    directions = {"there": "from the first to the second", "back": "from the second to the first", "both": "in both directions"}

    def action(trial):
        trial.internet.cut(*ends, both=way == "both")
        trial.steady(CUT_SECONDS)
        trial.internet.mend()
        trial.steady(6)

    action.__name__ = "cut_%s_%s" % (link.replace("-", "_"), way)
    scenario("The way between %s is cut for %d s, %s" % (words, CUT_SECONDS, directions[way]), **limits)(action)


for one in LINKS:
    for direction in ("there", "back", "both"):
        declare(one, direction)


@scenario("An edge is cut off from both hubs for 10 s", silence_maximum=25, may_skip=True)
def edge_alone(trial):
    for hub in trial.hubs:
        trial.internet.cut(hub.name, "edge-1")
    trial.steady(CUT_SECONDS)
    trial.internet.mend()
    trial.steady(8)


@scenario("Both hubs are cut off from Redis for 10 s, while the feeder writes", silence_maximum=25, may_skip=True)
def redis_alone(trial):
    for hub in trial.hubs:
        trial.internet.cut("redis", hub.name)
    trial.steady(CUT_SECONDS)
    trial.internet.mend()
    trial.steady(8)


def lossy(percent):
    # TCP may send what it lost one packet at a time, even after the way is mended.
    def action(trial):
        for name in ("hub-1", "edge-1", "edge-2", "home-1"):
            trial.internet.lose(name, percent)
        trial.steady(20)
        trial.internet.mend()
        trial.steady(8)

    action.__name__ = "loss_%d_percent" % percent
    scenario(
        "%d %% of all packets from and to a hub, two edges and half of the clients are lost" % percent, silence_limit=20, rate=100,
        settle_seconds=60)(action)


lossy(3)
lossy(20)


@scenario(
    "One hub, one edge and half of the clients are 50 ms away, and the edge is killed",
    fleet={"delays": {"hub-1": 0.05, "edge-1": 0.05, "home-1": 0.05}}, overdue_maximum=4)
def delay_50_ms(trial):
    trial.steady(5)
    trial.edges[0].kill()
    trial.steady(8)
    trial.edges[0].restart()
    trial.steady(2)


def homes_behind_nat(trial):
    fleet = trial.fleet
    trial.nat = fleet.host("nat")
    return [fleet.home("home-1", trial.nat), fleet.host("home-2")]


@scenario(
    "A router that translates addresses forgets its connections", clients=homes_behind_nat,
    fleet={"edge_options": ["--keepalive", "5s"]}, silence_limit=12, silence_maximum=25)
def nat_forgets(trial):
    trial.nat.run("conntrack", "--flush")
    trial.steady(20)
    # The same by a limit that is shorter than any silence: as routers have it, only sooner.
    trial.nat.run("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_timeout_established=1")
    trial.steady(5)


@scenario(
    "Everything has IPv6 as well; then IPv6 is cut everywhere for 20 s",
    fleet={"families": (6, 4), "edge_options": ["--keepalive", "5s"]}, silence_limit=12, silence_maximum=25)
def dual_stack(trial):
    six = sum(":" in peer for checker in trial.checkers for peer in trial.status(checker)["peers"])
    trial.expect(six, "no client came by IPv6")
    trial.internet.rules.append("meta nfproto ipv6 drop")
    trial.internet.apply()
    trial.steady(22)
    trial.internet.mend()
    trial.steady(5)
