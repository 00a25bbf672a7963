#!/usr/bin/env node
// Feeds tweets from standard input, one per line, as `ID JSON`. Needs the package redis: `npm install redis`, or
// `apt install node-redis`.
"use strict"

const { createHash } = require("node:crypto")
const { readFileSync } = require("node:fs")
const { join } = require("node:path")
const { createInterface } = require("node:readline")
const { createClient } = require("redis")

const client = createClient({ url: process.env.REDIS_URL ?? "redis://127.0.0.1:6379" })
const script = readFileSync(join(__dirname, "feed.lua"), "utf8")
const digest = createHash("sha1").update(script).digest("hex")

/** Counts and publishes pairs of an id and JSON, in one step. */
async function feed(tweets) {
  const options = {
    keys: ["emojitrack_score", ...tweets.map(([id]) => `emojitrack_tweets_${id}`)],
    arguments: ["stream.score_updates", "stream.tweet_updates.", ...tweets.flat()],
  }
  try {
    return await client.evalSha(digest, options)
  } catch (error) {
    if (!error.message.startsWith("NOSCRIPT")) throw error
    // Redis does not know the script yet and has done nothing.
    return client.eval(script, options)
  }
}

async function main() {
  await client.connect()
  for await (const line of createInterface({ input: process.stdin })) {
    const space = line.indexOf(" ")
    await feed([[line.slice(0, space), line.slice(space + 1)]])
  }
  await client.quit()
}

main().catch((error) => {
  console.error(error.message)
  process.exit(1)
})
