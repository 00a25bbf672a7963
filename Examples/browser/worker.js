// Holds one stream for all tabs, and knows all totals. `?edges=` lists the edges' addresses, separated by commas. Without it, the edge is
// the site of this file. It uses fetch() because EventSource hides comments and the reconnection time: it would wait forever on a connection that
// a sleeping laptop lost. EventSource also ends for good at some answers.
const edges = new URL(location).searchParams.get("edges")?.split(",") ?? [""]
const silence = 40_000 // In ms. In silence a comment comes every 15 s.
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
    // The place is not in `Last-Event-ID`, because that field would need a preflight request to another site.
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
        if (line.startsWith("retry:")) retry = Number(line.slice(6)) // At once, because the last one has no blank line after it.
        else if (line === "") event = void take(event) ?? {}
        else if (colon > 0) event[line.slice(0, colon)] = line.slice(colon + 1)
      }
    }
  } catch { /* The stream was cut off, refused or given up. An event without its end is void. */ }
  if (stream !== mine) return
  stream = null
  say("connecting")
  if (ports.size > 0) timer = setTimeout(follow, retry)
}

function take({ event, id, data }) {
  if (id) place = id
  if (event === "reset") return void (place = id ?? "") // All totals are void; the snapshot follows, or is the first event of the next stream.
  const grown = JSON.parse(data)
  if (event === "snapshot") totals = {}
  for (const name in grown) totals[name] = (totals[name] ?? 0) + grown[name]
  if (state !== "live") say("live")
  if (event === "snapshot") ports.forEach(tell)
  else tellAll({ place, changed: Object.fromEntries(Object.keys(grown).map((name) => [name, totals[name]])) })
}

// Timers stop while a machine sleeps or a browser freezes the worker. So the clock shows how long the stream was silent.
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
  port.onclose = () => (ports.delete(port), look()) // For a tab that was closed or discarded, in browsers that report it.
}
self.SharedWorkerGlobalScope ? (onconnect = ({ ports: [port] }) => join(port)) : join(self)
