#!/usr/bin/env ruby
# frozen_string_literal: true

# Feeds tweets from standard input, one per line, as `ID JSON`. Needs the gem redis: `apt install ruby-redis`.

require "digest"
require "redis"

REDIS = Redis.new(url: ENV.fetch("REDIS_URL", "redis://127.0.0.1:6379"))
SCRIPT = File.read(File.join(__dir__, "feed.lua"))
DIGEST = Digest::SHA1.hexdigest(SCRIPT)

# Counts and publishes pairs of an id and JSON, in one step.
def feed(tweets)
  keys = ["emojitrack_score"] + tweets.map { |id, _| "emojitrack_tweets_#{id}" }
  arguments = ["stream.score_updates", "stream.tweet_updates."] + tweets.flatten
  REDIS.evalsha(DIGEST, keys, arguments)
rescue Redis::CommandError => e
  raise unless e.message.start_with?("NOSCRIPT")

  # Redis does not know the script yet and has done nothing.
  REDIS.eval(SCRIPT, keys, arguments)
end

$stdin.set_encoding("UTF-8")
$stdin.each_line(chomp: true) { |line| feed([line.split(" ", 2)]) }
