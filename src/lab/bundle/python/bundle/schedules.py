"""Values of a recipe that change from step to step. Steps count from 0."""

import math


def learning_rate_at(step, steps, recipe):
    """Linear warm-up, then half a cosine (arXiv 1608.03983) down to the final rate at the last step."""
    peak, final = recipe["learningRate"], recipe["finalLearningRate"]
    warmup = min(steps, math.floor(recipe["warmupFraction"] * steps + 0.5))
    if step < warmup:
        return peak * (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - 1 - warmup)
    return final + (peak - final) * 0.5 * (1 + math.cos(math.pi * min(1, progress)))


def step_settings(step, steps, recipe):
    """What the trainer takes at a step."""
    settings = {"learningRate": learning_rate_at(step, steps, recipe)}
    if recipe.get("dropPathSchedule"):
        settings["dropPathShare"] = step / steps
    if recipe.get("gradientNoise"):
        settings["gradientNoise"] = math.sqrt(recipe["gradientNoise"] / (1 + step) ** 0.55)
    if recipe.get("ema"):
        settings["averageDecay"] = min(recipe["ema"], (1 + step) / (10 + step))
    return settings
