"""One job of a bundle in this process: `bundle_job.py probe`, `profile JOB BATCH ...` or `train JOB`.

Sends JSON lines on its original standard output; whatever libraries print goes to standard error.
"""

import json
import os
import signal
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from bundle.folder import BundleFolder
from bundle.records import finite
from worker import described, die_with_parent, is_memory

BEAT_SECONDS = 5


class Sender:
    """Sends messages; those that say only that work goes on at most every few seconds."""

    def __init__(self):
        self._stream = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)
        self._beaten = 0.0

    def __call__(self, message):
        if message["type"] in ("beat", "step"):
            now = time.perf_counter()
            if now - self._beaten < BEAT_SECONDS:
                return
            self._beaten = now
        self._stream.write(json.dumps(finite(message)) + "\n")
        self._stream.flush()


def work(folder, arguments, send):
    from bundle.device import OpenDevice

    kind = arguments[0]
    job = folder.jobs.get(arguments[1]) if len(arguments) > 1 else None
    threads = folder.plan["training"]["threads"] if kind == "train" else folder.plan["profileThreads"]
    opened = OpenDevice(folder.plan["runtime"], threads)
    send({"type": "opened", "facts": opened.facts})
    if kind == "probe":
        if folder.plan["profile"]:
            send({"type": "ceilings", "ceilings": opened.ceilings()})
    elif kind == "profile":
        from bundle.profiling import Profile

        ceilings = json.loads(os.environ.get("STAGECRAFT_CEILINGS", "null"))
        Profile(folder, opened, job, ceilings, send).run([int(batch) for batch in arguments[2:]])
    else:
        from bundle.training_run import TrainingRun

        identity = json.dumps([job["id"], opened.facts], sort_keys=True)
        send({"type": "end", "result": TrainingRun(folder, opened, job, identity, send).run()})


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    die_with_parent()
    send = Sender()
    try:
        work(BundleFolder(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), sys.argv[1:], send)
    except Exception as error:  # noqa: BLE001 (every error is an answer)
        status = "out-of-memory" if is_memory(error) else "failed"
        send({"type": "error", "status": status, "reason": described(error)["message"]})


if __name__ == "__main__":
    main()
