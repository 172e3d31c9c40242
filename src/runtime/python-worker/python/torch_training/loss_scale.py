"""Dynamic loss scaling of float16 (https://arxiv.org/abs/1710.03740, section 3.2).

The scale doubles after many good steps and halves where the gradient is not finite; such a step changes no
weight, slot, average or running statistic.
"""

import math

lowest = 1.0
highest = 2.0**24


class LossScale:
    slot_names = ("loss-scale/scale", "loss-scale/good-steps", "loss-scale/steps-taken")

    def __init__(self, statistics, initial=2.0**15, growth_steps=2000):
        self.statistics = statistics
        self.held = []
        self.scale = float(initial)
        self.growth_steps = growth_steps
        self.good_steps = 0
        self.steps_taken = 0

    def hold(self):
        """Keeps the running statistics as they are before a step."""
        self.held = [statistic.clone() for statistic in self.statistics]

    def settle(self, norm):
        """Ends a step by its gradient's norm. Returns whether it is taken."""
        taken = math.isfinite(norm)
        if not taken:
            for statistic, before in zip(self.statistics, self.held):
                statistic.copy_(before)
            self.scale = max(self.scale / 2, lowest)
            self.good_steps = 0
            return False
        self.good_steps += 1
        self.steps_taken += 1
        if self.good_steps >= self.growth_steps:
            self.scale = min(self.scale * 2, highest)
            self.good_steps = 0
        return True

    def state(self):
        return (self.scale, float(self.good_steps), float(self.steps_taken))

    def restore(self, scale, good_steps, steps_taken):
        self.scale = float(scale)
        self.good_steps = int(good_steps)
        self.steps_taken = int(steps_taken)
