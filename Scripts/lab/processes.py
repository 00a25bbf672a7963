"""Programs that run on a host."""

import os
import signal
import subprocess
import time

from network import WITH_LAB

READY_SECONDS = 20


def wait_until(condition, what, seconds=READY_SECONDS, programs=()):
    deadline = time.monotonic() + seconds
    while not condition():
        for program in programs:
            if program.has_died():
                raise RuntimeError("%s ended by itself:\n%s" % (program.name, program.tail()))
        if time.monotonic() > deadline:
            details = "".join("\n" + program.tail() for program in programs)
            raise RuntimeError("%s: not within %d s%s" % (what, seconds, details))
        time.sleep(0.05)


class Program:
    """A program with its log; it can be started again with the same name."""

    def __init__(self, host, name, arguments, folder, environment=None):
        self.host, self.name, self.arguments = host, name, [str(argument) for argument in arguments]
        self.log = folder / (name + ".log")
        self.environment = environment or {}
        self.sockets = []  # Listening sockets that the program finds open, as systemd passes them.
        self.process = None
        self.is_expected_to_run = False

    def start(self, **environment):
        command = self.host.command(*WITH_LAB)
        passed = [connection.fileno() for connection in self.sockets]
        if passed:
            # The program expects its own id in LISTEN_PID, and the sockets from descriptor 3 on.
            moves = " ".join("%d<&%d" % pair for pair in zip(range(3, 3 + len(passed)), passed))
            script = 'export LISTEN_PID=$$ LISTEN_FDS=%d LISTEN_FDNAMES=http; exec "$@" %s' % (len(passed), moves)
            command += ["bash", "-c", script, "bash"]
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                command + self.arguments, stdin=subprocess.PIPE, stdout=log, stderr=log, pass_fds=passed,
                env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin", **self.environment, **environment})
        self.is_expected_to_run = True
        return self

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def has_died(self):
        return self.is_expected_to_run and not self.is_running()

    def send(self, number):
        self.process.send_signal(number)

    def tell(self, line):
        """Writes a line to its standard input."""
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def kill(self):
        """Ends it without a chance to say goodbye."""
        self.is_expected_to_run = False
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()

    def terminate(self):
        """Asks it to stop, and does not wait for that."""
        self.is_expected_to_run = False
        self.send(signal.SIGTERM)

    def wait(self, seconds):
        """Waits for its end.

        Returns its exit status.
        """
        status = self.process.wait(seconds)
        self.process.stdin.close()
        return status

    def pause(self):
        self.send(signal.SIGSTOP)

    def resume(self):
        self.send(signal.SIGCONT)

    def tail(self, lines=15):
        try:
            return "".join(self.log.read_text(errors="replace").splitlines(True)[-lines:])
        except OSError:
            return ""
