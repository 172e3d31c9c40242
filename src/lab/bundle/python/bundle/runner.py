"""Runs what a bundle's results lack: profiles alone and in order, then trainings one after the other."""

import datetime
import json
import os
import platform
import socket
import sys

from .child import Child
from .folder import BadBundle
from .machine import environment, processors

MEASURED = ("measured",)


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def state_of(record):
    """`done` or `failed`."""
    if record["kind"] == "train":
        return "done" if record["result"]["status"] == "ok" else "failed"
    return "done" if all(row["status"] in MEASURED for row in record["rows"]) else "failed"


def states(records, facts=None):
    """States by job: of profiles those on the device that `facts` describe, where they are given."""
    found = {}
    for record in records:
        if record["kind"] not in ("profile", "train"):
            continue
        if facts is not None and record["kind"] == "profile" and record["facts"] not in (None, facts):
            continue
        found[record["job"]] = state_of(record)
    return found


def title(job):
    replicate = "launch" if job["kind"] == "profile" else "seed"
    return f"{job['kind']} {job['layout']} {job['architecture']} {replicate} {job['replicate']}"


def listed(folder, records):
    """Lines of the plan with the state of each job."""
    found = states(records)
    lines = [f"{job['id']}  {title(job)}: {found.get(job['id'], 'to do')}" for job in folder.plan["jobs"]]
    done = sum(state == "done" for state in found.values())
    return [*lines, f"{done} of {len(lines)} jobs done"]


class Runner:
    def __init__(self, folder, results, options):
        self.folder, self.results, self.options = folder, results, options
        self.execution = folder.plan["runtime"]["execution"]
        self.session = None
        self.opening = None
        self.facts = None
        self.ceilings = None

    def run(self):
        """The exit code: 0 where every job is done."""
        self.probe()
        pending = self.pending()
        print(f"{len(pending)} of {len(self.folder.jobs)} jobs to do", flush=True)
        for number, job in enumerate(pending, 1):
            print(f"{number}/{len(pending)} {title(job)}", flush=True)
            record = self.profile(job) if job["kind"] == "profile" else self.train(job)
            self.store(job, record)
        found = states(self.results.records, self.facts)
        missing = [job for job in self.folder.jobs.values() if found.get(job["id"]) != "done"]
        print(f"{len(self.folder.jobs) - len(missing)} of {len(self.folder.jobs)} jobs done; results in results.jsonl")
        print(f"take them into a database of the lab: npx stagecraft import {self.folder.path}")
        return 1 if missing and not self.options.only else 0

    def probe(self):
        """Opens the device once; a session on it begins with its first result."""
        found = {}
        threads = self.folder.plan["profileThreads"] or processors()
        child = Child(self.folder, ["probe"], threads, self.execution)
        failure = child.run(lambda message: found.update({message["type"]: message}))
        if failure is not None:
            raise BadBundle(f"{sys.executable}: must open the device with torch, got {failure[1]}")
        self.facts = found["opened"]["facts"]
        self.ceilings = found["ceilings"]["ceilings"] if "ceilings" in found else None
        self.opening = {
            "kind": "session",
            "startedAt": now(),
            "facts": self.facts,
            "ceilings": self.ceilings,
            "environment": {
                "host": socket.gethostname(),
                "system": f"{sys.platform} {platform.release()}",
                "cores": processors(),
                "python": platform.python_version(),
                **{name: value for name, value in environment().items() if name == "load1"},
            },
        }

    def pending(self):
        found = states(self.results.records, self.facts)
        wanted = ("failed", None) if self.options.retry_failed else (None,)
        jobs = [
            job
            for job in self.folder.plan["jobs"]
            if found.get(job["id"]) in wanted and self.options.only in (None, job["kind"])
        ]
        # copies of the anchor measure a launch; without other networks in it they would measure nothing
        launches = {job["replicate"] for job in jobs if job["kind"] == "profile" and "anchorCopy" not in job}
        return [job for job in jobs if "anchorCopy" not in job or job["replicate"] in launches]

    def store(self, job, record):
        self.session = self.session or self.results.append(self.opening)
        stored = {"kind": job["kind"], "job": job["id"], "session": self.session, **record, "endedAt": now()}
        self.results.append(stored)
        if job["kind"] == "train":
            checkpoint = self.folder.file("work", f"{job['id']}.checkpoint")
            if os.path.exists(checkpoint):
                os.remove(checkpoint)
        print(f"  {state_of(stored)}", flush=True)

    def profile(self, job):
        """One launch; a child that died in a batch leaves the rest to a new one."""
        wanted = self.folder.plan["profile"]["batches"]
        rows, facts, cold_start, found, started = {}, None, 0.0, {}, now()
        os.environ["STAGECRAFT_CEILINGS"] = json.dumps(self.ceilings)
        while left := [batch for batch in wanted if batch not in rows]:
            current = None
            threads = self.folder.plan["profileThreads"] or processors()
            child = Child(self.folder, ["profile", job["id"], *map(str, left)], threads, self.execution)

            def handle(message, child=child):
                nonlocal current, facts, cold_start
                if message["type"] == "opened" and facts is None:
                    facts, cold_start = message["facts"], 1000 * child.seconds()
                elif message["type"] == "start":
                    current = message["batch"]
                elif message["type"] == "batch":
                    rows[message["row"]["batch"]] = message["row"]
                    current = None
                    print(f"  batch {message['row']['batch']}: {message['row']['status']}", flush=True)
                elif message["type"] == "environment":
                    found.update(message["environment"])

            failure = child.run(handle)
            if failure is None and len([batch for batch in left if batch in rows]) > 0:
                continue
            status, reason = failure or ("failed", "child: ended without measuring every batch")
            for batch in [current] if current is not None else [each for each in left if each not in rows]:
                rows[batch] = {"batch": batch, "status": status, "reason": reason}
        return {
            "startedAt": started,
            "facts": facts,
            "coldStartMs": cold_start,
            "environment": {**found, "sampledAt": now()},
            "rows": [rows[batch] for batch in wanted],
        }

    def train(self, job):
        result, facts, rows, steps, started = None, None, [], 0, now()
        threads = self.folder.plan["training"]["threads"] or processors()
        child = Child(self.folder, ["train", job["id"]], threads, self.execution)

        def handle(message):
            nonlocal result, facts, steps
            if message["type"] == "opened":
                facts = message["facts"]
            elif message["type"] == "resumed":
                rows.extend(message["rows"])
                if message["epochs"]:
                    print(f"  resumed after epoch {message['epochs']}", flush=True)
            elif message["type"] == "note":
                print(f"  {message['text']}", flush=True)
            elif message["type"] == "step":
                steps = message["step"]
            elif message["type"] == "epoch":
                row = message["row"]
                rows.append(row)
                shown = "none" if row["validationLoss"] is None else f"{row['validationLoss']:.3f}"
                top1 = f"top-1 {100 * row['validationTop1']:.1f} %"
                print(f"  epoch {row['epoch']}: validation loss {shown}, {top1}", flush=True)
            elif message["type"] == "end":
                result = message["result"]

        failure = child.run(handle)
        if result is None:
            status, reason = failure or ("failed", "child: ended without a result")
            spent = {"steps": steps, "seconds": child.seconds(), "firstStepMs": 0, "resumedFromEpoch": 0}
            result = {"status": status, "reason": reason, "epochs": rows, **spent}
        return {"startedAt": started, "facts": facts, "result": result}
