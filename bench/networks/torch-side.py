"""
PyTorch's side of the comparisons of published networks: timm's models, commands as JSON lines, one JSON line per answer.
  prepare {name, network, mode, batch, step, threads}   mode eager | channels-last | compile; step forward | training
  time {name, passes}                                   milliseconds per pass
"""
import json
import os
import re
import resource
import sys
import time

answers = os.fdopen(os.dup(1), 'w', buffering=1)
os.dup2(2, 1)  # whatever prints goes to stderr

import timm
import torch
from torch.nn import functional as F

entries = {}


def status(field):
    with open('/proc/self/status') as file:
        return 1024 * int(re.search(field + r':\s+(\d+)', file.read()).group(1))


def cpu_ms():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return 1000 * sum(usage.ru_utime + usage.ru_stime for usage in both)


def prepare(name, network, mode, batch, step, threads, passes=3):
    open_bytes = status('VmRSS')
    torch.set_num_threads(threads)
    if mode == 'compile':
        torch._dynamo.reset()
    start, cpu = time.perf_counter(), cpu_ms()
    model = timm.create_model(network, num_classes=1000)
    generator = torch.Generator().manual_seed(1)
    size = model.default_cfg['input_size'][1]
    images = torch.randn(batch, 3, size, size, generator=generator)
    labels = torch.randint(0, 1000, (batch,), generator=generator)
    if mode != 'eager':
        model = model.to(memory_format=torch.channels_last)
        images = images.to(memory_format=torch.channels_last)
    run = torch.compile(model) if mode == 'compile' else model
    if step == 'forward':
        model.eval()

        def one():
            with torch.inference_mode():
                return run(images)
    else:
        model.train()
        decayed = [p for p in model.parameters() if p.ndim > 1]
        plain = [p for p in model.parameters() if p.ndim <= 1]
        optimizer = torch.optim.AdamW([{'params': decayed}, {'params': plain, 'weight_decay': 0}], lr=1e-4, weight_decay=0.05, fused=True)

        def one():
            loss = F.cross_entropy(run(images), labels, label_smoothing=0.1)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            return loss.item()
    base_bytes = status('VmRSS')
    built = time.perf_counter()
    one()
    first = time.perf_counter()
    used = cpu_ms() - cpu
    for _ in range(1, passes):
        one()
    entries[name] = (one, threads)
    return {
        'buildMs': 1000 * (built - start),
        'firstMs': 1000 * (first - built),
        'cpuMs': used,
        'openBytes': open_bytes,
        'baseBytes': base_bytes,
        'peakBytes': status('VmHWM'),
        'torch': torch.__version__,
    }


def timed(name, passes):
    one, threads = entries[name]
    torch.set_num_threads(threads)
    start = time.perf_counter()
    for _ in range(passes):
        one()
    return {'ms': 1000 * (time.perf_counter() - start) / passes}


commands = {'prepare': prepare, 'time': timed, 'drop': lambda name: entries.pop(name) and {}}
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = commands[request.pop('do')](**request)
    except Exception as error:  # the other side says which mode failed and goes on
        answer = {'error': f'{type(error).__name__}: {error}'.split('\n')[0][:300]}
    answers.write(json.dumps(answer) + '\n')
