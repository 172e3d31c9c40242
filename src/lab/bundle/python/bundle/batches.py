"""Training and scoring batches of the bundle's images: the same as the lab's, by the same random streams.

Images are 8-bit [count, height, width, channels]; a batch is float32 [batch, height, width, channels], normalised.
"""

import os

import torch

from .random_streams import Random


class ImageSplit:
    """One split in memory-mapped files: `pixels` [count, h, w, c] and `labels` [count]."""

    def __init__(self, folder, split, shape):
        self.count = split["count"]
        self.pixels = mapped(os.path.join(folder, split["pixels"]), (self.count, *shape), torch.uint8)
        self.labels = mapped(os.path.join(folder, split["labels"]), (self.count,), torch.int32)


def mapped(file, shape, dtype):
    size = 1
    for dim in shape:
        size *= dim
    return torch.from_file(file, shared=False, size=size, dtype=dtype).reshape(shape)


class Normalisation:
    """`(pixel / 255 - mean) / std` by a table look-up; a constant channel stays finite."""

    def __init__(self, mean, std):
        rows = [[(v / 255 - m) / max(s, 1e-6) for v in range(256)] for m, s in zip(mean, std)]
        self.table = torch.tensor(rows, dtype=torch.float64).float().reshape(-1)
        self.offsets = 256 * torch.arange(len(rows))

    def __call__(self, pixels):
        return self.table[pixels.long() + self.offsets]


class TrainingBatches:
    """Batch `index` of epoch `epoch`: a function of the seeds alone, so that a resumed training repeats."""

    def __init__(self, split, normalise, options):
        self.split = split
        self.normalise = normalise
        self.options = options
        self.steps = split.count // options["batch"]
        self.augmentation_seed = options.get("augmentationSeed", options["seed"])
        self._order = (0, None)

    def images_of(self, epoch, index):
        """Numbers of the images of a batch."""
        if self._order[0] != epoch:
            seed = self.options.get("orderSeed", self.options["seed"])
            order = Random(seed).fork(f"order/{epoch}").order(self.split.count)
            self._order = (epoch, torch.tensor(order))
        size = self.options["batch"]
        return self._order[1][index * size : (index + 1) * size]

    def make(self, epoch, index):
        """Images, labels, and where labels are mixed the others and the share of the first."""
        images = self.images_of(epoch, index)
        random = Random(self.augmentation_seed).fork(f"augmentation/{epoch}/{index}")
        pixels = self.augmented(self.normalise(self.split.pixels[images]), random)
        labels = self.split.labels[images]
        mixup, cutmix = self.options.get("mixup", 0), self.options.get("cutmix", 0)
        if mixup > 0 or cutmix > 0:
            pixels, share = mixed(pixels, random, mixup, cutmix)
            return pixels, labels, labels.flip(0), share
        return pixels, labels, None, None

    def augmented(self, pixels, random):
        """Random shift with the mean colour around, and mirroring, image by image."""
        crop, flip = self.options["crop"], self.options["flip"]
        if crop == 0 and not flip:
            return pixels
        height, width = pixels.shape[1:3]
        result = torch.zeros_like(pixels)
        for image, to in zip(pixels, result):
            dy = random.integer(2 * crop + 1) - crop if crop else 0
            dx = random.integer(2 * crop + 1) - crop if crop else 0
            ys, xs = slice(max(0, -dy), min(height, height - dy)), slice(max(0, -dx), min(width, width - dx))
            moved = to.flip(1) if flip and random.integer(2) == 1 else None
            part = image[ys.start + dy : ys.stop + dy, xs.start + dx : xs.stop + dx]
            if moved is None:
                to[ys, xs] = part
            else:
                moved[ys, xs] = part
                to.copy_(moved.flip(1))
        return result


def mixed(pixels, random, mixup, cutmix):
    """mixup (arXiv 1710.09412) or CutMix (1905.04899): image i meets image count - 1 - i. Pixels and share."""
    count, height, width, _ = pixels.shape
    cuts = cutmix > 0 and (mixup == 0 or random.integer(2) == 1)
    drawn = random.beta(cutmix if cuts else mixup)
    others = pixels.flip(0)
    if not cuts:
        both = (drawn * pixels.double() + (1 - drawn) * others.double()).float()
        if count % 2 == 1:
            both[count // 2] = pixels[count // 2]
        return both, drawn
    side = (1 - drawn) ** 0.5
    y, x = random.integer(height), random.integer(width)
    half_y, half_x = int(height * side / 2), int(width * side / 2)
    top, bottom = max(0, y - half_y), min(height, y + half_y)
    left, right = max(0, x - half_x), min(width, x + half_x)
    both = pixels.clone()
    both[:, top:bottom, left:right] = others[:, top:bottom, left:right]
    return both, 1 - (bottom - top) * (right - left) / (height * width)


def scoring_batches(split, normalise, size):
    """Every image once, in order: images padded to `size` with zeros, and the labels that there are."""
    for start in range(0, split.count, size):
        pixels = normalise(split.pixels[start : start + size])
        if len(pixels) < size:
            padded = torch.zeros((size, *pixels.shape[1:]))
            padded[: len(pixels)] = pixels
            pixels = padded
        yield pixels, split.labels[start : start + size].long()
