"""Redis, alone or with Sentinel."""

from processes import wait_until
from redis_client import Redis, RedisError


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
        self.first_commands = []  # For each start, before anything connects.

    def start(self):
        self.program.start()
        wait_until(self.answers, self.name + " answers", programs=[self.program])
        for words in self.first_commands:
            self.command(*words)

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
        scores = {name.decode(): score for name, score in zip(answer[0::2], answer[1::2]) if score != b"0"}
        if any(score != b"1" for score in scores.values()):
            raise RuntimeError("Redis counted an id other than once: the feeder is wrong")
        return sorted(scores, key=lambda name: int(name.partition("-")[0], 16))


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
