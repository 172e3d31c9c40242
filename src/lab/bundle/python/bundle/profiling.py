"""One profile: a process launch that measures one network at each batch size."""

import torch_inference
import torch_network
import torch_state
from worker import described, is_memory

from .block_statistics import lower_decile
from .machine import GpuWatch, busy_point, environment, is_busy, load_point, others_busy
from .measurement import Measurement
from .random_streams import Random


class Watch:
    """Load of this machine and the clock of its GPU."""

    def __init__(self, gpu):
        self.gpu = gpu

    def load_point(self):
        return load_point()

    def clock_share(self):
        return None if self.gpu is None else self.gpu.clock_share


class Profile:
    """`opened`: the opened device of `bundle.device`; `send` takes messages of this process."""

    def __init__(self, folder, opened, job, ceilings, send):
        self.folder = folder
        self.state = opened.state
        self.opened = opened
        self.job = job
        self.ceilings = dict(ceilings or {})
        self.remeasured = False
        self.send = send

    def run(self, batches):
        uuid = self.opened.facts["device"].get("uuid")
        gpu = GpuWatch(uuid) if uuid else None
        load_before = environment().get("load1")
        start = busy_point()
        for batch in batches:
            self.send({"type": "start", "batch": batch})
            row = self.batch(batch, gpu)
            self.send({"type": "batch", "row": row})
            if row["status"] == "out-of-memory":
                break  # this process may keep memory; a new one does the rest
        others = others_busy(start, busy_point())
        found = {**environment(), **(gpu.record if gpu else {})}
        if load_before is not None:
            found["load1Before"] = load_before
        if others is not None:
            found["othersBusyCpus"] = round(others, 2)
        if gpu:
            gpu.stop()
        self.send({"type": "environment", "environment": found})

    def batch(self, batch, gpu):
        start = busy_point()
        numbers = []
        try:
            return {"batch": batch, "status": "measured", **self.measured(batch, gpu, start, numbers)}
        except Exception as error:  # noqa: BLE001 (every error is a row)
            status = "out-of-memory" if is_memory(error) else "failed"
            return {"batch": batch, "status": status, "reason": described(error)["message"]}
        finally:
            for number in reversed(numbers):
                torch_network.dispose(self.state, {"number": number}, {})

    def open(self, network, batch, numbers):
        """A function that times passes of a network, the inference's number, and its building time."""
        net = torch_network.create(self.state, *self.folder.network_request(network, network["profileWeights"]))
        numbers.append(net["network"])
        height, width, channels = network["input"]
        request = {
            "network": net["network"],
            "shape": [batch, height, width, channels],
            "execution": self.opened.execution,
            "precision": self.opened.precision,
        }
        inference = torch_inference.create(self.state, request, {})["inference"]
        numbers.append(inference)
        build_ms = torch_inference.build(self.state, {"inference": inference}, {})["buildMs"]

        def target(passes):
            return torch_inference.time_passes(self.state, {"inference": inference, "passes": passes}, {})

        return target, build_ms

    def memory(self):
        """Peak of the device where it can be read, else of this process."""
        found = torch_state.usage(self.state, {}, {})
        if "peakDeviceBytes" in found:
            return {"peakBytes": found["peakDeviceBytes"], "peakOf": "device"}
        return {"peakBytes": found["peakBytes"], "peakOf": "process"}

    def held(self):
        found = torch_state.usage(self.state, {}, {})
        return found.get("peakDeviceBytes", found["residentBytes"])

    def measured(self, batch, gpu, start, numbers):
        network = self.folder.networks[self.job["network"]]
        target, build_ms = self.open(network, batch, numbers)
        torch_state.reset_peak(self.state, {}, {})
        base_bytes = self.held()
        first_run_ms = target(1)["totalMs"]
        target(1)
        needed = self.memory()
        anchor = None
        if self.folder.plan["profile"]["anchor"]:
            anchor, _ = self.open(self.folder.networks[self.folder.plan["profile"]["anchor"]], batch, numbers)
        random = Random(f"anchor/{self.job['replicate']}/{batch}")
        protocol = self.folder.plan["profile"]["protocol"]
        beat = self.beat(batch)
        raw = Measurement(target, protocol, Watch(gpu), beat, anchor, random).run()
        self.measure_ceilings(network, batch, raw["samplesMs"])
        return {
            **raw,
            **(needed if anchor else self.memory()),
            "baseBytes": base_bytes,
            "buildMs": build_ms,
            "firstRunMs": first_run_ms,
            "busy": is_busy(others_busy(start, busy_point()), self.opened.threads),
            "throttled": bool(gpu and gpu.was_throttled),
            "ceilings": self.ceilings,
        }

    def beat(self, batch):
        return lambda: self.send({"type": "beat", "batch": batch})

    def measure_ceilings(self, network, batch, samples):
        """Measures the device's rates again beside a network that exceeds them: the higher value counts."""
        if self.remeasured or not self.ceilings:
            return
        step_seconds = lower_decile(samples)[0] / 1000
        half = self.opened.precision in torch_state.LOW
        weights, per_image = network["bytesPerPass"]
        moved = (weights + batch * per_image) / (2 if half else 1)
        rates = {
            "macsPerSecond": batch * network["macs"] / step_seconds,
            "bytesPerSecond": moved / step_seconds,
        }
        if all(rates[name] <= self.ceilings[name] for name in rates):
            return
        self.remeasured = True
        for name, rate in self.opened.ceilings().items():
            self.ceilings[name] = max(self.ceilings[name], rate)
