"""Evaluation of a network on a split: loss, top-1, top-5 and confusion, or what the lab computes them from."""

import contextlib

import torch

from .batches import scoring_batches


@contextlib.contextmanager
def averages_of(training):
    """The network with the moving averages of its weights, where the training keeps them."""
    if training.averages is None:
        yield
        return
    with torch.no_grad():
        own = [weight.tensor.clone() for weight in training.weights]
        for weight, average in zip(training.weights, training.averages):
            weight.tensor.copy_(average)
    try:
        yield
    finally:
        with torch.no_grad():
            for weight, value in zip(training.weights, own):
                weight.tensor.copy_(value)


@torch.inference_mode()
def evaluate(inference, state, split, normalise, size, classes):
    """`loss` (mean cross-entropy), `top1`, `top5` where there are more than five classes, `confusion`."""
    confusion = torch.zeros(classes, classes, dtype=torch.int64)
    loss, in_top5 = 0.0, 0
    for images, labels in scoring_batches(split, normalise, size):
        images = images.to(state.device).permute(0, 3, 1, 2).contiguous(memory_format=state.memory_format)
        logits = inference.run(images).cpu()[: len(labels)]
        wide = logits.double()
        own = wide.gather(1, labels[:, None])
        loss += (torch.logsumexp(wide, 1) - own[:, 0]).sum().item()
        confusion.index_put_((labels, logits.argmax(1)), torch.ones_like(labels), accumulate=True)
        earlier = torch.arange(classes) < labels[:, None]
        ranks = ((logits > own.float()) | ((logits == own.float()) & earlier)).sum(1)
        in_top5 += (ranks < 5).sum().item()
    found = {
        "loss": loss / split.count,
        "top1": confusion.diagonal().sum().item() / split.count,
        "confusion": confusion.tolist(),
    }
    return {**found, "top5": in_top5 / split.count} if classes > 5 else found
