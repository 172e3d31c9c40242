"""A network's maps are drawn towards those of a guide (https://arxiv.org/abs/2410.20035).

They are compared by linear centred kernel alignment (https://arxiv.org/abs/1905.00414).
"""

import re

import torch

EPSILON = 1e-12  # under the root, so that maps without scatter have a finite gradient


def last_parts(network):
    """The module after which each stage's map is whole: its last block, or the layer before it."""
    found = {}
    for name, child in network.named_children():
        stage = re.fullmatch(r"(stage|downsample)(\d+)", name)
        if stage:
            found[int(stage[2])] = child[-1] if stage[1] == "stage" else child
    return [found[stage] for stage in sorted(found)]


def linear_cka(x, y):
    """Alignment of two representations [batch, p] and [batch, q] of one batch, 0 to 1."""

    def gram(of):
        centred = of - of.mean(0, keepdim=True)
        return centred @ centred.T / (centred.square().mean() + EPSILON)

    k, l_ = gram(x), gram(y)
    norm = (k.square().sum() * l_.square().sum() + EPSILON).sqrt()
    return (k * l_).sum() / norm


class Watched:
    """Keeps the pooled maps [b, c] after each stage of a network's last pass, until `end`."""

    def __init__(self, network):
        self.maps = {}
        self.hooks = [
            part.register_forward_hook(lambda module, args, y, stage=stage: self.keep(stage, y))
            for stage, part in enumerate(last_parts(network))
        ]

    def keep(self, stage, y):
        self.maps[stage] = y.float().mean((2, 3))

    def taken(self):
        """The maps in the order of the stages."""
        maps = [self.maps[stage] for stage in sorted(self.maps)]
        self.maps = {}
        return maps

    def end(self):
        for hook in self.hooks:
            hook.remove()


class Guidance:
    """weight times the mean over the stages of 1 - CKA with the guide's stage at the same relative depth."""

    def __init__(self, network, guide, weight):
        self.guide = guide
        self.weight = weight
        self.own = Watched(network)
        self.guiding = Watched(guide)

    @torch.no_grad()
    def look(self, images):
        """The guide's maps of a batch; its weights stay."""
        self.guide.eval()
        self.guide(images)
        return self.guiding.taken()

    def loss(self, guiding):
        """After a pass of the network over the batch that the guide has seen."""
        own = self.own.taken()
        losses = []
        for stage, x in enumerate(own):
            match = max(0, int((stage + 1) * len(guiding) / len(own) + 0.5) - 1)
            losses.append(1 - linear_cka(x, guiding[match]))
        return self.weight * torch.stack(losses).mean()

    def end(self):
        self.own.end()
        self.guiding.end()
