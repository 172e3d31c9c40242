"""Processor time, waiting time and peak memory of this process."""
import os
import sys
import time


def read(file):
    try:
        with open(file) as stream:
            return stream.read()
    except OSError:
        return None


def waiting_ms():
    """Time that threads waited for a processor; None where the system does not say."""
    try:
        threads = os.listdir("/proc/self/task")
    except OSError:
        return None
    texts = [read(f"/proc/self/task/{thread}/schedstat") for thread in threads]
    waits = [int(text.split()[1]) for text in texts if text]  # a thread may have ended
    return sum(waits) / 1e6 if waits else None


def resident_bytes(field="VmRSS"):
    """Resident memory now, or with `VmHWM` its highest since start or the last reset."""
    for line in (read("/proc/self/status") or "").splitlines():
        if line.startswith(f"{field}:"):
            return 1024 * int(line.split()[1])
    import resource  # elsewhere only the peak since start is known

    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest if sys.platform == "darwin" else 1024 * highest


def reset_peak():
    """Resets the peak where the system allows it (Linux)."""
    try:
        with open("/proc/self/clear_refs", "w") as stream:
            stream.write("5")
    except OSError:
        pass


def usage():
    return {
        "cpuMs": 1000 * time.process_time(),
        "waitMs": waiting_ms(),
        "residentBytes": resident_bytes(),
        "peakBytes": resident_bytes("VmHWM"),
    }
