// The dashboard: the hub's status, updated each second, as in `/admin/status.json`.
//
// Members that a status lacks are not shown, and unknown members are shown unchanged: so the page works with a hub that is a
// little older or newer.

import { ask, listen } from "./access.js"
import { offerDeeds } from "./deeds.js"
import { EdgeCard, streams } from "./edge.js"
import { Facts, fraction, History, microseconds, Sparkline, span, Spread, words } from "./figures.js"
import { element, grouped, parsed, show, showState } from "./live.js"

/** How often the status is requested while there is no stream of it. */
const pollInterval = 2_000
/** After this time without a status, the figures on the page are old. */
const freshLimit = 6_000

const byID = (id) => document.getElementById(id)
const cards = new Map()
const scores = new History((status) => status.messages?.packed?.score)
const deeds = offerDeeds()
const spark = new Sparkline()
const redis = new Facts(byID("redis"))
const ledger = new Facts(byID("ledger"))
const more = new Facts(byID("more"))
/** The members that are shown in a place of their own. */
const known = new Set([
  "node", "status", "reported_at", "version", "uptime_seconds", "redis", "scores", "messages", "edges", "ledger",
])
const glances = new Map()

let lastStatusAt = -Infinity
let lastClock = ""
let poll = 0

// MARK: Input

function statusCame(status) {
  if (status === null || typeof status !== "object") return
  lastStatusAt = performance.now()
  lastClock = new Date().toLocaleTimeString("en-GB")
  const edges = Array.isArray(status.edges) ? status.edges : []
  scores.add(status, performance.now() / 1_000)
  showHead(status)
  showFleet(status, edges)
  showGlance(status, edges)
  showTables(status)
  showFreshness()
}

listen("admin/events", { status: (text) => statusCame(parsed(text)) }, (state) => {
  if (state === "open") {
    clearInterval(poll)
    poll = 0
  } else if (poll === 0) {
    askForStatus()
    poll = setInterval(askForStatus, pollInterval)
  }
})

async function askForStatus() {
  try {
    const answer = await ask("admin/status.json", { limit: 5_000 })
    if (answer.ok) statusCame(await answer.json())
  } catch {
    // The page shows how old its figures are.
  }
}

setInterval(showFreshness, 1_000)

function showFreshness() {
  const isOld = performance.now() - lastStatusAt > freshLimit
  const wasNever = lastClock === ""
  if (isOld) showState(byID("freshness"), "bad", wasNever ? "connecting …" : `old, from ${lastClock}`)
  else showState(byID("freshness"), "good", poll === 0 ? "live" : "asked every 2 s")
  byID("main").toggleAttribute("data-old", isOld && !wasNever)
  byID("banner").hidden = !isOld || wasNever
  if (isOld) show(byID("banner"), `The hub does not answer. The figures are from ${lastClock}.`)
}

// MARK: Output

function showHead(status) {
  show(byID("node"), status.node ?? "hub")
  document.title = `${status.node ?? "hub"} · emojitrack hub`
  const tones = { OK: "good", INTERRUPTED: "bad", DRAINING: "warn" }
  showState(byID("health"), tones[status.status] ?? "warn", words(status.status ?? "unknown"))
  const parts = [status.version && `version ${status.version}`, `up ${span(status.uptime_seconds)}`]
  show(byID("about"), parts.filter(Boolean).join(" · "))
}

function showFleet(status, edges) {
  const names = new Set(edges.map((edge) => edge.node))
  for (const [name, card] of cards) {
    if (names.has(name)) continue
    card.item.remove()
    cards.delete(name)
  }
  const fullest = Math.max(1, ...edges.map((edge) => EdgeCard.clients(edge)))
  edges.forEach((edge, index) => {
    let card = cards.get(edge.node)
    if (card === undefined) {
      card = new EdgeCard(edge.node, deeds)
      cards.set(edge.node, card)
    }
    const fleet = byID("fleet")
    if (fleet.children[index] !== card.item) fleet.insertBefore(card.item, fleet.children[index] ?? null)
    card.show(edge, status, fullest)
  })
  byID("no-edges").hidden = edges.length > 0
  byID("rebalance").hidden = edges.length < 2
}

