"""Gradients of an untrained network, for scores that need no training; changes nothing."""

import torch
import torch.nn.functional as F
from torch_state import sent, tensor_of, use_precision


def objective(logits, labels):
    """Mean cross-entropy of the batch, or the sum of all logits where there are no labels."""
    return logits.sum() if labels is None else F.cross_entropy(logits, labels)


def examine(state, request, buffers):
    """Gradients by the weights (`weight:NAME`) and by the images [b, h, w, c], as `wants` says; float32."""
    net = state.networks[request["network"]].net
    use_precision("float32")
    images = state.images(buffers["images"]).requires_grad_()
    labels = None
    if request["of"] == "cross-entropy":
        labels = tensor_of(buffers["labels"]).to(state.device, torch.int64)
    named = list(net.named_parameters())
    statistics = [(buffer, buffer.clone()) for buffer in net.buffers()]
    torch.manual_seed(0)
    net.train(request["batchStatistics"])
    try:
        value = objective(net(images), labels)
        inputs = [weight for _, weight in named] + [images]
        gradients = torch.autograd.grad(value, inputs, allow_unused=True)
    finally:
        with torch.no_grad():
            for buffer, before in statistics:
                buffer.copy_(before)
    found = [
        torch.zeros_like(tensor) if gradient is None else gradient
        for tensor, gradient in zip(inputs, gradients)
    ]
    tensors = [sent("value", value)]
    if "weight-gradients" in request["wants"]:
        tensors += [sent(f"weight:{name}", gradient) for (name, _), gradient in zip(named, found)]
    if "image-gradients" in request["wants"]:
        tensors.append(sent("images", found[-1].permute(0, 2, 3, 1)))
    return {}, tensors


HANDLERS = {"examine": examine}
