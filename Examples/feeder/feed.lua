-- Counts and publishes tweets, each in one atomic step: it adds one in the sorted set of totals, publishes the id,
-- puts the tweet in front of the id's ten latest, and publishes the tweet. Redis runs a script as a whole, so an
-- increment and its message are never apart, and a hub reads totals that are exact at a place among the messages.
--
-- KEYS[1]              the sorted set of totals: emojitrack_score
-- KEYS[1 + n]          the list of tweet n's id: emojitrack_tweets_1F602
-- ARGV[1]              the channel of ids: stream.score_updates
-- ARGV[2]              the prefix of the channels of tweets: stream.tweet_updates.
-- ARGV[1 + 2n], [2 + 2n]  the id of tweet n, and its JSON
--
-- Returns the number of tweets. An empty batch has KEYS[1] alone, and does nothing. The emojitrack-feeder command runs
-- the very same lines.
for index = 1, #KEYS - 1 do
  local id, tweet = ARGV[1 + 2 * index], ARGV[2 + 2 * index]
  redis.call('ZINCRBY', KEYS[1], 1, id)
  redis.call('PUBLISH', ARGV[1], id)
  redis.call('LPUSH', KEYS[1 + index], tweet)
  redis.call('LTRIM', KEYS[1 + index], 0, 9)
  redis.call('PUBLISH', ARGV[2] .. id, tweet)
end
return #KEYS - 1
