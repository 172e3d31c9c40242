import torch
from torch import nn

from ..layers.attention import join_heads, split_heads, to_map, to_tokens
from ..layers.residual import DropPath, Mlp, hidden_of


class GatedPositionalAttention(nn.Module):
    """Each head is gated between attention by content and by position."""

    def __init__(self, dim, heads, size, locality=1.0):
        super().__init__()
        self.heads = heads
        self.qk = nn.Linear(dim, 2 * dim, bias=False)
        self.v = nn.Linear(dim, dim, bias=False)
        self.position = nn.Linear(3, heads)
        self.gate = nn.Parameter(torch.ones(heads))
        self.project = nn.Linear(dim, dim)
        height, width = size
        y = torch.arange(height).repeat_interleave(width)
        x = torch.arange(width).repeat(height)
        dx, dy = x[None, :] - x[:, None], y[None, :] - y[:, None]
        offsets = torch.stack([dx, dy, dx.square() + dy.square()], -1).float()
        self.register_buffer("offsets", offsets, persistent=False)
        self.init_as_convolution(locality)

    def init_as_convolution(self, locality):
        """Head a + s * b of an s x s grid starts on its neighbour at offset (b - c, a - c)."""
        nn.init.eye_(self.v.weight)
        side = int(self.heads**0.5)
        centre = (side - 1) / 2 if side % 2 == 0 else side // 2
        with torch.no_grad():
            self.position.weight.zero_()
            self.position.bias.zero_()
            for a in range(side):
                for b in range(side):
                    row = torch.tensor([2 * (b - centre), 2 * (a - centre), -1.0])
                    self.position.weight[a + side * b] = locality * row

    def forward(self, x):
        q, k = (split_heads(part, self.heads) for part in self.qk(x).chunk(2, -1))
        content = (q * q.shape[-1] ** -0.5 @ k.transpose(-2, -1)).softmax(-1)
        position = self.position(self.offsets).permute(2, 0, 1).softmax(-1)
        gate = self.gate.sigmoid()[:, None, None]
        mixed = content * (1 - gate) + position * gate
        return self.project(join_heads(mixed @ split_heads(self.v(x), self.heads)))


class ConViTBlock(nn.Module):
    """Gated positional self-attention, MLP (https://arxiv.org/abs/2103.10697)."""

    def __init__(self, dim, size, head_dim=16, locality=1.0, mlp_ratio=4.0, eps=1e-6):
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=eps)
        self.attention = GatedPositionalAttention(dim, dim // head_dim, size, locality)
        self.mlp_norm = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, hidden_of(dim, mlp_ratio))
        self.drop_path = DropPath()

    def forward(self, x):
        h, w = x.shape[-2:]
        x = to_tokens(x)
        x = x + self.drop_path(self.attention(self.norm(x)))
        x = x + self.drop_path(self.mlp(self.mlp_norm(x)))
        return to_map(x, h, w)
