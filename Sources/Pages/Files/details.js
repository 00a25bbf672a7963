// The panel with the live details of one score.

import { named, showPicture } from "./emoji.js"
import { element, grouped, LiveStream, parsed, show, showState } from "./live.js"

/** How many tweets are shown, and how often new ones are added. */
const shownMaximum = 40
const showInterval = 250
/** The ids that have details (the rule of `/subscribe/details/ID`). */
const topics = /^[A-Za-z0-9_-]{1,64}$/

const byID = (id) => document.getElementById(id)
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" })

export class DetailsPanel {
  isPaused = false
  #closed
  #id = null
  #stream = null
  #waiting = []
  /** The ids of the tweets that were shown, because some come again after a reconnect. */
  #seen = new Set()

  /** @param closed called with the id whose details were closed. */
  constructor(closed) {
    this.#closed = closed
    byID("panel-close").addEventListener("click", () => this.close())
    setInterval(() => this.#show(), showInterval)
  }

  /** Opens the details of the id after `#` in the page's address. */
  openFromAddress() {
    const id = decodeURIComponent(location.hash.slice(1))
    if (id !== "grid" && topics.test(id)) this.open(id)
  }

  open(id) {
    this.#stop()
    this.#id = id
    showPicture(byID("panel-glyph"), id)
    show(byID("panel-title"), named(id))
    show(byID("panel-total"), "")
    show(byID("panel-place"), "")
    byID("tweets").replaceChildren()
    byID("panel").hidden = false
    byID("panel-close").focus({ preventScroll: true })
    if (!topics.test(id)) {
      showState(byID("panel-state"), "warn", "no details")
      return this.#hint("There are no details for this id.")
    }
    history.replaceState(null, "", "#" + id)
    this.#hint("Waiting for its next tweet …")
    showState(byID("panel-state"), "warn", "connecting")
    this.#stream = new LiveStream(
      `subscribe/details/${id}?backfill=10`,
      { ["stream.tweet_updates." + id]: (text) => this.#tweetCame(text) },
      (state) =>
        state === "open"
          ? showState(byID("panel-state"), "good", "live")
          : showState(byID("panel-state"), "bad", "reconnecting …"),
    )
  }

  close() {
    if (this.#id === null) return
    const id = this.#id
    this.#stop()
    this.#id = null
    byID("panel").hidden = true
    history.replaceState(null, "", location.pathname)
    this.#closed(id)
  }

  /** Shows the total of the open id. */
  showTotal(grid) {
    const total = this.#id === null ? undefined : grid.total(this.#id)
    if (total === undefined) return
    show(byID("panel-total"), grouped(total))
    const place = grid.place(this.#id)
    if (place > 0) show(byID("panel-place"), `· number ${grouped(place)} of ${grouped(grid.size)}`)
  }

  #stop() {
    this.#stream?.close()
    this.#stream = null
    this.#waiting = []
    this.#seen.clear()
  }

  #tweetCame(text) {
    const tweet = parsed(text)
    if (tweet === null || typeof tweet !== "object") return
    const key = tweet.id ?? text
    if (this.#seen.has(key)) return
    this.#seen.add(key)
    if (this.#seen.size > 500) this.#seen.delete(this.#seen.values().next().value)
    this.#waiting.push(tweet)
    if (this.#waiting.length > shownMaximum) this.#waiting.shift()
  }

  #show() {
    if (this.isPaused || this.#waiting.length === 0) return
    const list = byID("tweets")
    list.prepend(...this.#waiting.reverse().map(item))
    this.#waiting = []
    while (list.children.length > shownMaximum) list.lastChild.remove()
    this.#hint("")
  }

  #hint(text) {
    show(byID("panel-hint"), text)
    byID("panel-hint").hidden = text === ""
  }
}

/** A tweet. Text from users is shown as text, in its own direction, and pictures are not fetched. */
function item(tweet) {
  const made = element("li")
  const by = element("p", "by")
  const screenName = words(tweet.screen_name)
  const name = element("b", "", words(tweet.name) || screenName)
  name.dir = "auto"
  by.append(name)
  if (screenName) by.append(element("span", "muted", "@" + screenName))
  const createdAt = new Date(tweet.created_at)
  if (!Number.isNaN(createdAt.getTime())) {
    const time = element("time", "muted number", clock.format(createdAt))
    time.dateTime = createdAt.toISOString()
    by.append(time)
  }
  const text = element("p", "text", words(tweet.text))
  text.dir = "auto"
  made.append(by, text)
  return made
}

const words = (value) => (typeof value === "string" ? value : "")
