#!/usr/bin/env python3
"""Feeds tweets from standard input, one per line, as `ID JSON`. Needs redis-py: `apt install python3-redis`."""

import os
import pathlib
import sys

import redis

client = redis.Redis.from_url(os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"))
# Sends the script's digest, and the script itself if Redis does not know it yet.
script = client.register_script(pathlib.Path(__file__).with_name("feed.lua").read_text())


def feed(tweets):
    """Counts and publishes pairs of an id and JSON, in one step."""
    keys = ["emojitrack_score"] + ["emojitrack_tweets_" + id for id, _ in tweets]
    arguments = ["stream.score_updates", "stream.tweet_updates."] + [part for tweet in tweets for part in tweet]
    return script(keys=keys, args=arguments)


for line in sys.stdin:
    feed([line.rstrip("\n").split(" ", 1)])
