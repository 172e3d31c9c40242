"""The folder of a bundle: its plan, networks and files."""

import hashlib
import json
import os

FORMAT = "stagecraft-bundle"
VERSION = 1


class BadBundle(Exception):
    """A folder that is not the bundle that was written."""


class BundleFolder:
    """Reads `plan.json`; paths are relative to the folder."""

    def __init__(self, path):
        self.path = path
        with open(self.file("plan.json"), encoding="utf-8", newline="") as stream:
            self.plan_text = stream.read()
        self.plan = json.loads(self.plan_text)
        found = self.plan.get("format"), self.plan.get("version")
        if found != (FORMAT, VERSION):
            raise BadBundle(f"plan.json: must be {FORMAT} of version {VERSION}, got {found[0]} of version {found[1]}")
        self.networks = self.plan["networks"]
        self.jobs = {job["id"]: job for job in self.plan["jobs"]}

    def file(self, *names):
        return os.path.join(self.path, *names)

    def check_files(self):
        """Raises where a file differs from the one that was written: results must be of this code and data."""
        for name, expected in self.plan["files"].items():
            digest = hashlib.sha256()
            try:
                with open(self.file(name), "rb") as stream:
                    for chunk in iter(lambda: stream.read(1 << 20), b""):
                        digest.update(chunk)
            except OSError as error:
                raise BadBundle(f"{name}: must be in the bundle, got {error}") from error
            if digest.hexdigest() != expected:
                raise BadBundle(f"{name}: must be as it was written, it has been changed; copy the bundle again")

    def network_request(self, network, weights):
        """The request that makes a network in the worker's code, and its buffers."""
        from .tensor_files import read_buffers

        with open(self.file(network["source"]), encoding="utf-8") as stream:
            return {"source": stream.read()}, read_buffers(self.file(weights))
