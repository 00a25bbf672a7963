"""What each client in this folder needs besides its HTTP library: it reads `/subscribe/eps?resume=1&snapshot=1` and knows all totals."""

import json


class Scores:
    def __init__(self):
        self.totals = {}
        self.retry = 3.0  # Seconds to wait before reconnecting, until the stream says otherwise.
        self.place = ""

    def begin(self):
        """To be called before each request; returns the header fields to send. An event without its end is void."""
        self.rest, self.event, self.data, self.id = b"", "message", "", self.place
        return {"Accept": "text/event-stream", **({"Last-Event-ID": self.place} if self.place else {})}

    def take(self, piece):
        """Takes bytes as they arrive, and cuts the lines itself: a library may also cut at U+2028, or limit the length."""
        *lines, self.rest = (self.rest + piece).split(b"\n")
        for line in lines:
            name, _, value = line.decode().partition(":")
            if name == "retry":  # At once, because the last one has no blank line after it.
                self.retry = int(value) / 1000
            elif name in ("event", "data", "id"):
                setattr(self, name, value)
            elif line == b"":
                self.dispatch()
                self.event, self.data = "message", ""

    def dispatch(self):
        self.place = self.id  # Only once the event is complete.
        data = json.loads(self.data)
        if self.event == "reset":  # All totals are void; the snapshot follows, or is the first event of the next stream.
            self.place = self.id = ""
            print("reset", self.data, flush=True)
            return
        if self.event == "snapshot":
            self.totals = {}
        for name, grown in data.items():  # An `event:position` has none.
            self.totals[name] = self.totals.get(name, 0) + grown
        print(self.event, json.dumps({name: self.totals[name] for name in data}), flush=True)
