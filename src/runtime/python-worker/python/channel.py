"""The channel of a worker: JSON lines on its original standard input and output.

A message is one line. Its entry `tensors` lists name, dtype, shape and bytes of each tensor, whose raw bytes follow
the line in that order. Whatever libraries print goes to standard error, and what they read is empty.
"""
import json
import os
import queue
import sys
import threading

PROTOCOL = 1


class Buffer:
    """Bytes of a received tensor, with its dtype's name and shape."""

    def __init__(self, header, data):
        self.dtype = header["dtype"]
        self.shape = header["shape"]
        self.data = data


class Channel:
    """Receives requests and sends replies; ends the process when the other side is gone."""

    def __init__(self):
        self._input = os.fdopen(os.dup(0), "rb")
        self._output = os.fdopen(os.dup(1), "wb")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        self._requests = queue.SimpleQueue()
        # a thread of its own, so that the end of the stream is seen during a computation
        threading.Thread(target=self._read, daemon=True).start()

    def receive(self):
        """The next request and its buffers by name."""
        return self._requests.get()

    def send(self, message, tensors=()):
        """`tensors`: (name, dtype, shape, bytes) of each."""
        headers = [
            {"name": name, "dtype": dtype, "shape": list(shape), "bytes": len(data)}
            for name, dtype, shape, data in tensors
        ]
        line = json.dumps({**message, "tensors": headers}, allow_nan=True)
        self._output.write(line.encode() + b"\n")
        for _, _, _, data in tensors:
            self._output.write(data)
        self._output.flush()

    def _read(self):
        code = 0
        try:
            while line := self._input.readline():
                message = json.loads(line)
                buffers = {
                    header["name"]: Buffer(header, self._bytes(header["bytes"]))
                    for header in message.get("tensors", ())
                }
                self._requests.put((message, buffers))
        except (OSError, EOFError, ValueError, LookupError) as error:
            print(f"worker: a request cannot be read: {error}", file=sys.stderr, flush=True)
            code = 1
        finally:
            os._exit(code)

    def _bytes(self, size):
        data = bytearray(size)
        view = memoryview(data)
        while view:
            count = self._input.readinto(view)
            if not count:
                raise EOFError("a tensor ends early")
            view = view[count:]
        return data
