"""Class tokens."""

import torch


def prepend_class_token(x, token):
    """[b, c, h, w] and a token [c] to a row of tokens [b, c, 1, 1 + h * w], the class token first."""
    row = x.flatten(2)
    return torch.cat([token[None, :, None].expand(row.shape[0], -1, 1), row], 2)[:, :, None]
