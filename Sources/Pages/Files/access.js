// How the dashboard asks the hub, and says who asks where the hub wants to know.
//
// Over a loopback address it does not, and over TLS a client certificate, which the browser shows by itself, is enough. Else a
// token is needed, and the page asks the reader for it. It stays in this tab (`sessionStorage`), and is sent only by
// what stands here: there is no cookie that a browser would add to the requests of another site.

import { show } from "./live.js"

const key = "emojitrack.token"
const firstDelay = 1_000
const greatestDelay = 30_000
/** A status comes each second: after so long without one, the connection leads nowhere. */
const silenceLimit = 15_000

const byID = (id) => document.getElementById(id)

let token = sessionStorage.getItem(key) ?? ""
/** The promise of the token that the dialog asks for; null while it asks for none. */
let question = null

/**
 * Asks the hub, like `fetch`. It answers once the hub knows who asks.
 *
 * @param options as of `fetch`; and `limit`, in milliseconds, for each attempt.
 */
export async function ask(path, { limit, ...options } = {}) {
  for (;;) {
    const used = token
    const headers = { ...options.headers, ...(used && { Authorization: `Bearer ${used}` }) }
    const signal = limit ? AbortSignal.timeout(limit) : options.signal
    const answer = await fetch(path, { cache: "no-store", ...options, headers, signal })
    if (answer.status === 429) {
      await pause(1_000 * (Number(answer.headers.get("Retry-After")) || 1))
    } else if (answer.status === 401) {
      if (used === token) await (question ??= askForToken(used !== ""))
    } else {
      byID("leave").hidden = used === ""
      return answer
    }
  }
}

async function askForToken(isWrong) {
  byID("token-wrong").hidden = !isWrong
  byID("token-ask").showModal()
  byID("token").focus()
  token = await new Promise((resolve) => {
    byID("token-ask").addEventListener("close", () => resolve(byID("token").value), { once: true })
  })
  // A reader who closes it without a token is asked again, because the page can do nothing else.
  byID("token").value = ""
  sessionStorage.setItem(key, token)
  question = null
}

byID("leave").addEventListener("click", () => {
  sessionStorage.removeItem(key)
  location.reload()
})

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/**
 * A stream of server-sent events that does not give up, as `LiveStream` is; but with the token, which an EventSource cannot send.
 *
 * @param handlers for each name of an event a function of its data, as text.
 * @param stateChanged told "open", and "waiting" while it is not.
 */
export async function listen(path, handlers, stateChanged) {
  for (let failures = 0; ; failures += 1) {
    const silence = new AbortController()
    try {
      const answer = await ask(path, { signal: silence.signal })
      if (answer.ok) {
        failures = 0
        stateChanged("open")
        for await (const event of events(answer.body, silence)) handlers[event.name]?.(event.data)
      }
    } catch {
      // It is over, for whatever reason.
    }
    stateChanged("waiting")
    // Jittered, so that the clients that lost the same server do not come back in one wave.
    await pause(Math.min(firstDelay * 2 ** failures, greatestDelay) * (0.5 + Math.random()))
  }
}

/** The events of a body, with lines that end in LF, as ours do. */
async function* events(body, silence) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ""
  for (;;) {
    const timer = setTimeout(() => silence.abort(), silenceLimit)
    const { value, done } = await reader.read().finally(() => clearTimeout(timer))
    if (done) return
    const blocks = (text + value).split("\n\n")
    text = blocks.pop()
    for (const block of blocks) {
      const lines = block.split("\n")
      const values = (field) => lines.filter((line) => line.startsWith(field)).map((line) => line.slice(field.length).trim())
      const data = values("data:")
      if (data.length) yield { name: values("event:").at(-1) ?? "message", data: data.join("\n") }
    }
  }
}

show(byID("token-text"), `${location.host} asks for a token. It stays in this tab until you close it.`)
