"""Redis restarts, exact or not, and masters change."""

from declared import scenario


def restart(trial, away=3):
    redis = trial.fleet.redis
    redis.program.kill()
    trial.steady(away)
    redis.start()
    trial.steady(10)


@scenario("Redis restarts with everything that it counted", may_skip=True, silence_maximum=15)
def redis_restarts_exact(trial):
    # Only an increment during the dump could be lost, so the feeder pauses.
    trial.feeder.tell("rate 0")
    trial.steady(1)
    trial.fleet.redis.save()
    trial.fleet.redis.program.kill()
    trial.feeder.tell("rate %g" % trial.declared.rate)
    trial.steady(3)
    trial.fleet.redis.start()
    trial.steady(10)


@scenario(
    "Redis restarts from an older dump, and has lost 3 s of increments", may_skip=True, resets=("corrected", "unknown_position"),
    silence_maximum=15)
def redis_restarts_older(trial):
    trial.fleet.redis.save()
    trial.steady(3)
    restart(trial)


@scenario("Redis restarts empty", may_skip=True, resets=("new_lineage",), silence_maximum=15)
def redis_restarts_empty(trial):
    trial.fleet.redis.forget()
    restart(trial)


@scenario(
    "The master is killed, and Sentinel makes the replica the master", fleet={"sentinels": 3}, may_skip=True,
    resets=("corrected", "unknown_position"), must_reset=False, silence_maximum=25)
def sentinel_failover(trial):
    trial.fleet.redis.program.kill()
    seconds = trial.wait_for(trial.fleet.sentinels.masters, "a new master", 20)
    trial.note("the replica was the master after %.1f s" % seconds)
    trial.steady(12)
