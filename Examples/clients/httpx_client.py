"""Prints the growth of scores, with httpx: python3 httpx_client.py 'http://EDGE/subscribe/eps?resume=1&snapshot=1' [the same of another edge …]"""

import itertools
import sys
import time

import httpx
from scores import Scores

scores = Scores()
# In silence a comment comes every 15 s, but the library's own limit is 5 s.
with httpx.Client(timeout=httpx.Timeout(5, read=45)) as client:
    for url in itertools.cycle(sys.argv[1:]):
        try:
            with client.stream("GET", url, headers=scores.begin()) as answer:
                answer.raise_for_status()
                for piece in answer.iter_bytes():
                    scores.take(piece)
        except httpx.HTTPError as error:  # Raised also when the stream is cut off.
            print("#", repr(error), flush=True)
        time.sleep(scores.retry)
