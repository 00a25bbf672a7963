"""Prints the growth of scores, with aiohttp: python3 aiohttp_client.py 'http://EDGE/subscribe/eps?resume=1&snapshot=1' [the same of another edge …]"""

import asyncio
import itertools
import sys

import aiohttp
from scores import Scores


async def follow(urls, scores):
    # The library's own limit ends every stream after 5 minutes. In silence a comment comes every 15 s.
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=45)
    async with aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session:
        for url in itertools.cycle(urls):
            try:
                async with session.get(url, headers=scores.begin()) as answer:
                    async for piece in answer.content.iter_any():
                        scores.take(piece)
            except (aiohttp.ClientError, asyncio.TimeoutError) as error:  # Raised also when the stream is cut off.
                print("#", repr(error), flush=True)
            await asyncio.sleep(scores.retry)


asyncio.run(follow(sys.argv[1:], Scores()))
