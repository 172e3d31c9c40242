"""The device of a bundle's jobs: opens it, and says what it is."""

import platform

import torch_state

from .machine import gpu_driver, processor_name, processors


class OpenDevice:
    """The opened device with the precision and execution of this plan. `threads`: 0 for all processors."""

    def __init__(self, runtime, threads):
        self.threads = threads or processors()
        self.execution = runtime["execution"]
        request = {
            "threads": self.threads,
            "device": runtime["device"],
            "channelsLast": runtime["channelsLast"],
            "cudaGraphs": runtime["cudaGraphs"],
        }
        self.state, facts = torch_state.open_state(request)
        wanted = runtime["precision"]
        if wanted is not None and wanted not in facts["precisions"]:
            raise ValueError(f"this device computes in {', '.join(facts['precisions'])}, the plan needs {wanted}")
        if self.execution == "compiled" and not facts["compiled"]:
            raise ValueError("the plan compiles, which needs a C++ compiler on a CPU and Triton on a GPU; got neither")
        self.precision = wanted or facts["precisions"][0]
        uuid = facts["device"].get("uuid")
        self.facts = {
            "device": facts["device"],
            "versions": facts["versions"],
            "python": platform.python_version(),
            "processor": processor_name(),
            "driver": gpu_driver(uuid) if uuid else "",
            "threads": self.threads,
            "precision": self.precision,
        }

    def ceilings(self):
        """Highest rates of large products and of copies."""
        products = torch_state.matmul_rate(self.state, {"precision": self.precision}, {})
        copies = torch_state.copy_rate(self.state, {}, {})
        return {"macsPerSecond": products["perSecond"], "bytesPerSecond": copies["perSecond"]}