function showGlance(status, edges) {
  const live = edges.filter((edge) => edge.state === "live")
  const clients = edges.map((edge) => EdgeCard.clients(edge))
  const rates = [...cards.values()].map((card) => card.eventsPerSecond).filter((rate) => rate !== null)
  const latency = Spread.quantile(0.99, [...cards.values()].map((card) => card.latency))
  glance("scores", "Scores a second", fraction(scores.rate), "", spark.element)
  spark.show(scores.rates)
  glance("clients", "Clients", grouped(clients.reduce((sum, count) => sum + count, 0)), "")
  glance(
    "deliveries", "Deliveries a second",
    rates.length ? fraction(rates.reduce((sum, rate) => sum + rate, 0)) : "–",
    latency === null ? "" : `p99 ${microseconds(latency)}`)
  glance("edges", "Edges", grouped(live.length), live.length === edges.length ? "live" : `live of ${edges.length}`)
  glance("position", "Position", grouped(status.scores?.position ?? 0), "")
  const refused = Object.keys(status.redis?.refused ?? {}).length
  glance("redis", "Redis", words(status.redis?.state ?? "unknown"), refused ? `${grouped(refused)} refused` : "")
}

function glance(key, title, value, beside, chart) {
  let parts = glances.get(key)
  if (parts === undefined) {
    const box = element("div")
    const description = element("dd")
    parts = { value: element("span"), beside: element("span", "beside") }
    description.append(parts.value, " ", parts.beside)
    if (chart) description.append(chart)
    box.append(element("dt", "", title), description)
    byID("glance").append(box)
    glances.set(key, parts)
  }
  show(parts.value, value)
  show(parts.beside, beside)
}

function showTables(status) {
  const { redis: feed = {}, scores: table = {}, messages = {} } = status
  redis.begin()
  redis.set("Feed", words(feed.state ?? "unknown"), feed.state === "live" ? "good" : "bad")
  if (feed.detail) redis.set("Because", feed.detail, "warn")
  for (const [feature, reason] of Object.entries(feed.refused ?? {})) redis.set(`Refused: ${words(feature)}`, reason, "warn")
  redis.set("Lineage", table.lineage ?? "none yet")
  redis.set("Standing", words(table.standing ?? "unknown"), table.anchored ? "good" : "warn")
  redis.rest(feed, ["state", "detail", "refused"])
  redis.rest(table, ["lineage", "standing", "anchored"])
  redis.end()

  ledger.begin()
  const books = status.ledger
  if (books) {
    ledger.set("Every score, once", books.balanced ? "✓ yes" : "✗ no", books.balanced ? "good" : "bad")
    ledger.set("Missing", grouped(books.missing), books.missing === 0 ? "good" : "bad")
    ledger.set("Doubled", grouped(books.doubled), books.doubled === 0 ? "good" : "bad")
    ledger.set("Repaired", grouped(books.repaired))
  }
  ledger.rest(messages, ["residual"])
  if (messages.residual !== undefined) {
    const isEven = messages.residual === 0
    ledger.set("Residual", grouped(messages.residual), isEven ? "good" : "bad")
    ledger.set("The books", isEven ? "✓ balance" : "✗ do not balance", isEven ? "good" : "bad")
  }
  ledger.end()

  more.begin()
  more.rest(status, known)
  byID("more-section").hidden = more.end() === 0
}

byID("legend").append(
  ...streams.map((stream, index) => {
    const item = element("li", "", stream.title)
    item.dataset.series = index + 1
    return item
  }),
)
byID("rebalance").addEventListener("click", () => deeds.rebalance())
