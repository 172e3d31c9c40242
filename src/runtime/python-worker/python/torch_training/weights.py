"""The weights of a network in the order of the lab, by their names in the state dict."""

import torch


class Weight:
    """A parameter, or a running statistic where it is not `trainable`."""

    def __init__(self, name, tensor, trainable, decays):
        self.name = name
        self.tensor = tensor
        self.trainable = trainable
        self.decays = decays

    def copied(self, tensor):
        """Values of this weight's form: contiguous on the CPU, memory of their own."""
        return tensor.detach().to("cpu").clone(memory_format=torch.contiguous_format)


def weights_of(network, entries):
    """`entries`: name, trainable and decays (whether weight decay applies) of each."""
    tensors = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    return [
        Weight(entry["name"], tensors[entry["name"]], entry["trainable"], entry["decays"])
        for entry in entries
    ]
