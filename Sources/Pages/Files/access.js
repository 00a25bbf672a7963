// Requests of the dashboard to the hub, with a token where the hub asks for one.
//
// Over a loopback address the hub asks for none. Over TLS a client certificate, which the browser presents, is enough. Otherwise
// a token is needed, and the page asks the user for it. The token stays in this tab (`sessionStorage`), and only this module
// sends it: there is no cookie that a browser would add to the requests of another site.

import { show } from "./live.js"

const key = "emojitrack.token"
const firstDelay = 1_000
const greatestDelay = 30_000
/** A status arrives each second: after this time without one, the connection counts as dead. */
const silenceLimit = 15_000

const byID = (id) => document.getElementById(id)

let token = sessionStorage.getItem(key) ?? ""
/** The promise of a token while the dialog asks for one; null otherwise. */
let question = null

/**
 * Sends a request to the hub, like `fetch`. Resolves once the hub has accepted a token, or needs none.
 *
 * @param options those of `fetch`, and `limit`: the time limit of each attempt, in milliseconds.
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
  // If the dialog is closed without a token, it opens again: the page can do nothing else.
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
 * A stream of server-sent events that always reconnects, like `LiveStream`, but with the token, which an EventSource cannot send.
 *
 * @param handlers a function for each event name; it receives the data as text.
 * @param stateChanged called with "open", or with "waiting" while the stream is not open.
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
      // The stream has ended; the reason does not matter.
    }
    stateChanged("waiting")
    // Jittered, so that the clients of a lost server do not return in one wave.
    await pause(Math.min(firstDelay * 2 ** failures, greatestDelay) * (0.5 + Math.random()))
  }
}

/** The events of a body whose lines end in LF, as those of the hub do. */
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
