// Holds one stream for all tabs, and knows all totals. `?edges=` has the edges' addresses with commas between; without it, the edge is
// where this file is from. By fetch() and not EventSource: that tells neither of the comments, so a connection that a sleeping laptop
// lost would be waited on for ever, nor of the time to come back, and it ends for good at some answers.
const edges = new URL(location).searchParams.get("edges")?.split(",") ?? [""]
const silence = 40_000 // A comment comes each 15 s.
const ports = new Set()
let totals = {}, place = "", retry = 3_000, turn = 0, state = "connecting"
let heardAt = 0, stream = null, timer

const tell = (port) => port.postMessage({ totals, place, state })
const tellAll = (news) => ports.forEach((port) => port.postMessage(news))
const say = (word) => tellAll({ state: state = word })

async function follow() {
  timer = clearTimeout(timer)
  const mine = (stream = new AbortController())
  heardAt = Date.now()
  try {
    // The place is not in `Last-Event-ID`: of another site, a browser would have to ask for that field first.
    const query = `?resume=1&snapshot=1${place && `&last_event_id=${encodeURIComponent(place)}`}`
    const answer = await fetch(`${edges[turn++ % edges.length]}/subscribe/eps${query}`, {
      signal: mine.signal, cache: "no-store", headers: { Accept: "text/event-stream" },
    })
    if (!answer.ok) throw new Error(answer.status)
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = "", event = {}
    for (let piece; !(piece = await reader.read()).done; ) {
      heardAt = Date.now()
      const lines = (rest + piece.value).split("\n")
      rest = lines.pop()
      for (const line of lines) {
        const colon = line.indexOf(":")
        if (line.startsWith("retry:")) retry = Number(line.slice(6)) // At once: the last one has no blank line behind it.
        else if (line === "") event = void take(event) ?? {}
        else if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1)
      }
    }
  } catch { /* The stream was cut off, refused or given up. An event whose end is missing is void. */ }
  if (stream !== mine) return
  stream = null
  say("connecting")
  if (ports.size > 0) timer = setTimeout(follow, retry)
}

function take({ event, id, data }) {
  if (id) place = id
  if (event === "reset") return void (place = id ?? "") // All is void; the snapshot follows, or begins the next stream.
  const grown = JSON.parse(data)
  if (event === "snapshot") totals = {}
  for (const name in grown) totals[name] = (totals[name] ?? 0) + grown[name]
  if (state !== "live") say("live")
  if (event === "snapshot") ports.forEach(tell)
  else tellAll({ place, changed: Object.fromEntries(Object.keys(grown).map((name) => [name, totals[name]])) })
}

// Timers stand still while a machine sleeps or a browser freezes us. So it is the clock that says how long nothing was heard.
function look() {
  if (ports.size === 0 || Date.now() - heardAt > silence) {
    stream?.abort()
    stream = null
    timer = clearTimeout(timer)
  }
  if (ports.size > 0 && !stream && !timer) follow()
}
setInterval(look, 5_000)

function join(port) {
  port.onmessage = ({ data }) => {
    if (data === "bye") ports.delete(port)
    else tell((ports.add(port), port))
    look()
  }
  port.onclose = () => (ports.delete(port), look()) // Of a tab that was closed or discarded, where browsers tell.
}
self.SharedWorkerGlobalScope ? (onconnect = ({ ports: [port] }) => join(port)) : join(self)
