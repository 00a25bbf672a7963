#!/usr/bin/env python3
"""Tests the checker with hand-made streams: python3 Scripts/lab/test_checker.py"""

import unittest

from account import Account, position
from stream import Malformed, OlderStream, Stream

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
HISTORY = ["%X-0" % number for number in range(100)]


def chunk(text):
    return b"%x\r\n%s\r\n" % (len(text), text.encode())


def eps(serials, reached):
    data = ",".join('"%X-0":1' % number for number in serials)
    return "id:a:%d:00000000\ndata:{%s}\n\n" % (reached, data)


def raw(number, reached=None):
    return "id:a:%d:00000000\ndata:%X-0\n\n" % (number + 1 if reached is None else reached, number)


def begin(reached=0):
    return 'id:a:%d:00000000\nevent:position\ndata:{}\n\n' % reached


class Trial:
    """An account that is fed through a stream, as a client's is."""

    def __init__(self, is_raw=False):
        self.stream, self.account, self.now = Stream(), Account(is_raw), 0.0
        self.take(HEAD)
        self.text(begin())

    def take(self, piece):
        for event in self.stream.take(piece):
            self.account.take(event, self.now)

    def text(self, text, after=0.017):
        self.now += after
        self.take(chunk(text))

    def outcome(self):
        return self.account.settle(HISTORY)


class ChecksIncrements(unittest.TestCase):
    def steady(self, trial, numbers, shift=0):
        for number in numbers:
            if trial.account.is_raw:
                trial.text(raw(number))
            else:
                trial.text(eps([number], number + 1 + shift))

    def test_a_perfect_stream_has_no_fault(self):
        for is_raw in (False, True):
            trial = Trial(is_raw)
            self.steady(trial, range(100))
            self.assertEqual(trial.outcome()[:4], (0, 0, 0, 0))
            self.assertTrue(trial.account.is_exact(HISTORY))
            self.assertEqual((trial.account.late, trial.account.disordered, trial.account.misplaced), (0, 0, 0))

    def test_one_lost_increment_is_found(self):
        trial = Trial()
        self.steady(trial, range(40))
        self.steady(trial, range(41, 100))
        self.assertEqual(trial.outcome()[:4], (1, 0, 0, 0))
        self.assertEqual(trial.outcome().examples["lost"], ["28-0"])
        self.assertFalse(trial.account.is_exact(HISTORY))
        self.assertEqual(trial.account.misplaced, 59)

    def test_one_doubled_increment_is_found(self):
        trial = Trial()
        self.steady(trial, range(50))
        self.steady(trial, [30])
        self.steady(trial, range(50, 100))
        self.assertEqual(trial.outcome()[:4], (0, 0, 1, 0))
        self.assertFalse(trial.account.is_exact(HISTORY))

    def test_a_lost_and_a_doubled_increment_do_not_cancel_out(self):
        trial = Trial()
        self.steady(trial, range(40))
        trial.text(eps([39], 41))
        self.steady(trial, range(41, 100))
        self.assertEqual(trial.account.sum, 100)
        self.assertEqual(trial.outcome()[:4], (1, 0, 1, 0))
        self.assertFalse(trial.account.is_exact(HISTORY))

    def test_one_late_increment_is_neither_lost_nor_doubled(self):
        trial = Trial()
        self.steady(trial, range(10))
        self.steady(trial, range(11, 90))
        self.steady(trial, [10])
        self.steady(trial, range(90, 100))
        self.assertEqual(trial.outcome()[:4], (0, 0, 0, 0))
        self.assertEqual(trial.account.late, 1)

    def test_what_comes_after_a_silence_is_not_late(self):
        trial = Trial()
        self.steady(trial, range(10))
        trial.text(eps(range(10, 100), 100), after=60)
        self.assertEqual(trial.outcome()[:4], (0, 0, 0, 0))
        self.assertEqual(trial.account.late, 0)

    def test_an_increment_that_redis_does_not_hold_is_foreign(self):
        trial = Trial()
        self.steady(trial, range(101))
        self.assertEqual(trial.outcome()[:4], (0, 0, 0, 1))

    def test_raw_out_of_order_is_found(self):
        trial = Trial(is_raw=True)
        self.steady(trial, [0, 2, 1])
        self.assertEqual(trial.account.disordered, 1)

    def test_raw_that_skips_by_position_is_told_from_lost(self):
        trial = Trial(is_raw=True)
        self.steady(trial, range(40))
        self.steady(trial, range(42, 100))
        self.assertEqual(trial.outcome()[:4], (0, 2, 0, 0))
        trial = Trial(is_raw=True)
        self.steady(trial, range(40))
        trial.text(raw(41, reached=41))  # Its position does not jump: 40 is lost.
        self.assertEqual(trial.account.settle(HISTORY[:42])[:2], (1, 0))

    def test_a_raw_increment_twice_is_doubled(self):
        trial = Trial(is_raw=True)
        self.steady(trial, range(100))
        trial.text(raw(99))
        self.assertEqual(trial.outcome()[:4], (0, 0, 1, 0))

    def test_a_client_that_came_later_expects_what_follows_its_position(self):
        account = Account()
        stream = Stream()
        for event in stream.take(HEAD + chunk(begin(60)) + chunk(eps(range(60, 100), 100))):
            account.take(event, 1)
        self.assertEqual(account.settle(HISTORY)[:4], (0, 0, 0, 0))

    def test_a_reset_voids_the_sums_and_the_snapshot_replaces_them(self):
        trial = Trial()
        self.steady(trial, [0, 1, 2, 50])
        trial.text('event:reset\ndata:{"reason":"corrected"}\n\nid:a:100:00000000\nevent:snapshot\ndata:{%s}\n\n'
                   % ",".join('"%s":1' % name for name in HISTORY))
        self.assertEqual(trial.outcome()[:4], (0, 0, 0, 0))
        self.assertEqual(trial.account.resets, {"corrected": 1})

    def test_a_reset_without_snapshot_names_where_it_continues(self):
        trial = Trial(is_raw=True)
        self.steady(trial, range(70))
        trial.text('id:b:80:00000000\nevent:reset\ndata:{"reason":"new_lineage"}\n\n')
        self.steady(trial, range(80, 100))
        self.assertEqual(trial.outcome()[:4], (0, 0, 0, 0))


