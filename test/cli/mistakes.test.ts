/**
 * Every mistake gets one message, exit 2, nothing on stdout and no stack. `mistakes.snap.txt` holds the table
 * of inputs and messages, which a person has read: each says where, what, why and what instead.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../store/stored-experiment.js';
import { inProcess } from './in-process.js';
import { type Mistake, mistakes, soundFiles } from './mistakes.js';

/** The text with one thing changed; it must be there. */
function changed(text: string, [from, to]: readonly [string, string]): string {
  expect(text).toContain(from);
  return text.replace(from, () => to);
}

const isPath = (word: string): boolean => /^((own|ablation|search)\.|reports\/|\.$)/.test(word);

function writeFiles(folder: string, change?: Mistake['change']): void {
  for (const [of, [name, text]] of Object.entries(soundFiles))
    writeFileSync(join(folder, name), change?.of === of ? changed(text, change.by) : text);
}

async function answer({ args, change }: Mistake): Promise<string> {
  const folder = temporaryFolder();
  writeFiles(folder, change);
  const { code, out, err } = await inProcess(args.map((word) => (isPath(word) ? join(folder, word) : word)));
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).not.toMatch(/^ +at /m);
  return err.replaceAll(`${folder}/`, '').replaceAll(folder, '.');
}

describe('mistakes', () => {
  const answers: string[] = [];
  it.each(mistakes)('$title', async (mistake) => {
    const err = await answer(mistake);
    expect(err.trim().length).toBeGreaterThan(20);
    const [from, to] = mistake.change?.by ?? [];
    const input = mistake.change ? `    # ${JSON.stringify(to)} for ${JSON.stringify(from)}` : '';
    answers.push(`${mistake.title}\n$ stagecraft ${mistake.args.join(' ')}${input}\n${err.trimEnd()}\n`);
  });
  it('the sound files are sound', async () => {
    const folder = temporaryFolder();
    writeFiles(folder);
    const files = Object.values(soundFiles).map(([name]) => join(folder, name));
    expect(await inProcess(['check', ...files])).toMatchObject({ code: 0, err: '' });
  });
  it('the table is as it was read', async () => {
    expect(answers).toHaveLength(mistakes.length);
    await expect(`${answers.join('\n')}`).toMatchFileSnapshot('./mistakes.snap.txt');
  });
});
