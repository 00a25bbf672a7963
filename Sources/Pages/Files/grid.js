// The grid of tiles, one for each score.

import { named, showPicture } from "./emoji.js"
import { element, grouped } from "./live.js"

/** How many steps a light takes to go out (`data-light` in `viewer.css`), and how long each step lasts. */
const lightSteps = 6
const lightStep = 110
/** For this long after the pointer last moved over the grid, no tile changes its place. */
const restAfterPointer = 3_000

/** One score: its total, and its tile once the tile is drawn. */
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

  /** Lights the tile up. */
  lightUp() {
    if (this.#light === lightSteps) return
    this.#light = lightSteps
    this.button.dataset.light = lightSteps
  }

  /** Dims the light by one step. Returns whether any is left. */
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
   * @param chosen called with the id of the chosen tile.
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
    // In steps, not as an animation: each of many animations would have a layer of its own, and cost a frame.
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

  /** The rank of a score, from 1; 0 if it is not in the grid yet. */
  place(id) {
    return this.#order.findIndex((score) => score.id === id) + 1
  }

  /** A score grew. */
  grow(id, delta) {
    const score = this.#score(id)
    score.total += delta
    this.#change(score)
  }

  /** A snapshot gives the total of a score. */
  set(id, total) {
    const score = this.#score(id)
    score.total = total
    this.#change(score)
  }

  /** A snapshot follows: ids that it does not name are 0. */
  clear() {
    for (const score of this.#scores.values()) {
      score.total = 0
      this.#change(score)
    }
  }

  /** Writes the changed tiles, and lights them up if requested. */
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

  /** Sorts the tiles by total, unless the user is about to use one of them. */
  sortIfUnused() {
    if (this.#list.contains(document.activeElement)) return
    if (performance.now() - this.#pointerMovedAt < restAfterPointer) return
    this.sort()
  }

  /** Sorts the tiles by total. */
  sort() {
    const sorted = this.#order.toSorted((one, other) => other.total - one.total)
    // From the end: only tiles in the wrong place are moved.
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

  /** The whole grid is one tab stop; the arrow keys move between the tiles. */
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

