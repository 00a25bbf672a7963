// The grid of tiles, one for each score.

import { named, showPicture } from "./emoji.js"
import { element, grouped } from "./live.js"

/** A light goes out in so many steps (`data-light` in `viewer.css`), and takes so long for each. */
const lightSteps = 6
const lightStep = 110
/** So long after the pointer last moved on it nothing in the grid changes its place. */
const restAfterPointer = 3_000

/** One score: its total, and its tile once it was drawn. */
class Score {
  id
  total = 0
  isChanged = false
  item = null
  button = null
  #count
  #light = 0

  constructor(id) {
    this.id = id
  }

  /** Makes its tile. */
  make() {
    this.button = element("button", "tile")
    this.button.type = "button"
    this.button.tabIndex = -1
    this.button.dataset.id = this.id
    this.button.title = named(this.id)
    const glyph = element("span", "glyph")
    showPicture(glyph, this.id)
    this.#count = element("span", "count", "0")
    this.button.append(glyph, this.#count)
    this.item = element("li")
    this.item.append(this.button)
  }

  /** Writes its total. */
  draw() {
    this.isChanged = false
    this.#count.firstChild.data = grouped(this.total)
  }

  /** Gives it all the light that there is. */
  lightUp() {
    if (this.#light === lightSteps) return
    this.#light = lightSteps
    this.button.dataset.light = lightSteps
  }

  /** Takes a step of its light. Says whether some is left. */
  dim() {
    this.#light -= 1
    if (this.#light > 0) this.button.dataset.light = this.#light
    else delete this.button.dataset.light
    return this.#light > 0
  }
}

export class Grid {
  #list
  #scores = new Map()
  #changed = []
  #lit = new Set()
  #order = []
  #stop = null
  #pointerMovedAt = -Infinity

  /**
   * @param list the element that holds the tiles.
   * @param chosen told the id of a tile that was chosen.
   */
  constructor(list, chosen) {
    this.#list = list
    list.addEventListener("click", (event) => {
      const button = event.target.closest(".tile")
      if (!button) return
      this.#stopAt(button)
      this.#mark(button.dataset.id)
      chosen(button.dataset.id)
    })
    list.addEventListener("keydown", (event) => this.#keyPressed(event))
    list.addEventListener("pointermove", () => (this.#pointerMovedAt = performance.now()), { passive: true })
    list.addEventListener("pointerleave", () => (this.#pointerMovedAt = -Infinity))
    // In steps, and not as an animation: so many at once would each have a layer of its own, and cost a frame.
    setInterval(() => {
      for (const score of this.#lit) if (!score.dim()) this.#lit.delete(score)
    }, lightStep)
  }

  get size() {
    return this.#scores.size
  }

  total(id) {
    return this.#scores.get(id)?.total
  }

  /** The place of a score among all, from 1; 0 if it is not there yet. */
  place(id) {
    return this.#order.findIndex((score) => score.id === id) + 1
  }

  /** A score grew. */
  grow(id, delta) {
    const score = this.#score(id)
    score.total += delta
    this.#change(score)
  }

  /** A snapshot says what a score is. */
  set(id, total) {
    const score = this.#score(id)
    score.total = total
    this.#change(score)
  }

  /** A snapshot follows: what it does not name is nothing. */
  clear() {
    for (const score of this.#scores.values()) {
      score.total = 0
      this.#change(score)
    }
  }

  /** Writes what has changed, and lights it up if it is to. */
  draw(lights) {
    const added = this.#changed.filter((score) => score.item === null)
    for (const score of added) score.make()
    this.#list.append(...added.map((score) => score.item))
    this.#order.push(...added)
    for (const score of this.#changed) {
      score.draw()
      if (!lights) continue
      score.lightUp()
      this.#lit.add(score)
    }
    this.#changed = []
    if (this.#stop === null && this.#order.length > 0) this.#stopAt(this.#order[0].button)
  }

  /** Brings the tiles into the order of the totals, unless somebody is about to use one of them. */
  sortIfUnused() {
    if (this.#list.contains(document.activeElement)) return
    if (performance.now() - this.#pointerMovedAt < restAfterPointer) return
    this.sort()
  }

  /** Brings the tiles into the order of the totals. */
  sort() {
    const sorted = this.#order.toSorted((one, other) => other.total - one.total)
    // From the end: only those that are not where they belong are moved.
    let next = null
    for (let index = sorted.length - 1; index >= 0; index -= 1) {
      const item = sorted[index].item
      if (item.nextSibling !== next) this.#list.insertBefore(item, next)
      next = item
    }
    this.#order = sorted
  }

  /** The details of an id were closed: the focus returns to its tile. */
  leave(id) {
    this.#mark(null)
    const button = this.#scores.get(id)?.button
    if (button) this.#stopAt(button)
    this.#stop?.focus()
  }

  #score(id) {
    let score = this.#scores.get(id)
    if (score === undefined) {
      score = new Score(id)
      this.#scores.set(id, score)
    }
    return score
  }

  #change(score) {
    if (score.isChanged) return
    score.isChanged = true
    this.#changed.push(score)
  }

  #mark(id) {
    for (const button of this.#list.querySelectorAll("[aria-current]")) button.removeAttribute("aria-current")
    this.#scores.get(id)?.button?.setAttribute("aria-current", "true")
  }

  /** The whole grid is one stop of the tabulator; the arrows lead from tile to tile. */
  #stopAt(button) {
    if (this.#stop) this.#stop.tabIndex = -1
    this.#stop = button
    button.tabIndex = 0
  }

  #keyPressed(event) {
    const place = this.#order.findIndex((score) => score.button === event.target)
    if (place < 0 || event.altKey || event.ctrlKey || event.metaKey) return
    const columns = getComputedStyle(this.#list).gridTemplateColumns.split(" ").length
    const steps = {
      ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, Home: -place,
      End: this.#order.length - 1 - place,
    }
    const target = this.#order[place + (steps[event.key] ?? NaN)]
    if (!target) return
    event.preventDefault()
    this.#stopAt(target.button)
    target.button.focus()
  }
}

