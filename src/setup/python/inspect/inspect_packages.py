"""Prints as JSON what this interpreter has for the lab: PyTorch with its devices, ONNX Runtime with its providers."""
import json
import os
import platform
import shutil
import sys

answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # whatever the packages print


def torch_facts():
    import importlib.util

    import torch

    devices = []
    if torch.cuda.is_available():
        devices = [torch.cuda.get_device_name(index) for index in range(torch.cuda.device_count())]
    compiles = importlib.util.find_spec("triton") if devices else shutil.which("g++") or shutil.which("clang++")
    return {
        "version": torch.__version__,
        "cuda": torch.version.cuda or "",
        "gpus": devices,
        "metal": torch.backends.mps.is_available(),
        "compiles": bool(compiles),
    }


def onnxruntime_facts():
    import onnxruntime

    return {"version": onnxruntime.__version__, "providers": onnxruntime.get_available_providers()}


def found(facts):
    try:
        return facts()
    except Exception as error:  # noqa: BLE001 (absent, or a library of it does not load)
        return {"missing": f"{type(error).__name__}: {error}"}


result = {"python": platform.python_version(), "executable": sys.executable}
for name, facts in (("torch", torch_facts), ("onnxruntime", onnxruntime_facts)):
    result[name] = found(facts)
json.dump(result, answers)
