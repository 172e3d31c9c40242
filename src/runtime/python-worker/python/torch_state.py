"""PyTorch in this process: the device, its facts, and what is on it."""
import ctypes
import gc
import importlib.util
import itertools
import os
import shutil
import time

import process_usage
import torch
import torch.distributed as dist


class State:
    """The device and the networks, inferences and trainings on it, by number."""

    def __init__(self, device, channels_last, cuda_graphs):
        self.device = device
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.cuda_graphs = cuda_graphs
        self.networks = {}
        self.inferences = {}
        self.trainings = {}
        self._numbers = itertools.count(1)

    def add(self, table, value):
        """The number under which `value` is kept."""
        number = next(self._numbers)
        table[number] = value
        return number

    def free_memory(self):
        gc.collect()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def images(self, buffer):
        """Images [b, h, w, c] of a request as [b, c, h, w] on the device, in the memory format of the run."""
        x = tensor_of(buffer).to(self.device).permute(0, 3, 1, 2)
        return x.contiguous(memory_format=self.memory_format)


DTYPES = {"float32": torch.float32, "int32": torch.int32, "uint8": torch.uint8}


def tensor_of(buffer):
    """A received tensor on the CPU; shares the buffer's memory."""
    if len(buffer.data) == 0:
        return torch.empty(buffer.shape, dtype=DTYPES[buffer.dtype])
    return torch.frombuffer(buffer.data, dtype=DTYPES[buffer.dtype]).reshape(buffer.shape)


def sent(name, tensor):
    """A float32 tensor as a reply holds it."""
    values = tensor.detach().float().cpu().contiguous()
    data = ctypes.string_at(values.data_ptr(), 4 * values.numel()) if values.numel() else b""
    return name, "float32", values.shape, data


def use_precision(precision):
    """TF32 products only where they are asked for."""
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    torch.backends.cudnn.allow_tf32 = precision == "tf32"


LOW = {"bfloat16": torch.bfloat16, "float16": torch.float16}


def autocast(device, precision):
    """Casts as `torch.autocast` does; nothing in float32 and TF32."""
    return torch.autocast(device.type, dtype=LOW.get(precision), enabled=precision in LOW)


def chosen_device(wanted):
    if wanted == "auto":
        if torch.cuda.is_available():
            return own_cuda_device()
        return torch.device("mps") if torch.backends.mps.is_available() else torch.device("cpu")
    if wanted == "cuda" and not torch.cuda.is_available():
        raise ValueError(f"torch {torch.__version__} sees no CUDA device, got device 'cuda'")
    if wanted == "mps" and not torch.backends.mps.is_available():
        raise ValueError(f"torch {torch.__version__} sees no Metal device, got device 'mps'")
    return own_cuda_device() if wanted == "cuda" else torch.device(wanted)


def own_cuda_device():
    """The first device, or that of this process's rank."""
    index = int(os.environ.get("LOCAL_RANK", "0"))
    ranks, count = int(os.environ.get("LOCAL_WORLD_SIZE", "1")), torch.cuda.device_count()
    if ranks > count:
        raise ValueError(f"{ranks} ranks need as many CUDA devices, torch sees {count}")
    torch.cuda.set_device(index)
    return torch.device("cuda", index)


def precisions_of(device):
    """Precisions of the device, its own first."""
    if device.type == "cuda":
        recent = torch.cuda.get_device_capability(device) >= (8, 0)
        return ["tf32", "float32", "bfloat16", "float16"] if recent else ["float32", "float16"]
    return ["float32", "bfloat16", "float16"]


def can_compile(device):
    """Whether torch.compile finds what it needs: Triton on a GPU, a C++ compiler on a CPU."""
    if device.type == "cuda":
        return importlib.util.find_spec("triton") is not None
    return device.type == "cpu" and any(map(shutil.which, ("g++", "clang++", "c++")))


def device_facts(device):
    facts = {"type": device.type}
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        facts["name"] = properties.name
        facts["uuid"] = f"GPU-{getattr(properties, 'uuid', 'unknown')}"
    return facts


def versions():
    found = {"torch": torch.__version__}
    if torch.version.cuda and torch.cuda.is_available():
        found["CUDA"] = torch.version.cuda
        found["cuDNN"] = str(torch.backends.cudnn.version())
    if getattr(torch.version, "hip", None):
        found["ROCm"] = torch.version.hip
    return found


def world_size():
    """Processes that train together."""
    return dist.get_world_size() if dist.is_available() and dist.is_initialized() else 1


def open_state(request):
    torch.set_num_threads(request["threads"])
    torch.backends.cudnn.benchmark = True
    # a network may be compiled at many batch sizes; the default limit would fall back to eager without a word
    torch._dynamo.config.recompile_limit = 1 << 20
    torch._dynamo.config.accumulated_recompile_limit = 1 << 20
    device = chosen_device(request["device"])
    state = State(device, request["channelsLast"], request["cudaGraphs"])
    return state, {
        "device": device_facts(device),
        "versions": versions(),
        "compiled": can_compile(device),
        "precisions": precisions_of(device),
        "deviceMemory": device.type == "cuda",
        "ranks": world_size(),
    }


def usage(state, request, buffers):
    found = process_usage.usage()
    if state.device.type == "cuda":
        found["peakDeviceBytes"] = torch.cuda.max_memory_allocated(state.device)
    return found


def reset_peak(state, request, buffers):
    process_usage.reset_peak()
    if state.device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(state.device)


def best_rate(amount, most_runs, work):
    """Amount per second of the best run in about half a second."""
    best = 0.0
    start = time.perf_counter()
    for run in range(most_runs):
        if run >= 3 and time.perf_counter() - start > 0.5:
            break
        before = time.perf_counter()
        work()
        best = max(best, amount / (time.perf_counter() - before))
    return best


def matmul_rate(state, request, buffers):
    """Multiply-accumulates per second of a chain of large products."""
    use_precision(request["precision"])
    size, products = (1024, 4) if state.device.type == "cpu" else (4096, 16)
    dtype = LOW.get(request["precision"], torch.float32)
    a = torch.randn(size, size, device=state.device).to(dtype) / size**0.5

    def work():
        y = a
        for _ in range(products):
            y = y @ a
        y[0, 0].item()

    with torch.inference_mode():
        work()
        return {"perSecond": best_rate(products * size**3, 200, work)}


def copy_rate(state, request, buffers):
    """Bytes read and written per second by the best element-wise copy."""
    best = 0.0
    with torch.inference_mode():
        for elements in (2**16, 2**19, 2**22, 2**24):
            source = torch.rand(elements, device=state.device)
            target = torch.empty_like(source)
            passes = max(1, 2**22 // elements)

            def work(source=source, target=target, passes=passes):
                for _ in range(passes):
                    torch.neg(source, out=target)
                target[0].item()

            best = max(best, best_rate(8 * elements * passes, 50, work))
    return {"perSecond": best}


HANDLERS = {
    "usage": usage,
    "reset-peak": reset_peak,
    "matmul-rate": matmul_rate,
    "copy-rate": copy_rate,
}
