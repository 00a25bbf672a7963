// The viewer: every score lights up its emoji.
//
// Events only change numbers. At most once a frame the changed tiles are written, so the work depends on the tiles in sight,
// not on the rate of the scores.

import { DetailsPanel } from "./details.js"
import { Grid } from "./grid.js"
import { grouped, LiveStream, parsed, show, showState } from "./live.js"

/** The number of seconds over which the rate is averaged. */
const rateWindow = 5

const byID = (id) => document.getElementById(id)
const calm = matchMedia("(prefers-reduced-motion: reduce)")

const page = { rate: byID("rate"), sum: byID("sum"), meaning: byID("sum-meaning"), state: byID("state") }
const panel = new DetailsPanel((id) => grid.leave(id))
const grid = new Grid(byID("grid"), (id) => panel.open(id))

let sum = 0
let isPaused = false
let isDrawingDue = false
let isOpen = false
/** How many scores arrived in each of the last seconds; the first is the present one. */
const seconds = [0]
let quietSeconds = 0

// MARK: Input

function deltasCame(text) {
  const deltas = parsed(text)
  if (deltas === null || typeof deltas !== "object") return
  for (const [id, delta] of Object.entries(deltas)) {
    if (!Number.isFinite(delta)) continue
    grid.grow(id, delta)
    sum += delta
    seconds[0] += delta
  }
  quietSeconds = 0
  drawSoon()
}

function snapshotCame(text) {
  const totals = parsed(text)
  if (totals === null || typeof totals !== "object") return
  sum = 0
  grid.clear()
  for (const [id, total] of Object.entries(totals)) {
    if (!Number.isFinite(total)) continue
    grid.set(id, total)
    sum += total
  }
  show(page.meaning, "in all")
  // A snapshot is not new, so nothing lights up.
  grid.draw(false)
  grid.sort()
  drawSoon()
}

function stateChanged(state) {
  isOpen = state === "open"
  showConnection()
}

function showConnection() {
  if (!isOpen) return showState(page.state, "bad", "reconnecting …")
  if (isPaused) return showState(page.state, "warn", "paused")
  if (quietSeconds > 5) return showState(page.state, "warn", `no score for ${quietSeconds} s`)
  showState(page.state, "good", "live")
}

// MARK: Output

function drawSoon() {
  if (isDrawingDue || isPaused) return
  isDrawingDue = true
  // With less motion, the numbers change once a second and nothing lights up.
  if (calm.matches) setTimeout(draw, 1_000)
  else requestAnimationFrame(draw)
}

function draw() {
  isDrawingDue = false
  if (isPaused) return
  grid.draw(!calm.matches)
  show(page.sum, grouped(sum))
  byID("hint").hidden = grid.size > 0
  panel.showTotal(grid)
}

setInterval(() => {
  const past = seconds.slice(0, rateWindow)
  if (!isPaused) show(page.rate, grouped(past.reduce((total, count) => total + count, 0) / past.length))
  seconds.unshift(0)
  seconds.length = Math.min(seconds.length, rateWindow)
  quietSeconds += 1
  if (isOpen) showConnection()
}, 1_000)

setInterval(() => {
  if (!isPaused) grid.sortIfUnused()
}, 2_000)

byID("pause").addEventListener("click", (event) => {
  isPaused = !isPaused
  event.target.setAttribute("aria-pressed", isPaused)
  show(event.target, isPaused ? "Resume" : "Pause")
  panel.isPaused = isPaused
  showConnection()
  drawSoon()
})

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") panel.close()
})

new LiveStream(
  "subscribe/eps?snapshot=1&resume=1",
  // A snapshot follows a reset, and replaces everything.
  { message: deltasCame, snapshot: snapshotCame },
  stateChanged,
)
panel.openFromAddress()
