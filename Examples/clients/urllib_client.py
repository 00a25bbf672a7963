"""Prints the growth of scores, with Python alone: python3 urllib_client.py 'http://EDGE/subscribe/eps?resume=1&snapshot=1' [the same of another edge …]"""

import http.client
import itertools
import sys
import time
import urllib.request
from scores import Scores

scores = Scores()
for url in itertools.cycle(sys.argv[1:]):
    try:
        # Without a limit it waits forever on a dead connection. In silence a comment comes every 15 s.
        with urllib.request.urlopen(urllib.request.Request(url, headers=scores.begin()), timeout=45) as answer:
            while piece := answer.read1():
                scores.take(piece)
    except (OSError, http.client.HTTPException) as error:  # Raised also when the stream is cut off.
        print("#", repr(error), flush=True)
    time.sleep(scores.retry)
