"""Forward passes: timed over a random batch on the device, or of given images."""
import gc
import time

import torch
import torch.nn.functional as F
from torch_state import autocast, sent, tensor_of, use_precision


class Inference:
    """One network at one batch size, execution and precision. Compiled passes end in their sum, as timed ones do."""

    def __init__(self, state, request):
        self.state = state
        self.net = state.networks[request["network"]].net
        self.precision = request["precision"]
        self.shape = request["shape"]
        self.compiled = request["execution"] == "compiled"
        self.graphs = self.compiled and state.cuda_graphs and state.device.type == "cuda"
        self.input = None
        self.last = None
        self.forward = self.compile(self.net) if self.compiled else self.net
        net = self.net

        def scalar(x):
            return net(x).sum(dtype=torch.float32)

        self.scalar = self.compile(scalar) if self.compiled else scalar

    def compile(self, function):
        return torch.compile(function, dynamic=False, mode="reduce-overhead" if self.graphs else "default")

    def begin(self):
        """Sets what other inferences and trainings of this process may have changed."""
        use_precision(self.precision)
        if self.net.training:
            self.net.eval()

    def build(self):
        """The random batch: mean 0, variance 1."""
        batch, height, width, channels = self.shape
        draws = torch.Generator(self.state.device).manual_seed(1)
        uniform = torch.rand(batch, channels, height, width, generator=draws, device=self.state.device)
        self.input = ((uniform - 0.5) * 12**0.5).contiguous(memory_format=self.state.memory_format)

    def once(self):
        if self.graphs:
            torch.compiler.cudagraph_mark_step_begin()
        with autocast(self.state.device, self.precision):
            return self.scalar(self.input)

    def time(self, passes):
        """Runs passes and reads one scalar that depends on all; without passes, reads the last one again."""
        self.begin()
        device_events = self.events() if passes > 0 else None
        total = None if passes > 0 else self.last
        start = time.perf_counter()
        if device_events:
            device_events[0].record()
        for _ in range(passes):
            value = self.once()
            if total is None:
                total = value.clone() if self.graphs else value  # a graph's next run overwrites its output
            else:
                total = total + value
        if device_events:
            device_events[1].record()
        enqueued = time.perf_counter()
        value = 0.0 if total is None else total.item()
        end = time.perf_counter()
        self.last = total
        result = {"value": value, "totalMs": 1e3 * (end - start), "enqueueMs": 1e3 * (enqueued - start)}
        if device_events:
            result["deviceMs"] = device_events[0].elapsed_time(device_events[1])
        return result

    def events(self):
        if self.state.device.type != "cuda":
            return None
        return [torch.cuda.Event(enable_timing=True) for _ in range(2)]

    def run(self, *inputs):
        self.begin()
        if self.graphs:
            torch.compiler.cudagraph_mark_step_begin()
        with autocast(self.state.device, self.precision):
            return self.forward(*inputs).float()


def create(state, request, buffers):
    inference = Inference(state, request)
    return {"inference": state.add(state.inferences, inference)}


def build(state, request, buffers):
    start = time.perf_counter()
    state.inferences[request["inference"]].build()
    return {"buildMs": 1e3 * (time.perf_counter() - start)}


@torch.inference_mode()
def time_passes(state, request, buffers):
    inference = state.inferences[request["inference"]]
    gc.disable()
    try:
        return inference.time(request["passes"])
    finally:
        gc.enable()


def channels_last(y):
    return y.permute(0, 2, 3, 1) if y.ndim == 4 else y


@torch.inference_mode()
def logits(state, request, buffers):
    """Of images [b, h, w, c]: [b, classes], or [b, height, width, classes] at `size` where it is given."""
    y = state.inferences[request["inference"]].run(state.images(buffers["images"]))
    size = request.get("size")
    if size and y.ndim == 4 and list(y.shape[2:]) != size:
        y = F.interpolate(y, size, mode="bilinear")
    return {}, [sent("logits", channels_last(y))]


@torch.inference_mode()
def denoise(state, request, buffers):
    """The noise in images [b, h, w, c] at times [b], of class shares [b, classes] where they are given."""
    more = [tensor_of(buffers[name]).to(state.device) for name in ("times", "classShares") if name in buffers]
    y = state.inferences[request["inference"]].run(state.images(buffers["images"]), *more)
    return {}, [sent("noise", channels_last(y))]


HANDLERS = {
    "inference": create,
    "build": build,
    "time": time_passes,
    "logits": logits,
    "denoise": denoise,
}
