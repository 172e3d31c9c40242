"""
PyTorch's side of the benchmark: reads commands as JSON lines, answers each with one JSON line on its original stdout.
  load {file}                                    weights by path (JSON header, float32 data)
  prepare {name, mode, batch, step, threads, precision}   mode eager | channels-last | compile; step forward | training
  time {name, passes}                            milliseconds per pass
  logits {name, images}                          of a forward entry
"""
import json
import os
import struct
import sys
import time

answers = os.fdopen(os.dup(1), 'w', buffering=1)
os.dup2(2, 1)  # whatever prints goes to stderr

import numpy as np
import torch
from torch.nn import functional as F

from network import Network

weights = {}
entries = {}


def load(file):
    with open(file, 'rb') as stream:
        length = struct.unpack('<I', stream.read(4))[0]
        header = json.loads(stream.read(length))
        for path, shape in header:
            count = int(np.prod(shape))
            weights[path] = np.frombuffer(stream.read(4 * count), np.float32).reshape(shape).copy()
    return {'torch': torch.__version__, 'parameters': sum(p.numel() for p in built().parameters())}


def built():
    network = Network()
    network.load(weights)
    return network


def prepare(name, mode, batch, step, threads, precision):
    torch.set_num_threads(threads)
    torch._dynamo.reset() if mode == 'compile' else None
    network = built()
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(batch, 3, 32, 32, generator=generator)
    labels = torch.randint(0, 10, (batch,), generator=generator)
    if mode != 'eager':
        network = network.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    cast = torch.autocast('cpu', torch.bfloat16, enabled=precision == 'bfloat16')
    if step == 'forward':
        network.eval()
        run = torch.compile(network) if mode == 'compile' else network

        def one(x=images):
            with torch.inference_mode(), cast:
                return run(x)
    else:
        network.train()
        decayed = [p for n, p in network.named_parameters() if p.ndim > 1 and 'table' not in n]
        plain = [p for n, p in network.named_parameters() if p.ndim <= 1 or 'table' in n]
        optimizer = torch.optim.AdamW([{'params': decayed}, {'params': plain, 'weight_decay': 0}], lr=1e-4, weight_decay=0.05, fused=True)
        run = torch.compile(network) if mode == 'compile' else network

        def one():
            with cast:
                logits = run(images)
                loss = F.cross_entropy(logits.float(), labels, label_smoothing=0.1)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            return loss.item()
    start = time.perf_counter()
    one()
    entries[name] = (one, threads, mode)
    return {'firstMs': 1000 * (time.perf_counter() - start)}


def timed(name, passes):
    one, threads, _ = entries[name]
    torch.set_num_threads(threads)
    start = time.perf_counter()
    for _ in range(passes):
        one()
    return {'ms': 1000 * (time.perf_counter() - start) / passes}


def logits(name, images):
    one, threads, mode = entries[name]
    x = torch.tensor(images, dtype=torch.float32).reshape(-1, 32, 32, 3).permute(0, 3, 1, 2)
    return {'logits': one(x.contiguous(memory_format=torch.channels_last) if mode != 'eager' else x.contiguous()).float().flatten().tolist()}


commands = {'load': load, 'prepare': prepare, 'time': timed, 'logits': logits, 'drop': lambda name: entries.pop(name) and {}}
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = commands[request.pop('do')](**request)
    except Exception as error:  # the other side says which mode failed and goes on
        answer = {'error': f'{type(error).__name__}: {error}'.split('\n')[0][:300]}
    answers.write(json.dumps(answer) + '\n')
