"""Prints the growth of scores, with requests: python3 requests_client.py 'http://EDGE/subscribe/eps?resume=1&snapshot=1' [the same of another edge …]"""

import itertools
import sys
import time

import requests
from scores import Scores

scores = Scores()
for url in itertools.cycle(sys.argv[1:]):
    try:
        # Without a limit it waits forever on a dead connection. In silence a comment comes every 15 s.
        with requests.get(url, headers=scores.begin(), stream=True, timeout=(5, 45)) as answer:
            answer.raise_for_status()
            for piece in answer.iter_content(None):
                scores.take(piece)
    except requests.RequestException as error:  # Raised also when the stream is cut off.
        print("#", repr(error), flush=True)
    time.sleep(scores.retry)
