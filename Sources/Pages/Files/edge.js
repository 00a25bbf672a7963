// One edge of the fleet.

import { bytes, Facts, fraction, History, microseconds, Sparkline, span, Spread, words } from "./figures.js"
import { element, grouped, show, showState } from "./live.js"

/** The streams in the order of the legend, with the member of a report that counts their clients. */
export const streams = [
  { title: "eps", member: "clients_eps" },
  { title: "raw", member: "clients_raw" },
  { title: "details", member: "clients_details" },
  { title: "all details", member: "clients_all_details" },
  { title: "kiosk", member: "clients_interaction" },
]

/** The members of a report that are always visible; a click shows the rest. */
const plain = [
  "bytes_sent", "clients_refused", "events_sent", "loop_lag_maximum_microseconds", "memory_bytes", "position",
  ...streams.map((stream) => stream.member),
]

/** A backlog of this many bytes is marked. */
const backlogWorthALook = 65_536
/** An edge is marked when its last report is this many seconds old. */
const reportLimit = 15

export class EdgeCard {
  item = element("li", "edge")
  #name
  #state = element("p", "pill")
  #where = element("p", "where")
  #clients = element("b")
  #noun = element("span")
  #share = element("span", "muted")
  #parts = streams.map(() => element("span"))
  #facts = new Facts(element("dl", "facts"))
  #all = new Facts(element("dl", "facts"))
  #events = new History((report) => report.events_sent)
  #bytes = new History((report) => report.bytes_sent)
  /** From the hub's flush to the clients' sockets. */
  latency = new Spread()
  /** How long slow clients lagged until they were in step again. */
  #lag = new Spread()
  #spark = new Sparkline()
  #drain = element("button", "", "Drain …")
  #forget = element("button", "", "Forget …")

  /** The number of clients in an edge's last report; 0 if the edge is lost. */
  static clients(edge) {
    if (isGone(edge)) return 0
    return streams.reduce((sum, stream) => sum + (edge.report?.[stream.member] ?? 0), 0)
  }

  constructor(name, deeds) {
    this.#name = name
    const head = element("div", "edge-head")
    const title = element("h3", "", name)
    title.title = name
    head.append(title, this.#state)
    const load = element("p", "load")
    const count = element("span")
    count.append(this.#clients, " ", this.#noun)
    load.append(count, this.#share)
    const meter = element("div", "meter")
    meter.setAttribute("aria-hidden", "true")
    this.#parts.forEach((part, index) => (part.dataset.series = index + 1))
    meter.append(...this.#parts)
    const details = element("details")
    details.append(element("summary", "", "All figures"), this.#all.list)
    this.#drain.type = "button"
    this.#drain.addEventListener("click", () => deeds.drain(name, this.#drain.dataset.deed === "undrain"))
    this.#forget.type = "button"
    this.#forget.ariaLabel = `Forget ${name}`
    this.#forget.addEventListener("click", () => deeds.forget(name))
    const row = element("p", "deeds")
    row.append(this.#drain, this.#forget)
    this.item.append(head, this.#where, load, meter, this.#spark.element, this.#facts.list, details, row)
  }

  /** The events that its clients receive each second; null if that is not known. */
  get eventsPerSecond() {
    return this.#events.rate
  }

  /**
   * Shows the edge.
   *
   * @param status the hub's status.
   * @param fullest the number of clients of the fullest edge.
   */
  show(edge, status, fullest) {
    const report = edge.report ?? {}
    this.#events.add(report, edge.reported_at)
    this.#bytes.add(report, edge.reported_at)
    this.latency.add(edge.delivery_latency, edge.reported_at)
    this.#lag.add(edge.lag, edge.reported_at)
    this.#showState(edge)
    const clients = EdgeCard.clients(edge)
    show(this.#clients, grouped(clients))
    show(this.#noun, clients === 1 ? "client" : "clients")
    show(this.#share, isGone(edge) ? "" : streams.flatMap((stream) => inWords(report, stream)).join(" · "))
    streams.forEach((stream, index) => {
      const share = isGone(edge) ? 0 : (100 * (report[stream.member] ?? 0)) / fullest
      this.#parts[index].style.width = `${share.toFixed(1)}%`
    })
    this.#spark.show(this.#events.rates)
    this.#showFacts(edge, report, status)
  }

  #showState(edge) {
    const isDraining = edge.report?.is_draining === 1
    const flow = edge.flow && edge.flow !== "following" ? words(edge.flow) : ""
    const tone = edge.state === "lost" ? "bad" : isDraining || flow || edge.state !== "live" ? "warn" : "good"
    const beside = isGone(edge) ? edge.end && words(edge.end) : flow
    showState(this.#state, tone, [isDraining ? "draining" : words(edge.state), beside].filter(Boolean).join(": "))
    this.item.dataset.tone = tone === "good" ? "" : tone
    show(this.#where, [edge.address, edge.version && `version ${edge.version}`].filter(Boolean).join(" · "))
    this.#drain.dataset.deed = isDraining ? "undrain" : "drain"
    show(this.#drain, isDraining ? "Undrain" : "Drain …")
    this.#drain.hidden = isGone(edge)
    // Only an edge whose link is up has a flow.
    this.#forget.hidden = !isGone(edge) || edge.flow !== undefined
    this.#drain.ariaLabel = `${isDraining ? "Undrain" : "Drain"} ${this.#name}`
  }

  #showFacts(edge, report, status) {
    const facts = this.#facts
    const put = (name, value, tone) => value !== null && value !== undefined && facts.set(name, value, tone)
    const given = (value, write) => (Number.isFinite(value) ? write(value) : null)
    facts.begin()
    put("Events", given(report.events_sent, () => `${fraction(this.#events.rate)}/s`))
    put("Bytes", given(report.bytes_sent, () => (this.#bytes.rate === null ? "–" : `${bytes(this.#bytes.rate)}/s`)))
    const quantile = (part, spread) => {
      const found = Spread.quantile(part, [spread])
      return found === null ? "–" : microseconds(found)
    }
    put("Latency p50", given(edge.reported_at, () => quantile(0.5, this.latency)))
    put("Latency p99", given(edge.reported_at, () => quantile(0.99, this.latency)))
    put("Lagging", given(report.clients_lagging, grouped))
    put("Lag p99", given(edge.reported_at, () => quantile(0.99, this.#lag)))
    put("Memory", given(report.memory_bytes, bytes))
    put("Longest turn", given(report.loop_lag_maximum_microseconds, microseconds))
    put("Round trip", given(edge.round_trip_microseconds, microseconds))
    put("Backlog", given(edge.backlog_bytes, bytes), edge.backlog_bytes > backlogWorthALook ? "warn" : "")
    put("Behind", given(edge.behind, grouped))
    const skipped = (edge.skipped_raw ?? 0) + (edge.skipped_topic_events ?? 0)
    put("Skipped", edge.skipped_raw === undefined ? null : grouped(skipped), skipped > 0 ? "warn" : "")
    put("Refused", given(report.clients_refused, grouped))
    const age = status.reported_at - edge.reported_at
    put("Reported", given(age, (seconds) => `${span(Math.max(0, seconds))} ago`), age > reportLimit ? "warn" : "")
    facts.end()
    this.#all.begin()
    this.#all.rest(report, plain)
    this.#all.end()
  }
}

const isGone = (edge) => edge.state === "lost" || edge.state === "left"

function inWords(report, stream) {
  const count = report[stream.member]
  return count ? [`${grouped(count)} ${stream.title}`] : []
}
