"""Trials that are no mere flood: each attempt has an expected end, and one that is honest must succeed, so that a refusal means
something. Each function is repeated for the time of the trial; against the sink nothing is expected."""

import http.client
import resource
import ssl
import subprocess
import time

import links
from deployment import TOKEN


def repeated(attempt, seconds, pause):
    """Calls a function again and again, with its number."""
    began, count = time.monotonic(), 0
    before = used()
    while time.monotonic() < began + seconds:
        attempt(count)
        count += 1
        time.sleep(pause)
    return {"opened": count, "seconds": time.monotonic() - began, "cpu": used() - before}


def used():
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)))


# What is offered, what is written into the session, and whether it must be accepted.
OFFERS = (
    (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], b"", True),
    (["-tls1_3"], b"", True),
    (["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"], b"", False),
    (["-tls1", "-cipher", "ALL:@SECLEVEL=0"], b"", False),
    (["-tls1_2", "-cipher", "AES128-SHA:AES256-SHA:AES128-GCM-SHA256:@SECLEVEL=0"], b"", False),
    (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA:ECDHE-ECDSA-AES256-SHA384:@SECLEVEL=0"], b"", False),
    (["-tls1_2", "-cipher", "aNULL:eNULL:@SECLEVEL=0"], b"", False),
)


def downgrades(deployment, port, seconds, outcome):
    def attempt(number):
        if number % (len(OFFERS) + 2) == len(OFFERS):
            return renegotiate(port, outcome)
        if number % (len(OFFERS) + 2) == len(OFFERS) + 1:
            return speak_plainly(port, outcome)
        flags, content, is_good = OFFERS[number % (len(OFFERS) + 2)]
        answer = client(port, flags, content)
        if outcome:
            is_taken = b"Cipher is (NONE)" not in answer and b"Cipher is " in answer
            outcome.expect(is_taken == is_good, "%s was %s" % (" ".join(flags), "accepted" if is_taken else "refused"))

    return repeated(attempt, seconds, 0.1)


def client(port, flags, content):
    command = ["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, *flags]
    try:
        return subprocess.run(command, input=content, capture_output=True, timeout=2).stdout
    except subprocess.TimeoutExpired:
        return b""


def renegotiate(port, outcome):
    command = ["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-tls1_2"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        time.sleep(0.2 if outcome else 0)
        process.stdin.write(b"R\n")
        process.stdin.flush()
        answer, _ = process.communicate(timeout=2)
    except (BrokenPipeError, subprocess.TimeoutExpired):
        process.kill()
        answer, _ = process.communicate()
    if outcome:
        outcome.expect(b"RENEGOTIATING" in answer and b"no renegotiation" in answer, "a renegotiation was not refused: %r" % answer[-200:])


def speak_plainly(port, outcome):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/subscribe/eps")
        answer = connection.getresponse().status
    except (OSError, http.client.HTTPException):
        answer = None
    finally:
        connection.close()
    if outcome:
        outcome.expect(answer is None, "a request without TLS was answered with %s" % answer)


def wrong_tokens(deployment, port, seconds, outcome):
    context = ssl.create_default_context(cafile=deployment.certificates / "ca.pem")
    statuses = {}
    kept = []

    def ask(token):
        if not kept:
            kept.append(http.client.HTTPSConnection("127.0.0.1", port, timeout=2, context=context))
        try:
            kept[0].request("GET", "/admin/status.json", headers={"Authorization": "Bearer " + token})
            answer = kept[0].getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            kept.pop().close()
            return None

    def attempt(number):
        status = ask("%064x" % number)
        statuses[status] = statuses.get(status, 0) + 1

    if not outcome:
        return repeated(lambda number: ask("%064x" % number), seconds, 0.02)
    outcome.expect(ask(TOKEN) == 200, "the right token was refused before")
    result = repeated(attempt, seconds, 0.02)
    outcome.expect(set(statuses) <= {401, 429, None}, "wrong tokens were answered with %s" % statuses)
    # A few wrong tokens a second are judged at all; the others are refused unread.
    judged = statuses.get(401, 0)
    outcome.expect(judged <= 8 * seconds, "%d tokens were judged in %d s" % (judged, seconds))
    outcome.notes.append("%d tokens judged, %d refused unread" % (judged, statuses.get(429, 0)))
    time.sleep(1.5)
    outcome.expect(ask(TOKEN) == 200, "the right token was refused after the attack")
    return result


def wrong_roles(deployment, port, seconds, outcome):
    return repeated(lambda number: links.wrong_role(deployment, port, number, outcome), seconds, 0.02)


def lying_edge(deployment, port, seconds, outcome):
    return repeated(lambda number: links.lie_as_edge(deployment, port, number, outcome), seconds, 0.02)


def lying_hub(deployment, port, seconds, outcome):
    if not outcome:
        return repeated(lambda _: None, seconds, 0.1)
    return links.lie_as_hub(deployment, port, seconds, outcome)
