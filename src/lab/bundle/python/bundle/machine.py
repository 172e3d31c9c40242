"""What the machine is and does beside a measurement. Reads only; what a system does not report is absent."""

import glob
import os
import platform
import re
import subprocess
import sys
import threading
import time

from process_usage import read, waiting_ms

GPU_FIELDS = (
    "clocks.sm",
    "clocks.default_applications.graphics",
    "clocks.max.sm",
    "temperature.gpu",
    "power.draw",
    "clocks_throttle_reasons.hw_slowdown",
    "clocks_throttle_reasons.sw_thermal_slowdown",
    "memory.used",
    "utilization.gpu",
)


def output_of(*command):
    """Standard output of a command, '' where it fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


def processors():
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processor_name():
    """The processor's model, as device keys have it."""
    if sys.platform == "darwin":
        return output_of("sysctl", "-n", "machdep.cpu.brand_string").strip() or "unknown CPU"
    found = re.search(r"^model name\s*:\s*(.+)$", read("/proc/cpuinfo") or "", re.MULTILINE)
    return found[1] if found else platform.processor() or "unknown CPU"


def gpu_driver(uuid):
    """Version of the driver of a GPU, '' where nvidia-smi does not say."""
    for line in output_of("nvidia-smi", "--query-gpu=uuid,driver_version", "--format=csv,noheader").splitlines():
        board, driver = (cell.strip() for cell in line.split(",", 1))
        if board == uuid:
            return driver
    return ""


def steal_ms():
    found = re.search(r"^cpu +(.*)$", read("/proc/stat") or "", re.MULTILINE)
    fields = found[1].split() if found else []
    return 10.0 * int(fields[7]) if len(fields) > 7 else None


def pressure_ms():
    found = re.search(r"^some .*total=(\d+)", read("/proc/pressure/cpu") or "", re.MULTILINE)
    return int(found[1]) / 1000 if found else None


def load_point():
    """Running totals in milliseconds; the difference of two belongs to the block between them."""
    return {
        "cpuMs": 1000 * time.process_time(),
        "stealMs": steal_ms(),
        "waitMs": waiting_ms(),
        "pressureMs": pressure_ms(),
    }


def busy_point():
    """Processor time of the whole system, of this process, and the clock."""
    found = re.search(r"^cpu +(.*)$", read("/proc/stat") or "", re.MULTILINE)
    fields = [int(cell) for cell in found[1].split()] if found else []
    busy = 10.0 * sum(fields[k] for k in (0, 1, 2, 5, 6, 7)) if len(fields) > 7 else None
    return busy, 1000 * time.process_time(), 1000 * time.perf_counter()


def others_busy(before, after):
    """Processors that other processes kept busy; None where the system does not say."""
    if before[0] is None or after[0] is None:
        return None
    own = after[1] - before[1]
    return max(0.0, (after[0] - before[0] - own) / (after[2] - before[2]))


def is_busy(others, threads):
    """Whether others and this measurement need more processors than there are."""
    return others is not None and others + (threads or processors()) > processors() + 0.25


def environment():
    """Load, frequency and temperature now."""
    found = {"cpus": processors()}
    if hasattr(os, "getloadavg"):
        found["load1"] = round(os.getloadavg()[0], 2)
    clocks = [float(mhz) for mhz in re.findall(r"^cpu MHz\s*:\s*([\d.]+)", read("/proc/cpuinfo") or "", re.MULTILINE)]
    if clocks:
        found["cpuMHz"] = round(sum(clocks) / len(clocks))
    zones = [read(zone) for zone in glob.glob("/sys/class/thermal/thermal_zone*/temp")]
    celsius = [int(text) / 1000 for text in zones if text and text.strip().lstrip("-").isdigit()]
    celsius = [value for value in celsius if 0 < value < 150]
    if celsius:
        found["cpuCelsius"] = round(max(celsius), 2)
    return found


class GpuWatch:
    """Samples one GPU by nvidia-smi beside the measurement; without it there are no samples."""

    def __init__(self, uuid):
        self.clock_share = None
        self.was_throttled = False
        self.record = {}
        self._child = None
        query = f"--query-gpu={','.join(GPU_FIELDS)}"
        command = ["nvidia-smi", f"--id={uuid}", query, "--format=csv,noheader,nounits", "--loop-ms=250"]
        try:
            self._child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        except OSError:
            return
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with self._child.stdout as stream:
            for line in stream:
                cells = [cell.strip() for cell in line.split(",")]
                if len(cells) == len(GPU_FIELDS):
                    self._note(cells)

    def _note(self, cells):
        def number(text):
            try:
                return float(text)
            except ValueError:
                return None

        sm, default, highest, celsius, watts, hardware, thermal, memory, utilization = cells
        reference = number(default) or number(highest)
        self.was_throttled = self.was_throttled or "Active" in (hardware, thermal)
        self.clock_share = number(sm) / reference if number(sm) and reference else None
        named = {
            "gpuMHz": number(sm),
            "gpuDefaultMHz": reference,
            "gpuCelsius": number(celsius),
            "gpuWatts": number(watts),
            "gpuMiB": number(memory),
            "gpuUtilization": number(utilization),
            "gpuThrottled": "yes" if "Active" in (hardware, thermal) else "no",
        }
        self.record = {name: value for name, value in named.items() if value is not None}

    def stop(self):
        if self._child is not None:
            self._child.kill()
            self._child.wait()
