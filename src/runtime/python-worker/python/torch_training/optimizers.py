"""Optimizers whose state is read and written by the lab's slot names.

Each takes the trainable weights, whose gradients are in `tensor.grad`, and the lab's specification.
"""

import inspect

import torch


def torch_optimizer(kind, groups, **options):
    """An optimizer of torch.optim; its fused kernel where this version of PyTorch has one for the device."""
    groups = [group for group in groups if group["params"]]
    if "fused" in inspect.signature(kind).parameters:
        try:
            return kind(groups, fused=True, **options)
        except RuntimeError:  # no fused kernel for this device
            pass
    return kind(groups, **options)


def decay_groups(weights, weight_decay):
    """Parameter groups: decayed weights, and all others."""
    return [
        {
            "params": [weight.tensor for weight in weights if weight.decays is decayed],
            "weight_decay": weight_decay if decayed else 0.0,
        }
        for decayed in (True, False)
    ]


class AdamW:
    """AdamW (https://arxiv.org/abs/1711.05101): decoupled decay by learning rate times weight decay."""

    slot_names = ("first-moment", "second-moment")

    def __init__(self, weights, spec):
        self.optimizer = torch_optimizer(
            torch.optim.AdamW,
            decay_groups(weights, spec["weightDecay"]),
            lr=0.0,
            betas=(spec["beta1"], spec["beta2"]),
            eps=spec["epsilon"],
        )
        fused = self.optimizer.defaults.get("fused")
        for weight in weights:
            value = weight.tensor
            self.optimizer.state[value] = {
                "step": torch.zeros((), device=value.device if fused else "cpu"),
                "exp_avg": torch.zeros_like(value),
                "exp_avg_sq": torch.zeros_like(value),
            }

    def slots(self, weight):
        state = self.optimizer.state[weight.tensor]
        return state["exp_avg"], state["exp_avg_sq"]

    def count_from(self, steps):
        """Steps done so far, for the bias correction."""
        for state in self.optimizer.state.values():
            state["step"].fill_(steps)

    def update(self, learning_rate):
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()


class Sgd:
    """Gradient descent with momentum; the decay is part of the gradient, so momentum accumulates it."""

    slot_names = ("momentum",)

    def __init__(self, weights, spec):
        momentum = spec["momentum"]
        self.optimizer = torch_optimizer(
            torch.optim.SGD,
            decay_groups(weights, spec["weightDecay"]),
            lr=0.0,
            momentum=momentum,
            nesterov=spec["nesterov"] and momentum > 0,
        )
        for weight in weights:
            self.optimizer.state[weight.tensor] = {"momentum_buffer": torch.zeros_like(weight.tensor)}

    def slots(self, weight):
        return (self.optimizer.state[weight.tensor]["momentum_buffer"],)

    def count_from(self, steps):
        """Nothing depends on the count."""

    def update(self, learning_rate):
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()


class Lamb:
    """LAMB (https://arxiv.org/abs/1904.00962): Adam's direction plus decay, scaled to the weight's own norm.

    Weights without decay move by the plain direction.
    """

    slot_names = ("first-moment", "second-moment")

    def __init__(self, weights, spec):
        self.spec = spec
        self.weights = [weight.tensor for weight in weights]
        self.decays = [weight.decays for weight in weights]
        self.first = [torch.zeros_like(value) for value in self.weights]
        self.second = [torch.zeros_like(value) for value in self.weights]
        self.index = {weight.name: k for k, weight in enumerate(weights)}
        self.steps = 0

    def slots(self, weight):
        k = self.index[weight.name]
        return self.first[k], self.second[k]

    def count_from(self, steps):
        """Steps done so far, for the bias correction."""
        self.steps = steps

    @torch.no_grad()
    def update(self, learning_rate):
        self.steps += 1
        beta1, beta2 = self.spec["beta1"], self.spec["beta2"]
        gradients = [value.grad for value in self.weights]
        torch._foreach_mul_(self.first, beta1)
        torch._foreach_add_(self.first, gradients, alpha=1 - beta1)
        torch._foreach_mul_(self.second, beta2)
        torch._foreach_addcmul_(self.second, gradients, gradients, value=1 - beta2)
        roots = torch._foreach_div(self.second, 1 - beta2**self.steps)
        torch._foreach_sqrt_(roots)
        torch._foreach_add_(roots, self.spec["epsilon"])
        directions = torch._foreach_div(self.first, 1 - beta1**self.steps)
        torch._foreach_div_(directions, roots)
        for value, direction, decays in zip(self.weights, directions, self.decays):
            if decays:
                direction.add_(value, alpha=self.spec["weightDecay"])
                own, wanted = value.norm(), direction.norm()
                both = (own > 0) & (wanted > 0)
                direction.mul_(torch.where(both, own / wanted.clamp(min=1e-30), 1.0))
        torch._foreach_add_(self.weights, directions, alpha=-learning_rate)


optimizers = {"adamw": AdamW, "sgd": Sgd, "lamb": Lamb}
