/**
 * Whether XLA is the default on a GPU, by the probe that timed the anchor network with and without it: one
 * file per device, driver, runtime version and precision in the user's cache. Deleting a file has the device
 * probed again.
 */
import { z } from 'zod';
import { type Environment, readNotes, writeNote } from './device-notes.js';

const folder = 'xla';

const choiceSchema = z.object({
  device: z.string(),
  driver: z.string(),
  runtimeVersion: z.string(),
  precision: z.string(),
  /** Variables that change the computation, as in a device key; '' where none is set. */
  limits: z.string(),
  xla: z.boolean(),
  /** Why, in one line, with the figures. */
  reason: z.string(),
  /** Milliseconds per pass without and with XLA, one of each per launch; empty where a launch failed. */
  stepMs: z.array(z.object({ without: z.number(), with: z.number() })),
  /** ISO date. */
  chosenAt: z.string(),
});
export type XlaChoice = z.infer<typeof choiceSchema>;
export type XlaChoiceKey = Pick<XlaChoice, 'device' | 'driver' | 'runtimeVersion' | 'precision' | 'limits'>;

const keyText = ({ device, driver, runtimeVersion, precision, limits }: XlaChoiceKey): string =>
  JSON.stringify([device, driver, runtimeVersion, precision, limits]);

export const recordXlaChoice = (choice: XlaChoice, env: Environment = process.env): void =>
  writeNote(folder, keyText(choice), choice, env);

/** Every choice kept; a file that holds none is left out. */
export const xlaChoices = (env: Environment = process.env): XlaChoice[] =>
  readNotes(folder, env, (value) => choiceSchema.safeParse(value).data);

export const xlaChoiceOf = (key: XlaChoiceKey, choices: readonly XlaChoice[]): XlaChoice | undefined =>
  choices.find((choice) => keyText(choice) === keyText(key));
