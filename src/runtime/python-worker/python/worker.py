"""The Python side of the lab's runtimes: `python worker.py pytorch` or `python worker.py onnxruntime`.

Says its protocol, then answers one request after the other until its parent closes the channel or dies. A request
has an id and a kind; handlers of a kind take the state, the request and its buffers, and return the reply's fields
and tensors. A handler that raises is answered with the error, and the worker goes on.
"""
import ctypes
import importlib
import os
import platform
import signal
import sys

import ranks
from channel import PROTOCOL, Channel

# modules whose `HANDLERS` answer requests; the first also has `open_state`
RUNTIMES = {
    "pytorch": ("torch_state", "torch_network", "torch_inference", "torch_training.handlers", "torch_examine"),
    "onnxruntime": ("onnx_inference",),
}


def die_with_parent():
    """Linux ends this process with its parent, also while native code holds the interpreter."""
    if sys.platform == "linux":
        parent = os.getppid()
        death_signal_option = 1  # PR_SET_PDEATHSIG
        ctypes.CDLL(None).prctl(death_signal_option, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)


def is_memory(error):
    """Whether an error means that memory is exhausted."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(
        sign in text for sign in ("out of memory", "can't allocate memory", "failed to allocate", "bad_alloc")
    )


def described(error):
    text = str(error) or type(error).__name__
    return {
        "type": type(error).__name__,
        "message": f"out of memory: {text}" if is_memory(error) else text,
    }


class Worker:
    """Finds the handler of a request; the first request opens the runtime."""

    def __init__(self, runtime):
        self.names = RUNTIMES[runtime]
        self.state = None
        self.handlers = {}
        self.leads = False

    def answer(self, request, buffers):
        kind = request["kind"]
        if self.leads:
            ranks.pass_on(request, buffers)
        if kind == "open":
            return self.open(request)
        if kind not in self.handlers:
            raise ValueError(f"a request must be one of {sorted(self.handlers)}, got {kind!r}")
        result = self.handlers[kind](self.state, request, buffers) or {}
        return result if isinstance(result, tuple) else (result, ())

    def open(self, request):
        if request["protocol"] != PROTOCOL:
            raise ValueError(f"the protocol must be {PROTOCOL}, got {request['protocol']}")
        modules = [importlib.import_module(name) for name in self.names]
        for module in modules:
            self.handlers.update(module.HANDLERS)
        self.state, facts = modules[0].open_state(request)
        return facts, ()


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    die_with_parent()
    worker = Worker(sys.argv[1])
    if ranks.rank() > 0:
        ranks.follow(worker)
    channel = Channel()
    worker.leads = ranks.join()
    channel.send({"worker": "stagecraft", "protocol": PROTOCOL, "python": platform.python_version(), "pid": os.getpid()})
    while True:
        request, buffers = channel.receive()
        reply = {"id": request["id"]}
        try:
            fields, tensors = worker.answer(request, buffers)
            channel.send({**reply, "ok": True, **fields}, tensors)
        except Exception as error:  # noqa: BLE001 (every error is an answer)
            channel.send({**reply, "ok": False, "error": described(error)})
            if worker.state is not None and is_memory(error):
                error.__traceback__ = None
                worker.state.free_memory()


if __name__ == "__main__":
    main()
