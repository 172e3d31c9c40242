"""Runs the jobs of this bundle: `python run.py`. Needs Python 3.10 or later with torch, and nothing else.

Results are appended to results.jsonl. A run may be killed at any time; the same command goes on with what is left.
"""

import argparse
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, "python"))
sys.dont_write_bytecode = True

from bundle.folder import BadBundle, BundleFolder
from bundle.records import DamagedFile, Results
from bundle.runner import Runner, listed


def parsed_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--list", action="store_true", help="print the plan and what is done of it, run nothing")
    parser.add_argument("--retry-failed", action="store_true", help="run failed jobs again")
    parser.add_argument("--only", choices=("profile", "train"), help="run jobs of one kind")
    return parser.parse_args()


def locked(file):
    """An open file that no other run of this bundle holds."""
    stream = open(file, "a")
    try:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        pass  # not on this system
    except OSError as error:
        stream.close()
        raise BadBundle(f"{file}: must be held by one run, another is at work") from error
    return stream


def main():
    options = parsed_arguments()
    try:
        folder = BundleFolder(here)
        file = folder.file("results.jsonl")
        if options.list:
            print("\n".join(listed(folder, Results(file, folder.plan_text, writes=False).records)))
            return 0
        lock = locked(folder.file("run.lock"))
        folder.check_files()
        results = Results(file, folder.plan_text)
        if results.removed_bytes:
            print(f"results.jsonl: removed an incomplete last record of {results.removed_bytes} bytes")
        with lock:
            return Runner(folder, results, options).run()
    except (BadBundle, DamagedFile) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the same command goes on", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
