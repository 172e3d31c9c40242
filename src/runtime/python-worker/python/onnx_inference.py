"""ONNX Runtime in this process: models, and their passes timed over a random batch or of given images."""
import gc
import itertools
import time

import numpy as np
import onnxruntime
import process_usage

PROVIDERS = {
    "cpu": "CPUExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "tensorrt": "TensorrtExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "webgpu": "WebGpuExecutionProvider",
}


class State:
    """The provider, and models and inferences by number."""

    def __init__(self, provider, threads):
        self.provider = provider
        self.threads = threads
        self.networks = {}
        self.inferences = {}
        self._numbers = itertools.count(1)

    def add(self, table, value):
        number = next(self._numbers)
        table[number] = value
        return number

    def free_memory(self):
        gc.collect()

    def session(self, model, precision):
        """A session that runs on the provider, never on another without a word."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self.threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        name = PROVIDERS[self.provider]
        settings = {}
        if self.provider == "cuda":
            settings = {"use_tf32": "1" if precision == "tf32" else "0"}
        session = onnxruntime.InferenceSession(bytes(model), options, providers=[(name, settings)])
        session.disable_fallback()
        if session.get_providers()[0] != name:
            raise RuntimeError(f"onnxruntime must run on {name}, got {session.get_providers()[0]}")
        return session


class Model:
    """The bytes of a model; `version` counts its weights."""

    def __init__(self, data):
        self.data = data
        self.version = 0


class Inference:
    """One model at one batch size. The batch and the outputs stay on the device."""

    def __init__(self, state, request):
        self.state = state
        self.model = state.networks[request["network"]]
        self.precision = request["precision"]
        self.shape = request["shape"]
        self.version = None
        self.session = None
        self.binding = None
        self.output = None
        self.last = 0.0

    def begin(self):
        if self.version == self.model.version:
            return
        self.session = self.state.session(self.model.data, self.precision)
        self.version = self.model.version
        self.binding = None

    def build(self):
        self.begin()
        batch, height, width, channels = self.shape
        uniform = np.random.default_rng(1).random((batch, channels, height, width), np.float32)
        feeds = {"images": (uniform - 0.5) * np.float32(12**0.5)}
        for given in self.session.get_inputs():
            if given.name not in feeds:
                feeds[given.name] = np.zeros([batch, *given.shape[1:]], np.float32)
        self.binding = self.session.io_binding()
        for name, values in feeds.items():
            self.binding.bind_ortvalue_input(name, self.placed(values))
        self.session.run_with_iobinding(self.bind_output("cpu"))
        self.output = self.placed(np.empty_like(self.binding.get_outputs()[0].numpy()))
        self.binding.bind_ortvalue_output("output", self.output)

    def bind_output(self, device):
        self.binding.bind_output("output", device)
        return self.binding

    def placed(self, values):
        """Values on the device: those of CUDA and TensorRT stay there between passes."""
        device = "cuda" if self.state.provider in ("cuda", "tensorrt") else "cpu"
        return onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(values), device, 0)

    def time(self, passes):
        """Runs passes, each of which waits for its end, and reads the sum of the last output."""
        if self.binding is None or self.version != self.model.version:
            self.build()
        run, session, binding = self.session.run_with_iobinding, self.session, self.binding
        assert session is not None
        start = time.perf_counter()
        for _ in range(passes):
            run(binding)
        enqueued = time.perf_counter()
        total = float(self.output.numpy().sum())
        end = time.perf_counter()
        if passes > 0:
            self.last = passes * total
        return {
            "value": self.last,
            "totalMs": 1e3 * (end - start),
            "enqueueMs": 1e3 * (enqueued - start),
        }

    def run(self, buffers, names):
        self.begin()
        inputs = self.session.get_inputs()
        feeds = {}
        for given, name in zip(inputs, names):
            x = array_of(buffers[name])
            feeds[given.name] = np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x
        for given in inputs[len(names):]:
            feeds[given.name] = np.zeros([self.shape[0], *given.shape[1:]], np.float32)
        return self.session.run(["output"], feeds)[0]


def array_of(buffer):
    return np.frombuffer(buffer.data, dtype=buffer.dtype).reshape(buffer.shape)


def sent(name, values):
    values = np.ascontiguousarray(values, np.float32)
    return name, "float32", values.shape, values.tobytes()


def resized(x, size):
    """Bilinear at half-pixel centres, edges repeated: [b, c, h, w] to [b, c, *size]."""
    for axis, length in zip((2, 3), size):
        side = x.shape[axis]
        place = np.clip((np.arange(length, dtype=np.float32) + 0.5) * side / length - 0.5, 0, side - 1)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, side - 1)
        share = (place - low).astype(np.float32).reshape([-1 if at == axis else 1 for at in range(4)])
        x = np.take(x, low, axis) * (1 - share) + np.take(x, high, axis) * share
    return x


def open_state(request):
    available = onnxruntime.get_available_providers()
    wanted = request["provider"]
    installed = [name for name, provider in PROVIDERS.items() if provider in available]
    if wanted == "auto":
        wanted = "cuda" if "cuda" in installed and sees_cuda() else "cpu"
    if wanted not in installed:
        raise ValueError(
            f"onnxruntime {onnxruntime.__version__} has the providers {', '.join(installed)}, got {wanted!r}"
        )
    return State(wanted, request["threads"]), {
        "provider": wanted,
        "providers": installed,
        "version": onnxruntime.__version__,
        "precisions": {"cuda": ["tf32", "float32"], "tensorrt": ["tf32"]}.get(wanted, ["float32"]),
    }


def sees_cuda():
    """Whether a value can be placed on a GPU."""
    try:
        onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(1, np.float32), "cuda", 0)
        return True
    except Exception:  # noqa: BLE001 (the driver or a library of CUDA is missing)
        return False


def create_network(state, request, buffers):
    return {"network": state.add(state.networks, Model(buffers["model"].data))}


def write_weights(state, request, buffers):
    model = state.networks[request["network"]]
    model.data = buffers["model"].data
    model.version += 1


def create(state, request, buffers):
    return {"inference": state.add(state.inferences, Inference(state, request))}


def build(state, request, buffers):
    start = time.perf_counter()
    state.inferences[request["inference"]].begin()
    return {"buildMs": 1e3 * (time.perf_counter() - start)}


def time_passes(state, request, buffers):
    gc.disable()
    try:
        return state.inferences[request["inference"]].time(request["passes"])
    finally:
        gc.enable()


def logits(state, request, buffers):
    """Of images [b, h, w, c]: [b, classes], or [b, height, width, classes] at `size` where it is given."""
    y = state.inferences[request["inference"]].run(buffers, ["images"])
    size = request.get("size")
    if size and y.ndim == 4 and list(y.shape[2:]) != size:
        y = resized(y, size)
    return {}, [sent("logits", y.transpose(0, 2, 3, 1) if y.ndim == 4 else y)]


def denoise(state, request, buffers):
    names = [name for name in ("images", "times", "classShares") if name in buffers]
    y = state.inferences[request["inference"]].run(buffers, names)
    return {}, [sent("noise", y.transpose(0, 2, 3, 1))]


def dispose(state, request, buffers):
    for table in (state.networks, state.inferences):
        table.pop(request["number"], None)
    state.free_memory()


def rate(state, request, buffers):
    """Amount per second of the best run of a model in about half a second."""
    session = state.session(buffers["model"].data, request["precision"])
    x = np.random.default_rng(1).random(session.get_inputs()[0].shape, np.float32)
    best = 0.0
    start = time.perf_counter()
    for run in range(200):
        if run >= 3 and time.perf_counter() - start > 0.5:
            break
        before = time.perf_counter()
        session.run(["output"], {"images": x})
        best = max(best, request["amount"] / (time.perf_counter() - before))
    return {"perSecond": best}


def usage(state, request, buffers):
    return process_usage.usage()


def reset_peak(state, request, buffers):
    process_usage.reset_peak()


HANDLERS = {
    "network": create_network,
    "write-weights": write_weights,
    "inference": create,
    "build": build,
    "time": time_passes,
    "logits": logits,
    "denoise": denoise,
    "dispose": dispose,
    "rate": rate,
    "usage": usage,
    "reset-peak": reset_peak,
}