class ReadsStreams(unittest.TestCase):
    TEXT = HEAD + chunk("retry:3475\n") + chunk(begin()) + chunk(":stale 10s\n" + raw(0)) + chunk(raw(1) + raw(2))

    def test_every_division_of_the_bytes_gives_the_same_events(self):
        whole = Stream().take(self.TEXT)
        self.assertEqual(len(whole), 4)
        for cut in range(len(self.TEXT)):
            stream = Stream()
            self.assertEqual(stream.take(self.TEXT[:cut]) + stream.take(self.TEXT[cut:]), whole)
            self.assertEqual((stream.retry, stream.comments, stream.is_over), (3.475, 1, False))

    def test_an_event_without_its_end_is_void(self):
        stream = Stream()
        self.assertEqual(stream.take(HEAD + chunk("id:a:1:00000000\ndata:0-0\n")), [])

    def test_the_last_chunk_tells_an_end_from_a_cut(self):
        stream = Stream()
        stream.take(HEAD + chunk("retry:1234\n") + b"0\r\n\r\n")
        self.assertTrue(stream.is_over)
        self.assertEqual(stream.retry, 1.234)

    def test_what_the_documentation_does_not_promise_is_malformed(self):
        for text in (chunk("\n"), chunk("hello\n"), b"3\r\nabcd\r\n"):
            with self.assertRaises(Malformed):
                Stream().take(HEAD + text)

    def test_a_stream_of_an_older_edge_may_have_a_place_alone(self):
        text = HEAD.replace(b"Transfer-Encoding: chunked", b"Connection: close") + b"retry:3475\n\nid:a:8\n\nid:a:9\ndata:0-0\n\n"
        events = OlderStream().take(text)
        self.assertEqual([(event.name, position(event.place)) for event in events], [("position", 8), ("message", 9)])
        with self.assertRaises(Malformed):
            Stream().take(text)


if __name__ == "__main__":
    unittest.main()
