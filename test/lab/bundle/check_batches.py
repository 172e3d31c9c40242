"""Prints what the Python of a bundle draws and computes, to be compared with the lab's own.

Arguments: the folder of a bundle, the id of one of its trainings, and block times as JSON.
"""

import hashlib
import json
import sys

sys.path.insert(0, f"{sys.argv[1]}/python")

import torch
from bundle.batches import ImageSplit, Normalisation, TrainingBatches, scoring_batches
from bundle.block_statistics import is_steady, lower_decile
from bundle.folder import BundleFolder
from bundle.random_streams import Random
from bundle.schedules import learning_rate_at


def digest(tensor):
    return hashlib.sha256(bytes(tensor.contiguous().view(torch.uint8).flatten().tolist())).hexdigest()


folder = BundleFolder(sys.argv[1])
data = folder.plan["data"]
shape = (data["height"], data["width"], data["channels"])
splits = {name: ImageSplit(folder.path, data[name], shape) for name in ("train", "validation")}
normalise = Normalisation(data["mean"], data["std"])
job = folder.jobs[sys.argv[2]]
random = Random("a stream").fork("drawn")
found = {
    "integers": [random.integer(bound) for bound in (1, 2, 3, 10, 1000, 2**31, 2**32)],
    "uniform": [random.next() for _ in range(3)],
    "normal": [random.normal() for _ in range(3)],
    "beta": [random.beta(alpha) for alpha in (0.2, 1, 3)],
    "batches": [],
    "scoring": [digest(images) for images, _ in scoring_batches(splits["validation"], normalise, 8)],
    "rates": [learning_rate_at(step, 9, job["recipe"]) for step in range(9)],
    "deciles": [lower_decile(times) for times in json.loads(sys.argv[3])],
    "steady": [is_steady(times) for times in json.loads(sys.argv[3])],
}
for options in ({}, {"mixup": 0.8}, {"cutmix": 1.0}, {"mixup": 0.3, "cutmix": 0.7}, {"flip": False, "crop": 0}):
    batches = TrainingBatches(splits["train"], normalise, {**job["batches"], **options})
    for epoch, index in ((1, 0), (1, 2), (4, 1)):
        images, labels, _, share = batches.make(epoch, index)
        found["batches"].append([digest(images), labels.tolist(), share])
json.dump(found, sys.stdout)
