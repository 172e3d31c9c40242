"""Windows and grids of feature maps [b, h, w, c] as sets of tokens, and their inverses."""

import torch.nn.functional as F


def window_partition(x, window):
    """[b, h, w, c] to [b * windows, wh * ww, c]; the window divides the map."""
    b, h, w, c = x.shape
    x = x.reshape(b, h // window[0], window[0], w // window[1], window[1], c)
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, window[0] * window[1], c)


def window_reverse(x, window, height, width):
    """Inverse of `window_partition`."""
    x = x.reshape(-1, height // window[0], width // window[1], window[0], window[1], x.shape[-1])
    return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, height, width, x.shape[-1])


def grid_partition(x, grid):
    """[b, h, w, c] to [b * cells, gh * gw, c]: each set has one pixel of every cell of a grid."""
    b, h, w, c = x.shape
    x = x.reshape(b, grid[0], h // grid[0], grid[1], w // grid[1], c)
    return x.permute(0, 2, 4, 1, 3, 5).reshape(-1, grid[0] * grid[1], c)


def grid_reverse(x, grid, height, width):
    """Inverse of `grid_partition`."""
    x = x.reshape(-1, height // grid[0], width // grid[1], grid[0], grid[1], x.shape[-1])
    return x.permute(0, 3, 1, 4, 2, 5).reshape(-1, height, width, x.shape[-1])


def pad_to_multiple(x, window):
    """Pads [b, h, w, c] with zeros at the bottom and right."""
    bottom, right = -x.shape[1] % window[0], -x.shape[2] % window[1]
    return F.pad(x, (0, 0, 0, right, 0, bottom)) if bottom or right else x
