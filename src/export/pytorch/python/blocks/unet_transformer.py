import torch.nn.functional as F
from torch import nn

from ..layers.attention import join_heads, rotate, split_heads, to_map, to_tokens
from ..layers.residual import DropPath, Mlp, hidden_of


class NormedSelfAttention(nn.Module):
    """Self-attention with RMS norms of queries and keys, and rotary positions."""

    def __init__(self, dim, head_dim=64, qk_norm=True, rotary=True):
        super().__init__()
        self.heads = dim // head_dim
        self.rotary = rotary
        self.qkv = nn.Linear(dim, 3 * dim)
        self.query_norm = nn.RMSNorm(head_dim, eps=1e-6) if qk_norm else nn.Identity()
        self.key_norm = nn.RMSNorm(head_dim, eps=1e-6) if qk_norm else nn.Identity()
        self.project = nn.Linear(dim, dim)

    def forward(self, x, size):
        q, k, v = (split_heads(part, self.heads) for part in self.qkv(x).chunk(3, -1))
        q, k = self.query_norm(q), self.key_norm(k)
        if self.rotary:
            q, k = rotate(q, *size), rotate(k, *size)
        return self.project(join_heads(F.scaled_dot_product_attention(q, k, v)))


class CrossAttention(nn.Module):
    """Queries from one set of tokens, keys and values from another."""

    def __init__(self, query_dim, key_dim, dim, head_dim=64, qk_norm=True):
        super().__init__()
        self.heads = dim // head_dim
        self.query = nn.Linear(query_dim, dim)
        self.key = nn.Linear(key_dim, dim)
        self.value = nn.Linear(key_dim, dim)
        self.query_norm = nn.RMSNorm(head_dim, eps=1e-6) if qk_norm else nn.Identity()
        self.key_norm = nn.RMSNorm(head_dim, eps=1e-6) if qk_norm else nn.Identity()
        self.project = nn.Linear(dim, dim)

    def forward(self, asking, answering):
        q = self.query_norm(split_heads(self.query(asking), self.heads))
        k = self.key_norm(split_heads(self.key(answering), self.heads))
        v = split_heads(self.value(answering), self.heads)
        return self.project(join_heads(F.scaled_dot_product_attention(q, k, v)))


class UNetTransformer(nn.Module):
    """Self-attention, cross-attention and MLP side by side (https://openreview.net/forum?id=r0eSCJ6qsL).

    `query_text`: the condition's tokens ask the pixels, and the mean of the answers goes to every pixel.
    """

    def __init__(
        self,
        dim,
        token_dim=None,
        head_dim=64,
        mlp_ratio=4.0,
        rotary=True,
        qk_norm=True,
        query_text=False,
    ):
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.attention = NormedSelfAttention(dim, head_dim, qk_norm, rotary)
        self.query_text = query_text
        self.cross = None
        if token_dim:
            query_dim, key_dim = (token_dim, dim) if query_text else (dim, token_dim)
            self.cross = CrossAttention(query_dim, key_dim, dim, head_dim, qk_norm)
        self.mlp = Mlp(dim, hidden_of(dim, mlp_ratio))
        self.drop_path = DropPath()

    def forward(self, x, time=None, tokens=None):
        h, w = x.shape[-2:]
        x = to_tokens(x)
        y = self.norm(x)
        x = x + self.drop_path(self.attention(y, (h, w)))
        if self.cross is not None:
            answers = (
                self.cross(tokens, y).mean(1, keepdim=True)
                if self.query_text
                else self.cross(y, tokens)
            )
            x = x + self.drop_path(answers)
        return to_map(x + self.drop_path(self.mlp(y)), h, w)
