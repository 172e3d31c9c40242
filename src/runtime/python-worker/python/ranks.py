"""A worker on several processes that torchrun starts: rank 0 answers the parent, the others do as it does.

What changes networks and trainings is passed on to all ranks, in order. Evaluation and timing are rank 0's own.
"""

import os
import sys

# requests that every rank carries out; a step's batch is not passed on but scattered
SHARED = {
    "open",
    "network",
    "write-weights",
    "inference",
    "dispose",
    "training",
    "train-step",
    "write-training",
    "end-training",
}


def rank():
    """This process's number; 0 where there is one process."""
    return int(os.environ.get("RANK", "0"))


def join():
    """Meets the other ranks. Returns whether there are any."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        return False
    import torch
    import torch.distributed as dist

    dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
    return True


def pass_on(request, buffers):
    """Rank 0 sends a request to the others."""
    import torch.distributed as dist

    if request["kind"] in SHARED:
        own = {} if request["kind"] == "train-step" else buffers
        dist.broadcast_object_list([request, own], src=0)


def follow(worker):
    """Carries out what rank 0 passes on; an error that rank 0 reports as well is printed."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    join()
    import torch.distributed as dist

    while True:
        message = [None, None]
        dist.broadcast_object_list(message, src=0)
        try:
            worker.answer(*message)
        except Exception as error:  # noqa: BLE001 (rank 0 answers)
            print(f"rank {rank()}: {error}", file=sys.stderr, flush=True)
