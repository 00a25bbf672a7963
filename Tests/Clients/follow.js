// The same with an EventSource: of Node, of node-eventsource, or of Deno. `keep` in front has the process stay.
const [url, ...words] = (globalThis.Deno?.args ?? process.argv.slice(2)).reverse()
if (words.includes("keep")) setInterval(() => {}, 1_000_000)
const Source = globalThis.EventSource ?? require("eventsource")
let totals = {}
const take = ({ type, data }) => {
  const grown = JSON.parse(data)
  if (type === "snapshot") totals = {}
  for (const id in grown) totals[id] = (totals[id] ?? 0) + grown[id]
  console.log(type, JSON.stringify(Object.fromEntries(Object.keys(grown).map((id) => [id, totals[id]]))))
}
const source = new Source(url)
for (const name of ["message", "snapshot", "position"]) source.addEventListener(name, take)
source.addEventListener("reset", ({ data }) => console.log("reset", data))
source.addEventListener("error", (event) => console.log("#", event.message ?? event.type, source.readyState))
