"""The measuring loop: warms up until steady, times blocks of passes that end in a read-back, stops when the
interval of the time is narrow enough or at a limit, and samples latency call by call.
"""

import time
from statistics import median

from .block_statistics import is_steady, lower_decile

FEWEST_FOR_INTERVAL = 6
FEWEST_TO_STOP = 20
STEADY_WINDOW = 8
OVERHEAD_LIMIT = 0.001
LOWEST_CLOCK_SHARE = 0.75


def now_ms():
    return 1000 * time.perf_counter()


class Measurement:
    """Times `target`, and alternately `anchor` where it is given.

    Both are functions of a number of passes that return `totalMs` and `enqueueMs`. `watch` has `load_point()` and
    `clock_share()`; `beat()` is called between blocks.
    """

    def __init__(self, target, protocol, watch, beat, anchor=None, random=None):
        self.target = target
        self.protocol = protocol
        self.watch = watch
        self.beat = beat
        self.anchor = anchor
        self.random = random

    def run(self):
        """What the lab needs to compute the row: every block, never a summary alone."""
        anchor_ms = None if self.anchor is None else self.warm_up(self.anchor)[0]
        step_ms, steady, spent_ms = self.warm_up(self.target)
        overhead_ms = min(self.target(0)["totalMs"] for _ in range(7))
        passes = self.passes_for(step_ms, overhead_ms)
        beside = None if self.anchor is None else self.passes_for(anchor_ms, overhead_ms)
        return {
            "warmupMs": spent_ms,
            "warmupSteady": steady,
            "overheadMs": overhead_ms,
            "passesPerBlock": passes,
            **self.time_blocks(passes, beside),
            "latencySamplesMs": self.latency(),
        }

    def warm_up(self, target):
        """Milliseconds of a pass, whether they are steady, and milliseconds spent."""
        protocol, start, per_pass, passes = self.protocol, now_ms(), [], 1
        while True:
            total = target(passes)["totalMs"]
            if total < protocol["minBlockMs"] / 2 and now_ms() - start < protocol["warmupCapMs"]:
                wanted = int(passes * protocol["minBlockMs"] / max(total, 1e-3))
                passes = max(passes * 2, min(passes * 100, wanted))
                continue  # the size of a block is not settled: these calls do not count
            per_pass.append(total / passes)
            spent = now_ms() - start
            recent = per_pass[-max(STEADY_WINDOW, (len(per_pass) + 1) // 2) :]
            steady = is_steady(recent)
            self.beat()
            if (steady and spent >= protocol["warmupMs"]) or spent >= protocol["warmupCapMs"]:
                return median(recent), steady, spent

    def passes_for(self, step_ms, overhead_ms):
        """Overhead under 0.1 % of a block, at least the shortest block, yet six blocks under the limit."""
        shortest = self.protocol["minBlockMs"]
        wanted = max(shortest, 1.1 * overhead_ms / OVERHEAD_LIMIT)
        longest = max(shortest, self.protocol["capMs"] / (FEWEST_FOR_INTERVAL + 2))
        return max(1, -int(-min(wanted, longest) // max(step_ms, 1e-6)))

    def time_blocks(self, passes, anchor_passes):
        cap, start, rejected = self.protocol["capMs"], now_ms(), 0
        samples, anchors, shares = [], [], []
        load = {"cpuMs": [], "stealMs": [], "waitMs": [], "pressureMs": []}
        while True:
            anchor_first = anchor_passes is not None and self.random.integer(2) == 0
            beside = self.alternate(anchor_passes) if anchor_first else None
            if anchor_passes is not None:
                self.target(1)  # brings its own data back into the caches
            before = self.watch.load_point()
            block = self.target(passes)
            after = self.watch.load_point()
            if anchor_passes is not None and not anchor_first:
                beside = self.alternate(anchor_passes)
            spent = now_ms() - start
            self.beat()
            if (self.watch.clock_share() or 1) < LOWEST_CLOCK_SHARE and spent < 3 * cap:
                rejected += 1
                continue
            samples.append(block["totalMs"] / passes)
            shares.append(block["enqueueMs"] / block["totalMs"])
            if beside is not None:
                anchors.append(beside)
            for kind, series in load.items():
                known = before[kind] is not None and after[kind] is not None
                series.append(max(0.0, after[kind] - before[kind]) / passes if known else None)
            _, half_width = lower_decile(samples)
            reached = len(samples) >= FEWEST_TO_STOP and half_width <= self.protocol["halfWidth"]
            if reached or (spent >= cap and len(samples) >= FEWEST_FOR_INTERVAL) or spent >= 3 * cap:
                return {
                    "samplesMs": samples,
                    **({"anchorSamplesMs": anchors} if anchors else {}),
                    "load": {kind: series for kind, series in load.items() if None not in series},
                    "enqueueShare": median(shares),
                    "rejectedBlocks": rejected,
                }

    def alternate(self, passes):
        self.anchor(1)
        return self.anchor(passes)["totalMs"] / passes

    def latency(self):
        """Single synchronised calls."""
        start, samples = now_ms(), []
        while len(samples) < self.protocol["latencySamples"] and (
            len(samples) < 5 or now_ms() - start < self.protocol["capMs"] / 2
        ):
            samples.append(self.target(1)["totalMs"])
            if len(samples) % 10 == 0:
                self.beat()
        return samples
