import torch
import torch.nn.functional as F
from torch import nn

from ..layers.attention import Attention
from ..layers.convolution import conv2d
from ..layers.residual import Mlp


class TimeEmbedding(nn.Module):
    """Cosines and sines of the time, then two linear layers (https://arxiv.org/abs/2006.11239)."""

    def __init__(self, sines, dim):
        super().__init__()
        self.half = sines // 2
        self.expand = nn.Linear(sines, dim)
        self.project = nn.Linear(dim, dim)

    def forward(self, time):
        frequency = 10000.0 ** (
            -torch.arange(self.half, device=time.device, dtype=torch.float32) / self.half
        )
        angle = time.float()[:, None] * frequency
        x = torch.cat([angle.cos(), angle.sin()], 1).to(self.expand.weight.dtype)
        return F.silu(self.project(F.silu(self.expand(x))))


class TextBlock(nn.Module):
    """Attention of one head and MLP side by side."""

    def __init__(self, dim):
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.attention = Attention(dim, dim)
        self.mlp = Mlp(dim, 4 * dim)

    def forward(self, x):
        y = self.norm(x)
        return x + self.attention(y) + self.mlp(y)


class DenoiseStem(nn.Module):
    """One convolution of a noisy image, and the condition: a time vector and class or text tokens.

    `labels`: classes of a class condition; `text_tokens`: tokens of a text condition; neither: time alone.
    """

    def __init__(
        self,
        in_chs,
        out_chs,
        kernel=3,
        time_mult=4,
        labels=None,
        text_tokens=None,
        token_dim=768,
        text_blocks=2,
    ):
        super().__init__()
        self.conv = conv2d(in_chs, out_chs, kernel, bias=True)
        self.time = TimeEmbedding(out_chs, time_mult * out_chs)
        self.class_table = nn.Parameter(0.02 * torch.randn(labels, token_dim)) if labels else None
        self.text_shape = (text_tokens, token_dim) if text_tokens else None
        self.text_blocks = text_blocks if text_tokens else 0
        for k in range(self.text_blocks):
            setattr(self, f"text{k + 1}", TextBlock(token_dim))

    def condition(self, x, time=None, given=None):
        """`given`: one-hot classes [b, labels] or text tokens [b, n, token_dim]; zeros where None."""
        time = x.new_zeros(x.shape[0]) if time is None else time
        if self.class_table is not None:
            given = x.new_zeros(x.shape[0], self.class_table.shape[0]) if given is None else given
            return self.time(time), (given @ self.class_table)[:, None]
        if self.text_shape is None:
            return self.time(time), None
        tokens = x.new_zeros(x.shape[0], *self.text_shape) if given is None else given
        for k in range(self.text_blocks):
            tokens = getattr(self, f"text{k + 1}")(tokens)
        return self.time(time), tokens

    def forward(self, x):
        return self.conv(x)
