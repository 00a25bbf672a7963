// The actions of an operator on the dashboard. Each is confirmed first, and its answer is shown.

import { ask } from "./access.js"
import { words } from "./figures.js"
import { parsed, show } from "./live.js"

const followInterval = 1_000
const byID = (id) => document.getElementById(id)

/** The actions, as functions that the buttons call. */
export function offerDeeds() {
  return {
    async drain(name, isUndo) {
      const path = `admin/edges/${encodeURIComponent(name)}/${isUndo ? "undrain" : "drain"}`
      const isMeant =
        isUndo ||
        (await confirmed(
          `Drain ${name}?`,
          "It accepts no more clients, and releases the present ones over a while. They reconnect to the other edges.",
          "Drain",
        ))
      if (isMeant) await perform(path, `${isUndo ? "Undrain" : "Drain"} ${name}`)
    },
    async forget(name) {
      const isMeant = await confirmed(
        `Forget ${name}?`,
        "It is no longer shown, and no alert fires for it. If it comes back, it is shown again.",
        "Forget",
      )
      if (isMeant) await perform(`admin/edges/${encodeURIComponent(name)}`, `Forget ${name}`, "DELETE")
    },
    async rebalance() {
      const isMeant = await confirmed(
        "Rebalance the fleet?",
        "The fullest edges release some of their clients, a few at a time, and they reconnect to the others.",
        "Rebalance",
      )
      if (isMeant && (await perform("admin/rebalance", "Rebalance"))) await follow()
    },
  }
}

/** Shows the progress of a rebalance while it lasts. */
async function follow() {
  for (let state = "active"; state === "active"; ) {
    await new Promise((resolve) => setTimeout(resolve, followInterval))
    const answer = await ask("admin/rebalance", { limit: 5_000 }).catch(() => null)
    if (!answer?.ok) continue
    const progress = await answer.json()
    state = progress.state
    const parts = [`Rebalance: ${words(state)}`, `${progress.released} released`]
    if (state === "active") parts.push(`about ${progress.remaining} to go`)
    say([...parts, `at most ${progress.spread_percent} % from even`].join(", "))
  }
}

/** Sends the request and shows its result. Resolves to whether it succeeded. */
async function perform(path, title, method = "POST") {
  say(`${title}: asked …`)
  try {
    const answer = await ask(path, {
      method, headers: { "Content-Type": "application/json" }, body: "{}", limit: 15_000,
    })
    const text = (await answer.text()).trim()
    const json = parsed(text)
    if (answer.status === 404 && json === undefined) {
      for (const button of document.querySelectorAll("#rebalance, .deeds button")) button.disabled = true
      say(`${title}: this hub does not offer it.`)
      return false
    }
    say(`${title}: ${json === undefined ? text : inWords(json)}${answer.ok ? "" : ` (${answer.status})`}`)
    return answer.ok
  } catch {
    say(`${title}: the hub did not answer.`)
    return false
  }
}

/** An answer such as `{"status":"OK","released":12}` as `ok, released 12`. */
function inWords(json) {
  if (json === null || typeof json !== "object") return String(json)
  return Object.entries(json)
    .map(([name, value]) => {
      const text = value !== null && typeof value === "object" ? JSON.stringify(value) : String(value)
      return name === "status" ? words(text) : `${words(name)} ${text}`
    })
    .join(", ")
}

const say = (text) => show(byID("answer"), text)

/** Handles the answer to the open question. */
let settle = null

function confirmed(title, text, yes) {
  show(byID("ask-title"), title)
  show(byID("ask-text"), text)
  show(byID("ask-yes"), yes)
  byID("ask").showModal()
  return new Promise((resolve) => (settle = resolve))
}

// These events fire at once. `close` fires later, when the next question may be open.
byID("ask").addEventListener("submit", (event) => settle(event.submitter.value === "yes"))
byID("ask").addEventListener("cancel", () => settle(false))
