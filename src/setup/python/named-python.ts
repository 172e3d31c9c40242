/** The person's Python interpreter, which runs PyTorch and ONNX Runtime. */

/** Environment variable that names it: a command or a path. */
export const pythonVariable = 'STAGECRAFT_PYTHON';

export interface NamedPython {
  /** Command or path. */
  readonly command: string;
  /** Where the name comes from, for messages. */
  readonly from: string;
}

/**
 * The interpreter to use; whether it exists is not looked at.
 * @param setting of an experiment or option; '' and absent: the environment's, else `python3`
 */
export function namedPython(
  setting: string | undefined,
  env: Readonly<Record<string, string | undefined>> = process.env,
): NamedPython {
  if (setting) return { command: setting, from: 'the setting python' };
  const named = env[pythonVariable];
  if (named) return { command: named, from: pythonVariable };
  return { command: process.platform === 'win32' ? 'python' : 'python3', from: 'the search path' };
}
