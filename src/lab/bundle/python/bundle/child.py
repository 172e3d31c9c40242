"""Starts a job in a process of its own and reads its messages; a crash, a hang or exhausted memory is an answer."""

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time

SILENCE_LIMIT_SECONDS = {"eager": 600, "compiled": 3600}


def kernel_kills():
    """Processes that the kernel has killed since its start because memory ran out."""
    try:
        with open("/proc/vmstat") as stream:
            found = re.search(r"^oom_kill (\d+)", stream.read(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


class Child:
    """`arguments`: of `bundle_job.py`. Its messages are JSON lines; whatever else is printed goes to the errors."""

    def __init__(self, folder, arguments, threads, execution):
        self.limit = SILENCE_LIMIT_SECONDS[execution]
        self.kills_before = kernel_kills()
        self.started = time.perf_counter()
        self.errors = []
        environment = {**os.environ, "OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
        script = folder.file("python", "bundle_job.py")
        self.process = subprocess.Popen(
            [sys.executable, "-B", script, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
        )
        self.messages = queue.SimpleQueue()
        for stream, read in ((self.process.stdout, self._read), (self.process.stderr, self._read_errors)):
            threading.Thread(target=read, args=(stream,), daemon=True).start()

    def _read(self, stream):
        with stream:
            for line in stream:
                self.messages.put(line)
        self.messages.put(None)

    def _read_errors(self, stream):
        with stream:
            for line in stream:
                self.errors = [*self.errors, line.strip()][-20:]

    def seconds(self):
        return time.perf_counter() - self.started

    def run(self, handle):
        """Calls `handle` with each message. Returns None, or status and reason of a child that failed."""
        try:
            return self._follow(handle)
        finally:
            self.process.kill()
            self.process.wait()

    def _follow(self, handle):
        while True:
            try:
                line = self.messages.get(timeout=self.limit)
            except queue.Empty:
                return "timed-out", f"child: no sign of life for {self.limit} s, killed"
            if line is None:
                return self._ended(self.process.wait())
            try:
                message = json.loads(line)
            except ValueError:
                return "failed", f"child: sent a line that is no message: {line[:200]!r}"
            if message["type"] == "error":
                return message["status"], message["reason"]
            handle(message)

    def _ended(self, code):
        if code == 0:
            return None
        tail = next((line for line in reversed(self.errors) if line), "")
        detail = f": {tail}" if tail else ""
        if code >= 0:
            return "failed", f"child: ended with exit code {code}{detail}"
        if code == -9 and kernel_kills() > self.kills_before:
            return "out-of-memory", "child: was killed by the kernel, which had run out of memory"
        return "crashed", f"child: was ended by signal {-code}{detail}"
