"""Checks exported ONNX models and runs them in onnxruntime beside the lab's outputs; prints the differences as JSON.

python check_onnx.py FOLDER: NAME.onnx and NAME.safetensors for each case.
"""
import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime
from safetensors.numpy import load_file


def nchw(x):
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x


def check(model, data):
    onnx.checker.check_model(str(model), full_check=True)
    tensors = load_file(data)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    names = {"images": "images", "time": "time", "labels": "given", "tokens": "given"}
    feeds = {value.name: nchw(tensors[names[value.name]]) for value in session.get_inputs()}
    expected = nchw(tensors["evaluated"])
    scale = max(1e-3, float(np.abs(expected).max()))
    (both,) = session.run(None, feeds)
    (one,) = session.run(None, {name: value[:1] for name, value in feeds.items()})
    return {
        "difference": float(np.abs(both - expected).max()) / scale,
        "one": float(np.abs(one - expected[:1]).max()) / scale,
        "opset": onnx.load(str(model), load_external_data=False).opset_import[0].version,
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    onnxruntime.set_default_logger_severity(3)
    results = {}
    for model in sorted(folder.glob("*.onnx")):
        try:
            results[model.stem] = check(model, model.with_suffix(".safetensors"))
        except Exception as error:  # every case has a row
            results[model.stem] = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(results))


main()
