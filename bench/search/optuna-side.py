"""Runs one sampler of Optuna on a table, once per seed, and prints what it asked for.

Reads one JSON object from standard input:
  genes       number of choices of each gene
  members     genes of each member, joined by commas, to its objective values
  directions  "maximize" or "minimize", one per objective
  sampler     tpe, nsga2, nsga3 or gp
  runs        list of {"seed", "trials"}: trials with an answer; a draw outside of the table fails and costs nothing
  marks       numbers of trials after which an unfinished seed is printed, too
Prints JSON lines, the last of a seed with all of its trials: the members in their order, and the seconds taken.
"""

import json
import sys
import time
import warnings

import optuna

ATTEMPTS = 50  # draws per trial of the budget, where the table is a part of the product


def sampler_of(name, seed):
    samplers = optuna.samplers
    if name == "tpe":
        return samplers.TPESampler(seed=seed)
    if name == "nsga2":
        return samplers.NSGAIISampler(seed=seed)
    if name == "nsga3":
        return samplers.NSGAIIISampler(seed=seed)
    if name == "gp":
        return samplers.GPSampler(seed=seed)
    raise ValueError(f"optuna-side: sampler must be tpe, nsga2, nsga3 or gp, got {name!r}")


def search(task, seed, trials, report):
    study = optuna.create_study(
        directions=task["directions"], sampler=sampler_of(task["sampler"], seed)
    )
    asked = []
    for _ in range(ATTEMPTS * trials):
        trial = study.ask()
        genes = [
            trial.suggest_categorical(f"gene {index}", list(range(choices)))
            for index, choices in enumerate(task["genes"])
        ]
        key = ",".join(map(str, genes))
        values = task["members"].get(key)
        if values is None:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            continue
        study.tell(trial, values)
        asked.append(key)
        if len(asked) == trials:
            break
        if len(asked) in task["marks"]:
            report(asked)
    report(asked)


def main():
    warnings.filterwarnings("ignore")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    task = json.load(sys.stdin)
    for run in task["runs"]:
        seed = run["seed"]
        start = time.process_time()

        def report(asked):
            line = {"seed": seed, "asked": asked, "seconds": time.process_time() - start}
            print(json.dumps({**line, "optuna": optuna.__version__}), flush=True)

        search(task, seed, run["trials"], report)


main()
