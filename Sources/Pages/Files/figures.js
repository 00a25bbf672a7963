// Figures of the dashboard: how numbers are written, rates from counts, lists of facts, and small charts.

import { element, grouped, show } from "./live.js"

/** A number with few digits: `0.4`, `12.5`, `1,234`. */
export function fraction(number) {
  if (number === null) return "–"
  return number >= 100 || number === 0 ? grouped(number) : number.toFixed(1)
}

/** A number of bytes, as `12.3 MiB`. */
export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"]
  let unit = 0
  while (count >= 1024 && unit < units.length - 1) {
    count /= 1024
    unit += 1
  }
  return `${unit === 0 || count >= 100 ? Math.round(count) : count.toFixed(1)} ${units[unit]}`
}

/** A time in microseconds, as `85 µs` or `1.2 ms`. */
export function microseconds(count) {
  if (count < 1_000) return `${Math.round(count)} µs`
  return count < 1_000_000 ? `${fraction(count / 1_000)} ms` : `${fraction(count / 1_000_000)} s`
}

/** A time in seconds, as `3 h 12 min`. */
export function span(seconds) {
  if (!Number.isFinite(seconds)) return "for an unknown time"
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  if (minutes === 0) return `${seconds} s`
  if (hours === 0) return `${minutes} min`
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** A word of the API for display: `awaiting_fence` and `OK` become `awaiting fence` and `ok`. */
export const words = (text) => String(text).replaceAll("_", " ").toLowerCase()

/** How fast a count grows, from one status to the next. */
export class History {
  /** How many rates are kept. */
  static length = 60
  #count
  #last = null
  /** The latest rates, in counts a second, the newest last. */
  rates = []

  /** @param count returns the count in a status. */
  constructor(count) {
    this.#count = count
  }

  /** The latest rate; null if none is known. */
  get rate() {
    return this.rates.at(-1) ?? null
  }

  /** A status arrived. A count that fell starts over, because its process did. A status of the same moment is ignored. */
  add(status, seconds) {
    const count = this.#count(status)
    if (!Number.isFinite(count)) return
    const last = this.#last
    if (last !== null && seconds <= last.seconds) return
    this.#last = { count, seconds }
    if (last === null || count < last.count) return
    this.rates.push((count - last.count) / (seconds - last.seconds))
    if (this.rates.length > History.length) this.rates.shift()
  }
}

/** The upper bounds of a histogram's buckets, in microseconds; one more bucket holds all longer durations. */
const bucketBounds = [
  100, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 5_000_000, 30_000_000,
]

/** The distribution of durations between two reports. */
export class Spread {
  #last = null
  /** The latest counts, bucket by bucket. */
  counts = bucketBounds.map(() => 0).concat(0)

  /** A histogram of the API arrived. Counts that fell start over. A histogram of the same moment is ignored. */
  add(histogram, seconds) {
    const counts = histogram?.buckets
    const last = this.#last
    if (!Array.isArray(counts) || (last !== null && seconds <= last.seconds)) return
    this.#last = { counts, seconds }
    if (last === null) return
    const grown = counts.map((count, index) => count - (last.counts[index] ?? 0))
    this.counts = grown.some((count) => count < 0) ? counts : grown
  }

  /**
   * The quantile of the durations, in microseconds, computed like Prometheus's `histogram_quantile`; null if there were
   * none.
   *
   * @param spreads several distributions, which are added up.
   */
  static quantile(part, spreads) {
    const counts = bucketBounds.map(() => 0).concat(0)
    for (const spread of spreads) counts.forEach((_, index) => (counts[index] += spread.counts[index] ?? 0))
    let left = part * counts.reduce((sum, count) => sum + count, 0)
    if (left === 0) return null
    for (const [index, bound] of bucketBounds.entries()) {
      const lower = bucketBounds[index - 1] ?? 0
      if (counts[index] > 0 && left <= counts[index]) return lower + ((bound - lower) * left) / counts[index]
      left -= counts[index]
    }
    return bucketBounds.at(-1)
  }
}

/** A chart of the latest rates. A number is shown beside it, so it needs no description. */
export class Sparkline {
  element = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  #line = document.createElementNS("http://www.w3.org/2000/svg", "polyline")
  #area = document.createElementNS("http://www.w3.org/2000/svg", "polygon")

  constructor() {
    this.element.setAttribute("class", "spark")
    this.element.setAttribute("viewBox", `0 0 ${History.length - 1} 30`)
    this.element.setAttribute("preserveAspectRatio", "none")
    this.element.setAttribute("aria-hidden", "true")
    this.element.append(this.#area, this.#line)
  }

  show(rates) {
    const greatest = Math.max(1, ...rates)
    const first = History.length - rates.length
    const points = rates.map((rate, index) => `${first + index},${(29 - (27 * rate) / greatest).toFixed(1)}`)
    this.#line.setAttribute("points", points.join(" "))
    const ground = points.length ? [`${History.length - 1},30`, `${first},30`] : []
    this.#area.setAttribute("points", [...points, ...ground].join(" "))
  }
}

/** A list of names and values that changes little from one status to the next. */
export class Facts {
  list
  #rows = new Map()
  #current = new Set()

  constructor(list) {
    this.list = list
  }

  begin() {
    this.#current.clear()
  }

  /** Shows a value. */
  set(name, value, tone = "") {
    this.#current.add(name)
    let row = this.#rows.get(name)
    if (row === undefined) {
      row = { box: element("div"), value: element("dd") }
      row.box.append(element("dt", "", name), row.value)
      this.list.append(row.box)
      this.#rows.set(name, row)
    }
    show(row.value, value)
    row.value.dataset.tone = tone
  }

  /** Shows all members of an object except some, under the API's names; those of a nested object after its name. */
  rest(object, except, before = "") {
    const left = new Set(except)
    for (const [name, value] of Object.entries(object)) {
      if (left.has(name) || value === null) continue
      const title = before + words(name)
      if (typeof value === "object") this.rest(value, [], title + ", ")
      else this.set(title.charAt(0).toUpperCase() + title.slice(1), text(name, value))
    }
  }

  /** Removes the facts that were not shown again. Returns the number of facts. */
  end() {
    for (const [name, row] of this.#rows) {
      if (this.#current.has(name)) continue
      row.box.remove()
      this.#rows.delete(name)
    }
    return this.#rows.size
  }
}

function text(name, value) {
  if (typeof value !== "number") return value === true ? "yes" : value === false ? "no" : String(value)
  if (name.endsWith("_microseconds")) return microseconds(value)
  if (name.endsWith("_bytes") || name.startsWith("bytes_")) return bytes(value)
  if (name.endsWith("_seconds")) return span(value)
  return Number.isInteger(value) ? grouped(value) : String(value)
}
