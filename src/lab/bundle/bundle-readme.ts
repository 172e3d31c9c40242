/** The README of a bundle. */
import type { BundlePlan } from './bundle-plan.js';

const counted = (count: number, one: string): string => `${count} ${count === 1 ? one : `${one}s`}`;

export function bundleReadme({ experiment, jobs, data, runtime, networks, stagecraft }: BundlePlan): string {
  const profiles = jobs.filter(({ kind }) => kind === 'profile').length;
  return `# ${experiment.name}

Jobs of one experiment of stagecraft ${stagecraft}: ${counted(profiles, 'profile')} and \
${counted(jobs.length - profiles, 'training')} of ${counted(Object.keys(networks).length, 'network')}${
    data ? ` on ${data.name}` : ''
  }, executed ${runtime.execution}.

    python run.py --list
    python run.py

Python 3.10 or later with torch is needed, and nothing else; nothing is downloaded. Results are appended
to \`results.jsonl\`. The run may be killed at any time: the same command goes on with what is left.
Profiles run alone, one process each; keep the machine free of other work while they do. Trainings follow
one after the other.

Then, where stagecraft is installed, with this folder or its \`results.jsonl\` (final weights are in
\`weights/\`):

    npx stagecraft import FOLDER

| path | what it is |
| --- | --- |
| \`run.py\` | starts each job in a process of its own |
| \`plan.json\` | the jobs with their ids, settings and checksums of all files |
| \`networks/\` | each network as a PyTorch module, and its initial weights as safetensors |
| \`data/\` | images as they were loaded, 8-bit, and labels |
| \`python/\` | the worker of stagecraft's PyTorch runtime, and the loops that measure and train |
`;
}
