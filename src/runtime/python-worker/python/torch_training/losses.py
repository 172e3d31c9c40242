"""Losses of the tasks: classification, dense prediction, denoising.

Each gives the mean loss in float32, the examples that are correct, and how many count in the mean.
"""

import torch
import torch.nn.functional as F


def classification_loss(logits, labels, smoothing, others=None, share=1.0):
    """Label-smoothed cross-entropy of logits [b, classes]; `share`: of the first labels, the rest `others`."""
    logits = logits.float()
    loss = F.cross_entropy(logits, labels, label_smoothing=smoothing)
    if others is not None:
        loss = share * loss + (1 - share) * F.cross_entropy(logits, others, label_smoothing=smoothing)
    return loss, (logits.argmax(-1) == labels).sum(), len(labels)


def dense_loss(logits, labels, smoothing):
    """Cross-entropy of logits [b, classes, h, w], mean over the pixels whose label [b, h, w] is a class."""
    logits = logits.float()
    if logits.shape[-2:] != labels.shape[-2:]:
        logits = F.interpolate(logits, labels.shape[-2:], mode="bilinear")
    counts = labels < logits.shape[1]
    targets = labels.masked_fill(~counts, -100)
    total = F.cross_entropy(logits, targets, label_smoothing=smoothing, reduction="sum")
    count = counts.sum().clamp(min=1)
    return total / count, (counts & (logits.argmax(1) == labels)).sum(), count


class Diffusion:
    """Draws denoising examples (https://arxiv.org/abs/2006.11239): noisy images, times, classes, the noise.

    `alpha_bars` [steps]: share of the image that is left; `unconditional`: share of examples whose class is
    withheld, for guidance (https://arxiv.org/abs/2207.12598).
    """

    def __init__(self, alpha_bars, classes, unconditional, device):
        self.alpha_bars = torch.tensor(alpha_bars, dtype=torch.float32, device=device)
        self.classes = classes
        self.unconditional = unconditional

    def draw(self, images, labels):
        """Noisy images, what the network is conditioned on after them, and the noise to predict."""
        times = torch.randint(len(self.alpha_bars), (len(images),), device=images.device)
        kept = self.alpha_bars[times][:, None, None, None]
        noise = torch.randn_like(images)
        noisy = images * kept.sqrt() + noise * (1 - kept).sqrt()
        if self.classes == 0:
            return noisy, (times.float(),), noise
        keeps = torch.rand(len(images), 1, device=images.device) >= self.unconditional
        return noisy, (times.float(), F.one_hot(labels, self.classes) * keeps.float()), noise


def denoising_loss(predicted, noise):
    """Mean squared error of the predicted noise."""
    return F.mse_loss(predicted.float(), noise), torch.zeros((), device=noise.device), len(noise)
