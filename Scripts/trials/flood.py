#!/usr/bin/env python3
"""flood.py SHAPE PORT SECONDS: keeps a flood up against a port of this machine, and writes what it did as JSON."""

import json
import sys

import http2_shapes
import shapes
from engine import Flood


def main():
    name, port, seconds = sys.argv[1:]
    shape = getattr(shapes, name, None) or getattr(http2_shapes, name)
    # Only this machine: a flood is never sent to another one.
    print(json.dumps(Flood(shape(), ("127.0.0.1", int(port))).run(float(seconds))), flush=True)


if __name__ == "__main__":
    main()
