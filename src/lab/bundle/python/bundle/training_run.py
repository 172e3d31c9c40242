"""One training: epochs of the lab's batches through the trainer of the PyTorch runtime, each followed by an
evaluation on the validation split. A checkpoint after each epoch and each minute lets a killed training resume.
"""

import io
import math
import os
import time

import torch
import torch_inference
import torch_network
import torch_state
from torch_training import handlers as trainings

from .batches import ImageSplit, Normalisation, TrainingBatches
from .divergence import DivergenceMonitor
from .evaluation import averages_of, evaluate
from .schedules import step_settings
from .tensor_files import replace_file, write_tensors

KEEP_STATE_SECONDS = 60
NO_SUMS = {"steps": 0, "loss": 0.0, "correct": 0, "images": 0, "norm": 0.0, "ms": 0.0, "waitMs": 0.0, "skipped": 0}


class TrainingRun:
    """`opened`: the opened device; `send` takes messages of this process; `identity`: whose checkpoints fit."""

    def __init__(self, folder, opened, job, identity, send):
        self.start = time.perf_counter()
        self.folder, self.opened, self.job, self.send = folder, opened, job, send
        self.state = opened.state
        self.recipe, data = job["recipe"], folder.plan["data"]
        self.identity = identity
        self.classes = len(data["classes"])
        normalise = Normalisation(data["mean"], data["std"])
        shape = (data["height"], data["width"], data["channels"])
        splits = {name: ImageSplit(folder.path, data[name], shape) for name in ("train", "validation")}
        self.normalise, self.validation = normalise, splits["validation"]
        self.batches = TrainingBatches(splits["train"], normalise, job["batches"])
        self.total_steps = self.recipe["epochs"] * self.batches.steps
        network = folder.networks[job["network"]]
        request, buffers = folder.network_request(network, job["weights"])
        self.network = torch_network.create(self.state, request, buffers)["network"]
        self.net = self.state.networks[self.network].net
        options = {**job["options"], "execution": opened.execution, "precision": opened.precision}
        decays_all = options.get("decay") == "all"
        weights = [{**each, "decays": decays_all or each["decays"]} for each in network["weights"]]
        number = trainings.create(self.state, {"network": self.network, "weights": weights, "options": options}, {})
        self.training = self.state.trainings[number["training"]]
        self.inference = None
        self.step, self.rows, self.sums = 0, [], dict(NO_SUMS)
        self.seconds_before, self.first_step_ms = 0.0, 0.0
        self.monitor = DivergenceMonitor(self.classes)
        self.resumed_from = 0
        self.score = None

    # state

    @property
    def checkpoint(self):
        return self.folder.file("work", f"{self.job['id']}.checkpoint")

    def seconds(self):
        return self.seconds_before + time.perf_counter() - self.start

    def keep_state(self):
        steps, slots = self.training.read_state()
        tensors = {name: value.detach().cpu().clone() for name, value in self.net.state_dict().items()}
        stream = io.BytesIO()
        kept = {"identity": self.identity, "step": self.step, "rows": self.rows, "sums": self.sums}
        kept = {**kept, "seconds": self.seconds(), "firstStepMs": self.first_step_ms, "watch": self.monitor.state}
        torch.save({**kept, "weights": tensors, "slots": slots, "steps": steps}, stream)
        replace_file(self.checkpoint, stream.getvalue())

    def resume(self):
        """Continues from a checkpoint of this job, where there is one; a damaged one is said and left."""
        if not os.path.exists(self.checkpoint):
            return
        try:
            kept = torch.load(self.checkpoint, weights_only=True)
        except Exception as error:  # noqa: BLE001 (whatever a damaged file raises)
            self.send({"type": "note", "text": f"{self.checkpoint}: is damaged, the training starts anew ({error})"})
            return
        if kept["identity"] != self.identity:
            self.send({"type": "note", "text": f"{self.checkpoint}: belongs to another request, not resumed"})
            return
        self.net.load_state_dict(kept["weights"])
        self.training.write_state(kept["steps"], kept["slots"])
        self.step, self.rows, self.sums = kept["step"], kept["rows"], kept["sums"]
        self.seconds_before, self.first_step_ms = kept["seconds"], kept["firstStepMs"]
        self.monitor = DivergenceMonitor(self.classes, kept["watch"])
        self.resumed_from = len(self.rows)

    # the loop

    def run(self):
        """The result of the whole training."""
        self.resume()
        self.send({"type": "resumed", "epochs": self.resumed_from, "rows": self.rows})
        problem = None
        while problem is None and len(self.rows) < self.recipe["epochs"]:
            problem = self.epoch(len(self.rows) + 1)
        if problem is None and self.score is None:  # resumed after its last epoch
            self.score = self.evaluate()
        return self.result(problem)

    def epoch(self, number):
        """Trains, evaluates and reports one epoch; why the training diverged, or None."""
        start = time.perf_counter() - self.sums["ms"] / 1000
        problem = self.train_epoch(number, start)
        if problem is not None:
            return problem
        self.score = self.evaluate()
        row = self.row(number, start)
        self.rows.append(row)
        self.sums = dict(NO_SUMS)
        self.keep_state()
        self.send({"type": "epoch", "row": row})
        if not math.isfinite(row["validationLoss"]):
            return f"step {self.step}: validation loss must be finite, got {row['validationLoss']}"
        return None

    def train_epoch(self, number, start):
        kept_at = time.perf_counter()
        for index in range(self.sums["steps"], self.batches.steps):
            asked = time.perf_counter()
            batch = self.batches.make(number, index)
            waited = 1000 * (time.perf_counter() - asked)
            loss, correct, norm, fields = self.optimizer_step(batch)
            self.step += 1
            if self.first_step_ms == 0:
                self.first_step_ms = 1000 * (time.perf_counter() - self.start)
            problem = self.monitor.problem(self.step, loss, norm, fields)
            if problem is not None:
                return problem
            self.add(loss, correct, norm, fields, 1000 * (time.perf_counter() - start), waited)
            self.send({"type": "step", "step": self.step, "steps": self.total_steps, "loss": loss})
            is_last = index == self.batches.steps - 1
            if not is_last and time.perf_counter() - kept_at >= KEEP_STATE_SECONDS:
                self.keep_state()
                kept_at = time.perf_counter()
        return None

    def optimizer_step(self, batch):
        """One step, in micro-batches where the recipe accumulates: loss, correct examples, gradient norm, fields."""
        images, labels, others, share = batch
        settings = step_settings(self.step, self.total_steps, self.recipe)
        if share is not None:
            settings["share"] = share
        parts = self.recipe.get("accumulate") or 1
        size = len(images) // parts
        loss, correct = 0.0, 0
        torch_state.use_precision(self.opened.precision)
        for index in range(parts):
            own = slice(index * size, (index + 1) * size)
            last = index == parts - 1
            change = self.training.step if last else self.training.accumulate
            mixed = None if others is None else others[own]
            values, fields = change(images[own], labels[own], settings, mixed)
            part_loss, part_correct, norm = values.tolist()
            loss += part_loss / parts
            correct += round(part_correct)
            if not last and not math.isfinite(part_loss) and "lossScale" not in fields:
                break
        return loss, correct, norm, fields

    def add(self, loss, correct, norm, fields, ms, waited):
        sums = self.sums
        sums["steps"] += 1
        sums["ms"] = ms
        sums["waitMs"] += waited
        if fields.get("skipped"):
            sums["skipped"] += 1
            return
        sums["loss"] += loss
        sums["correct"] += correct
        sums["images"] += self.recipe["batch"]
        sums["norm"] += norm

    def row(self, number, start):
        sums, score = self.sums, self.score
        counted = max(1, sums["steps"] - sums["skipped"])
        usage = torch_state.usage(self.state, {}, {})
        return {
            "epoch": number,
            "trainLoss": sums["loss"] / counted,
            "trainTop1": sums["correct"] / max(1, sums["images"]),
            "validationLoss": score["loss"],
            "validationTop1": score["top1"],
            **({"validationTop5": score["top5"]} if "top5" in score else {}),
            "learningRate": step_settings(self.step - 1, self.total_steps, self.recipe)["learningRate"],
            "gradientNorm": sums["norm"] / counted,
            "imagesPerSecond": 1000 * sums["steps"] * self.recipe["batch"] / sums["ms"],
            "seconds": time.perf_counter() - start,
            "dataShare": sums["waitMs"] / sums["ms"],
            "peakBytes": usage.get("peakDeviceBytes", usage["peakBytes"]),
        }

    def evaluate(self):
        size = self.recipe["batch"] // (self.recipe.get("accumulate") or 1)
        if self.inference is None:
            shape = [size, *self.validation.pixels.shape[1:]]
            request = {"network": self.network, "shape": shape, "execution": self.opened.execution}
            request = {**request, "precision": self.opened.precision}
            self.inference = self.state.inferences[torch_inference.create(self.state, request, {})["inference"]]
        with averages_of(self.training):
            return evaluate(self.inference, self.state, self.validation, self.normalise, size, self.classes)

    def result(self, problem):
        found = {
            "status": "ok" if problem is None else "diverged",
            "reason": problem or "",
            "epochs": self.rows,
            "steps": self.step,
            "seconds": self.seconds(),
            "firstStepMs": self.first_step_ms,
            "resumedFromEpoch": self.resumed_from,
            "validationCount": self.validation.count,
        }
        if self.score is not None:
            found["confusion"] = self.score["confusion"]
        if problem is None:
            name = f"weights/{self.job['id']}.safetensors"
            with averages_of(self.training):
                kept = {weight.name: weight.tensor for weight in self.training.weights}
                found["weights"] = {"file": name, "sha256": write_tensors(self.folder.file(name), kept)}
        return found
