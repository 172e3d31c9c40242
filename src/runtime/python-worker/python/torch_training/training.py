"""Training steps of a module, with the formulas and the state of the lab's own trainer.

A step is a function of weights, state, batch and settings: random numbers are drawn anew from the seed and
the number of the micro-batch, so a training that resumes repeats.
"""

import contextlib
import hashlib
import time

import torch

from .drop_path import Schedule, set_rates
from .guidance import Guidance
from .loss_scale import LossScale
from .losses import Diffusion, classification_loss, denoising_loss, dense_loss
from .optimizers import optimizers

half_types = {"bfloat16": torch.bfloat16, "float16": torch.float16}


def draw_key(*parts):
    """A 63-bit seed of random numbers."""
    text = "/".join(str(part) for part in parts)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little") >> 1


def total_norm(tensors):
    """L2 norm over all values of all tensors."""
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(tensors)))


class Training:
    """Owns the optimizer's state of one network.

    `weights`: the network's, as `weights_of` gives them. `options`: those of the lab's runtimes, and `task`
    with kind, classes, channels, height, width and, of denoising, conditionClasses, alphaBars and unconditionalShare.
    `masks`: by name, 1 where an entry of a weight is kept and 0 where it is pruned. `group`: the ranks of a training
    on several processes. `guide`: the network that `options["guidance"]["weight"]` aligns maps with.
    """

    def __init__(
        self,
        network,
        weights,
        options,
        masks=None,
        group=None,
        guide=None,
        memory_format=torch.contiguous_format,
    ):
        start = time.perf_counter()
        self.network = network
        self.options = options
        self.task = options["task"]
        self.weights = weights
        self.trainable = [weight for weight in weights if weight.trainable]
        self.statistics = [weight for weight in weights if not weight.trainable]
        self.device = self.trainable[0].tensor.device
        self.group = group
        self.memory_format = memory_format
        self.micro_batches = options.get("accumulate") or 1
        self.micro_batches_done = 0
        self.steps = 0
        self.masked = [
            (weight.tensor, masks[weight.name]) for weight in self.trainable if masks and weight.name in masks
        ]
        spec = options["optimizer"]
        self.optimizer = optimizers[spec["kind"]](self.trainable, spec)
        self.averages = None
        if options.get("averages"):
            self.averages = [weight.tensor.detach().clone() for weight in weights]
        self.loss_scale = None
        if options.get("precision") == "float16":
            given = options.get("lossScale") or {}
            self.loss_scale = LossScale(
                [weight.tensor for weight in self.statistics],
                given.get("initial") or 2.0**15,
                given.get("growthSteps") or 2000,
            )
        set_rates(network, options["dropPath"])
        self.schedule = Schedule(network, self.device) if options.get("scheduledDropPath") else None
        self.guidance = None
        if guide is not None:
            self.guidance = Guidance(network, guide, options["guidance"]["weight"])
        self.forward = network
        if group is not None:
            self.forward = group.replicated(network, self.task, self.device)
        if options["execution"] == "compiled":
            self.forward = torch.compile(self.forward)
        self.diffusion = None
        if self.task["kind"] == "denoising":
            self.diffusion = Diffusion(
                self.task["alphaBars"],
                self.task["conditionClasses"],
                self.task["unconditionalShare"],
                self.device,
            )
        self.first_run_ms = 0.0
        self.build_ms = 1000 * (time.perf_counter() - start)

    def step(self, images, labels, settings, others=None):
        """One step, or the last micro-batch of one.

        `images` [b, h, w, c] and `labels` [b] (dense: [b * h * w]) on the CPU; `others`: second labels of a
        mixed batch, `settings["share"]` the share of the first. Returns a tensor of loss, correct examples and the
        gradient's norm before clipping, and with a scaled loss the next scale and whether the step was skipped.
        """
        start = time.perf_counter()
        loss, correct = self._differentiate(images, labels, settings, others, last=True)
        gradients = self._gradients(settings)
        norm = total_norm(gradients)
        is_taken = True
        if self.loss_scale is not None:
            is_taken = self.loss_scale.settle(norm.item())
        if is_taken:
            self._update(gradients, norm, settings)
        self.network.zero_grad(set_to_none=True)
        self.steps += 1
        self.micro_batches_done = 0
        return self._result(start, loss, correct, norm, not is_taken)

    def accumulate(self, images, labels, settings, others=None):
        """A micro-batch before the last of a step: adds its gradient."""
        start = time.perf_counter()
        loss, correct = self._differentiate(images, labels, settings, others, last=False)
        self.micro_batches_done += 1
        return self._result(start, loss, correct, torch.zeros_like(loss), False)

    def read_state(self):
        """The count of steps, and tensors by slot, named after the weight's name in the state dict."""
        slots = {}
        for weight in self.trainable:
            for name, tensor in zip(self.optimizer.slot_names, self.optimizer.slots(weight)):
                slots[f"{weight.name}/{name}"] = weight.copied(tensor)
            if self.micro_batches > 1:  # a state is taken between steps
                slots[f"{weight.name}/gradients"] = torch.zeros(weight.tensor.shape)
        if self.loss_scale is not None:
            for name, value in zip(LossScale.slot_names, self.loss_scale.state()):
                slots[name] = torch.tensor(value)
            if self.micro_batches > 1:
                for weight in self.statistics:
                    slots[f"{weight.name}/held"] = weight.copied(weight.tensor)
        if self.averages is not None:
            for weight, average in zip(self.weights, self.averages):
                slots[f"{weight.name}/average"] = weight.copied(average)
        return self.steps, slots

    @torch.no_grad()
    def write_state(self, steps, slots):
        """Continues from a state that `read_state` gave."""
        for weight in self.trainable:
            for name, tensor in zip(self.optimizer.slot_names, self.optimizer.slots(weight)):
                tensor.copy_(slots[f"{weight.name}/{name}"])
        if self.averages is not None:
            for weight, average in zip(self.weights, self.averages):
                average.copy_(slots[f"{weight.name}/average"])
        if self.loss_scale is not None:
            self.loss_scale.restore(*(slots[name].item() for name in LossScale.slot_names))
        self.steps = steps
        self.micro_batches_done = 0
        self.optimizer.count_from(self.loss_scale.steps_taken if self.loss_scale else steps)
        self.network.zero_grad(set_to_none=True)

    def end(self):
        """Gives the network back as it was, its weights aside."""
        self.network.zero_grad(set_to_none=True)
        if self.schedule is not None:
            self.schedule.end()
        if self.guidance is not None:
            self.guidance.end()
        set_rates(self.network, 0.0)
        if self.group is not None:
            self.group.separate(self.network)

    def _differentiate(self, images, labels, settings, others, last):
        """Adds the micro-batch's gradient to the weights' own. Returns loss and correct, on the device."""
        if self.loss_scale is not None and self.micro_batches_done == 0:
            self.loss_scale.hold()
        if self.schedule is not None:
            self.schedule.share.fill_(settings.get("dropPathShare", 1.0))
        draw = self.steps * self.micro_batches + self.micro_batches_done
        rank = 0 if self.group is None else self.group.rank
        torch.manual_seed(draw_key(self.options["seed"], draw, rank))
        self.network.train()
        images = images.to(self.device, non_blocking=True).permute(0, 3, 1, 2)
        images = images.contiguous(memory_format=self.memory_format)
        labels = self._labels(labels)
        waits = self.group is not None and not last
        with self.forward.no_sync() if waits else contextlib.nullcontext():
            guiding = None if self.guidance is None else self.guidance.look(images)
            loss, correct, count = self._loss(images, labels, settings, others)
            if guiding is not None:
                loss = loss + self.guidance.loss(guiding)
            weighted = loss if self.group is None else self.group.weighted(loss, count)
            scale = 1.0 if self.loss_scale is None else self.loss_scale.scale
            (weighted * scale).backward()
        if self.group is not None:
            return self.group.totals(weighted.detach(), correct)
        return loss.detach(), correct

    def _labels(self, labels):
        labels = labels.to(self.device, torch.int64, non_blocking=True)
        if self.task["kind"] == "dense":
            return labels.reshape(-1, self.task["height"], self.task["width"])
        return labels

    def _loss(self, images, labels, settings, others):
        half = half_types.get(self.options.get("precision"))
        inputs, noise = (images,), None
        if self.diffusion is not None:
            images, condition, noise = self.diffusion.draw(images, labels)
            inputs = (images, *condition)
        with torch.autocast(self.device.type, dtype=half, enabled=half is not None):
            output = self.forward(*inputs)
        if noise is not None:
            return denoising_loss(output, noise)
        smoothing = self.options["labelSmoothing"]
        if self.task["kind"] == "dense":
            return dense_loss(output, labels, smoothing)
        if others is None:
            return classification_loss(output, labels, smoothing)
        return classification_loss(output, labels, smoothing, self._labels(others), settings["share"])

    @torch.no_grad()
    def _gradients(self, settings):
        """Mean gradients of the micro-batches, unscaled; zeros where the loss does not depend on a weight."""
        for weight in self.trainable:
            if weight.tensor.grad is None:
                weight.tensor.grad = torch.zeros_like(weight.tensor)
        for value, mask in self.masked:
            value.grad.mul_(mask)
        gradients = [weight.tensor.grad for weight in self.trainable]
        scale = 1.0 if self.loss_scale is None else self.loss_scale.scale
        if self.micro_batches * scale != 1:
            torch._foreach_mul_(gradients, 1 / (self.micro_batches * scale))
        if self.options.get("noisyGradients"):
            self._add_noise(gradients, settings.get("gradientNoise", 0.0))
        return gradients

    def _add_noise(self, gradients, deviation):
        """Adds normal noise, the same on every rank."""
        generator = torch.Generator(self.device)
        generator.manual_seed(draw_key(self.options["seed"], "noise", self.steps))
        for gradient in gradients:
            noise = torch.empty_like(gradient).normal_(0, 1, generator=generator)
            gradient.add_(noise, alpha=deviation)

    @torch.no_grad()
    def _update(self, gradients, norm, settings):
        clip = self.options["clipNorm"]
        if clip > 0:
            torch._foreach_mul_(gradients, (clip / (norm + 1e-6)).clamp(max=1.0))
        self.optimizer.update(settings["learningRate"])
        if self.averages is not None:
            decay = settings.get("averageDecay", 0.0)
            torch._foreach_mul_(self.averages, decay)
            torch._foreach_add_(self.averages, [weight.tensor for weight in self.weights], alpha=1 - decay)

    def _result(self, start, loss, correct, norm, skipped):
        values = torch.stack([loss, correct.to(loss.dtype), norm.to(loss.dtype)]).cpu()
        if self.first_run_ms == 0:
            self.first_run_ms = 1000 * (time.perf_counter() - start)
        if self.loss_scale is None:
            return values, {}
        return values, {"lossScale": self.loss_scale.scale, "skipped": skipped}
