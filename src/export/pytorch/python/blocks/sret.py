import math

import torch
import torch.nn.functional as F
from torch import nn

from ..layers.attention import join_heads, split_heads, to_map, to_tokens
from ..layers.residual import DropPath, Mlp


def strided_permutation(count):
    """A fixed permutation of tokens that separates neighbours."""
    step = max(1, math.floor(count * 0.618))
    while math.gcd(step, count) != 1:
        step += 1
    return torch.arange(count) * step % count


class SlicedAttention(nn.Module):
    """Attention in groups of consecutive tokens, permuted before every second call."""

    def __init__(self, dim, head_dim=32, eps=1e-6):
        super().__init__()
        self.heads = dim // head_dim
        self.norm = nn.LayerNorm(dim, eps=eps)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.project = nn.Linear(dim, dim)

    def forward(self, x, groups, permuted):
        b, n, c = x.shape
        x = self.norm(x)
        order = strided_permutation(n).to(x.device) if permuted and groups > 1 else None
        if order is not None:
            x = x[:, order]
        qkv = self.qkv(x).reshape(b * groups, n // groups, 3 * c)
        q, k, v = (split_heads(part, self.heads) for part in qkv.chunk(3, -1))
        y = join_heads(F.scaled_dot_product_attention(q, k, v)).reshape(b, n, c)
        if order is not None:
            y = y[:, order.argsort()]
        return self.project(y)


class SharedLayer(nn.Module):
    """The transformer block that is called several times; learned scalars weigh its sums."""

    def __init__(self, dim, head_dim=32, mlp_ratio=4.0, eps=1e-6):
        super().__init__()
        self.attention = SlicedAttention(dim, head_dim, eps)
        self.attention_sum_keep = nn.Parameter(torch.ones(1))
        self.attention_sum_branch = nn.Parameter(torch.ones(1))
        self.mlp_norm = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, max(1, int(mlp_ratio * dim)))
        self.mlp_sum_keep = nn.Parameter(torch.ones(1))
        self.mlp_sum_branch = nn.Parameter(torch.ones(1))
        self.drop_path = DropPath()

    def forward(self, x, groups, permuted):
        y = self.drop_path(self.attention(x, groups, permuted))
        x = x * self.attention_sum_keep + y * self.attention_sum_branch
        y = self.drop_path(self.mlp(self.mlp_norm(x)))
        return x * self.mlp_sum_keep + y * self.mlp_sum_branch


class OwnLayer(nn.Module):
    """The small MLP that one call has for itself."""

    def __init__(self, dim, mlp_ratio=1.0, eps=1e-6):
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=eps)
        self.mlp = Mlp(dim, max(1, int(mlp_ratio * dim)))
        self.sum_keep = nn.Parameter(torch.ones(1))
        self.sum_branch = nn.Parameter(torch.ones(1))

    def forward(self, x):
        return x * self.sum_keep + self.mlp(self.norm(x)) * self.sum_branch


class SReTBlock(nn.Module):
    """A transformer block called several times with shared weights (https://arxiv.org/abs/2111.05297)."""

    def __init__(
        self,
        dim,
        head_dim=32,
        calls=2,
        groups=1,
        later_groups=1,
        mlp_ratio=4.0,
        own_mlp_ratio=1.0,
        eps=1e-6,
    ):
        super().__init__()
        self.groups = [later_groups if call % 2 else groups for call in range(calls)]
        self.shared = SharedLayer(dim, head_dim, mlp_ratio, eps)
        for call in range(calls):
            setattr(self, f"own{call + 1}", OwnLayer(dim, own_mlp_ratio, eps))

    def forward(self, x):
        h, w = x.shape[-2:]
        x = to_tokens(x)
        for call, groups in enumerate(self.groups):
            x = getattr(self, f"own{call + 1}")(self.shared(x, groups, call % 2 == 1))
        return to_map(x, h, w)
