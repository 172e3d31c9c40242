"""A module timed by hand, as a person would: reads JSON lines, answers each with one on its original stdout.

  load {file, batch, side, threads, channelsLast}   a generated module of random weights
  time {passes}      milliseconds per pass of a block that ends in a read-back, by the clock and of the processor
"""
import importlib.util
import json
import os
import sys
import time

answers = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)  # whatever prints goes to stderr

import torch  # noqa: E402


def load(file, batch, side, threads, channels_last):
    torch.set_num_threads(threads)
    spec = importlib.util.spec_from_file_location("network", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    memory_format = torch.channels_last if channels_last else torch.contiguous_format
    network = module.Network().eval().to(memory_format=memory_format)
    images = torch.randn(batch, 3, side, side).contiguous(memory_format=memory_format)
    return network, images


def timed(network, images, passes):
    with torch.inference_mode():
        start, cpu = time.perf_counter(), time.process_time()
        for _ in range(passes):
            y = network(images)
        y.sum().item()
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        return {"ms": 1e3 * wall / passes, "cpuMs": 1e3 * cpu / passes}


network = images = None
for line in sys.stdin:
    request = json.loads(line)
    if "file" in request:
        network, images = load(
            request["file"], request["batch"], request["side"], request["threads"], request["channelsLast"]
        )
        answers.write(json.dumps({"torch": torch.__version__}) + "\n")
    else:
        answers.write(json.dumps(timed(network, images, request["passes"])) + "\n")
