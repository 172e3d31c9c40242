"""The result file of a bundle: one JSON line a record, each with its checksum and that of the record before it.

A line is `{"sha256":"...","record":{...}}`; the checksum is of the record's text as it stands there. A line that a
kill cut short is recognised, and so are lines that are missing, doubled, changed or of another bundle.
"""

import hashlib
import json
import math
import os

FORMAT = "stagecraft-results"
VERSION = 1
HEAD = '{"sha256":"'
MIDDLE = '","record":'


class DamagedFile(Exception):
    """A result file that is not what `Results` writes."""


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def finite(value):
    """The value with null in place of numbers that JSON has no form for."""
    if isinstance(value, dict):
        return {key: finite(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def line_of(record):
    """The line of a record, and its checksum."""
    text = json.dumps(finite(record), separators=(",", ":"), allow_nan=False)
    digest = sha256(text.encode())
    return f"{HEAD}{digest}{MIDDLE}{text}}}\n", digest


def parsed(line):
    """The record of a line and its checksum; None where the line is damaged."""
    digest, text = line[len(HEAD) : len(HEAD) + 64], line[len(HEAD) + 64 + len(MIDDLE) : -1]
    whole = line.startswith(HEAD) and line.endswith("}") and line[len(HEAD) + 64 :].startswith(MIDDLE)
    if not whole or sha256(text.encode()) != digest:
        return None
    return json.loads(text), digest


class Results:
    """Reads what is there, and appends to it. A last line that was cut is removed: its job is done again.

    `writes`: false to read alone, also beside a run.
    """

    def __init__(self, file, plan_text, writes=True):
        self.file = file
        self.writes = writes
        self.records = []
        self.last = ""
        self.removed_bytes = 0
        self._read()
        if not self.records:
            if not writes:
                return
            self.append({"kind": "plan", "format": FORMAT, "version": VERSION, "plan": plan_text})
        elif self.records[0].get("plan") != plan_text:
            raise DamagedFile(f"{file}: must be of this bundle, got results of another")

    def append(self, record):
        """Makes a record durable. Returns its checksum."""
        line, digest = line_of({**record, "previous": self.last})
        with open(self.file, "ab") as stream:
            stream.write(line.encode())
            stream.flush()
            os.fsync(stream.fileno())
        self.records.append(record)
        self.last = digest
        return digest

    def _read(self):
        if not os.path.exists(self.file):
            return
        with open(self.file, "rb") as stream:
            lines = stream.read().split(b"\n")
        cut = len(lines.pop())
        kept = 0
        for number, line in enumerate(lines, 1):
            found = parsed(line.decode(errors="replace"))
            if found is None or found[0].get("previous") != self.last:
                if number < len(lines):
                    raise DamagedFile(f"{self.file}: line {number} must be the record that was written, got another")
                cut += len(line) + 1
                break
            record, self.last = found
            self.records.append(record)
            kept += len(line) + 1
        if cut and self.writes:
            self.removed_bytes = cut
            os.truncate(self.file, kept)
