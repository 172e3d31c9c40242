"""Training steps of networks, by the formulas of the lab."""
