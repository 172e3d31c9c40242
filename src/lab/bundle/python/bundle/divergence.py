"""Detects divergence of a training: losses or gradients that are not finite, too high, constant or vanished."""

import math

PATIENCE = 50
HIGH_LOSS_FACTOR = 10
VANISHED_NORM = 1e-9


class DivergenceMonitor:
    """Its answer depends on the steps it is given alone; `state` is kept in checkpoints."""

    def __init__(self, classes, state=None):
        self.chance_loss = math.log(max(2, classes))
        self.state = state or {"high": 0, "still": 0, "same": 0, "last": -1.0, "skipped": 0}

    def problem(self, step, loss, norm, fields):
        """Why the training has diverged at this step (from 1), or None."""
        state, skipped = self.state, fields.get("skipped", False)
        state["skipped"] = state["skipped"] + 1 if skipped else 0
        if state["skipped"] >= PATIENCE:
            return (
                f"step {step}: the gradient must be finite at some loss scale within {PATIENCE} steps, "
                f"got none down to a scale of {fields['lossScale']:g}"
            )
        if skipped:
            return None
        if not math.isfinite(loss):
            return f"step {step}: loss must be finite, got {loss}"
        if not math.isfinite(norm):
            return f"step {step}: gradient norm must be finite, got {norm}"
        for name, holds in (
            ("high", loss > HIGH_LOSS_FACTOR * self.chance_loss),
            ("still", norm < VANISHED_NORM and loss > 1e-6),
            ("same", loss == state["last"] and loss > 1e-6),
        ):
            state[name] = state[name] + 1 if holds else 0
        state["last"] = loss
        if state["high"] >= PATIENCE:
            limit = f"{HIGH_LOSS_FACTOR} × ln(classes)"
            return f"step {step}: loss must fall below {limit} within {PATIENCE} steps, got {loss:.4g}"
        if state["still"] >= PATIENCE:
            return f"step {step}: gradient must not vanish for {PATIENCE} steps, got norm {norm:.1e} at loss {loss:.4g}"
        if state["same"] >= PATIENCE:
            return f"step {step}: loss must move within {PATIENCE} steps, got {loss:.4g} at every one"
        return None
