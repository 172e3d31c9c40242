import torch
from torch import nn

from ..layers.tokens import prepend_class_token


class ClassToken(nn.Module):
    """A learned class token joins the pixels in a row (https://arxiv.org/abs/2103.10697)."""

    def __init__(self, dim):
        super().__init__()
        self.class_token = nn.Parameter(0.02 * torch.randn(dim))

    def forward(self, x):
        return prepend_class_token(x, self.class_token)
