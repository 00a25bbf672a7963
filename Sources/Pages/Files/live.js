// Common to both pages: an event stream that always reconnects, and small tools for text.

const firstDelay = 1_000
const greatestDelay = 30_000

/**
 * A stream of server-sent events.
 *
 * A browser reconnects by itself when a connection is lost. But a status other than 200 ends an EventSource for good, and in
 * Firefox so does one refused connection. Then this class opens another one, each time a little later, from the last place
 * that was reached.
 */
export class LiveStream {
  #url
  #handlers
  #stateChanged
  #source = null
  #timer = 0
  #failures = 0
  #lastEventID = ""

  /**
   * Opens the stream.
   *
   * @param url the address of the stream.
   * @param handlers a function for each event name; it receives the data as text. `message` is for events without a name.
   * @param stateChanged called with "open"; "returning" while the browser reconnects; "waiting" while this class will.
   */
  constructor(url, handlers, stateChanged) {
    this.#url = url
    this.#handlers = handlers
    this.#stateChanged = stateChanged
    this.#open()
  }

  /** Ends the stream. */
  close() {
    clearTimeout(this.#timer)
    this.#source?.close()
  }

  #open() {
    const url = new URL(this.#url, location.href)
    if (this.#lastEventID) url.searchParams.set("last_event_id", this.#lastEventID)
    const source = new EventSource(url)
    this.#source = source
    source.onopen = () => {
      this.#failures = 0
      this.#stateChanged("open")
    }
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return this.#stateChanged("returning")
      this.#stateChanged("waiting")
      const delay = Math.min(firstDelay * 2 ** this.#failures, greatestDelay)
      this.#failures += 1
      // Jittered, so that the clients of a lost server do not return in one wave.
      this.#timer = setTimeout(() => this.#open(), delay * (0.5 + Math.random()))
    }
    for (const [name, handle] of Object.entries(this.#handlers)) {
      source.addEventListener(name, (event) => {
        this.#lastEventID = event.lastEventId
        handle(event.data)
      })
    }
  }
}

/** The JSON value of a text; undefined if the text is not JSON. */
export function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 })

/** A number of things, as `1,234`. */
export const grouped = (number) => whole.format(number)

/** Shows a text. An unchanged text costs nothing. */
export function show(element, text) {
  if (element.textContent !== text) element.textContent = text
}

/** Shows a state in a pill: a word, and the tone of its mark. */
export function showState(pill, tone, text) {
  if (pill.dataset.tone !== tone) pill.dataset.tone = tone
  show(pill, text)
}

/** A new element with a class and a text. Text is always text here, never markup. */
export function element(name, className = "", text = "") {
  const made = document.createElement(name)
  if (className) made.className = className
  if (text) made.textContent = text
  return made
}
