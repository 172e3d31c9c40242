/** An existing TensorFlow that the user named: finds its libraries, headers, CUDA libraries and version. */
import { existsSync, mkdirSync, readFileSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../../util/errors.js';

export interface OwnTensorflow {
  readonly folder: string;
  /** File names in `folder` of the main library and the framework. */
  readonly libraries: readonly string[];
  readonly include: string;
  /** `site-packages/nvidia` beside it, where there is one. */
  readonly nvidia: string | undefined;
  readonly version: string;
}

/** Version from the `dist-info` folder beside a Python package, or from the header. */
function versionOf(folder: string, include: string): string {
  const info = existsSync(dirname(folder))
    ? readdirSync(dirname(folder)).map((name) => /^tensorflow(?:_cpu)?-(\d[\w.]*)\.dist-info$/.exec(name)?.[1]).find((version) => version !== undefined) : undefined;
  if (info !== undefined) return info;
  for (const header of ['tensorflow/core/public/version.h', 'tensorflow/core/public/release_version.h']) {
    const file = join(include, header);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    const part = (name: string) => new RegExp(`#define TF_${name}_VERSION (\\d+)`).exec(text)?.[1];
    if (part('MAJOR') !== undefined) return `${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}`;
  }
  return 'unknown';
}

/** @throws UserError where the folder lacks the libraries or the C headers */
export function inspectTensorflow(named: string): OwnTensorflow {
  const folder = existsSync(named) ? realpathSync(named) : resolve(named);
  const where = `setup --tensorflow ${JSON.stringify(named)}`;
  if (!existsSync(folder)) throw new UserError(`${where}: a folder is needed, found none`);
  const names = readdirSync(folder);
  const pick = (stem: string) => names.find((name) => name.startsWith(`${stem}.`) && /\.so\.2$|\.2\.dylib$/.test(name)) ?? names.find((name) => name.startsWith(`${stem}.`) && /\.(so|dylib)$/.test(name));
  const main = pick('libtensorflow_cc') ?? pick('libtensorflow');
  const framework = pick('libtensorflow_framework');
  if (main === undefined || framework === undefined) {
    throw new UserError(`${where}: libtensorflow_cc and libtensorflow_framework are needed in it, found ${main ?? framework ?? 'neither'}`,
      { fix: "name the package's folder: `python3 -c 'import tensorflow, os; print(os.path.dirname(tensorflow.__file__))'`" });
  }
  const include = [join(folder, 'include'), join(folder, '..', 'include')].find((candidate) => existsSync(join(candidate, 'tensorflow/c/c_api.h')));
  if (include === undefined) throw new UserError(`${where}: the C headers are needed in its include folder, found no tensorflow/c/c_api.h`);
  const nvidia = join(folder, '..', 'nvidia');
  return { folder, libraries: [main, framework], include, nvidia: existsSync(nvidia) ? realpathSync(nvidia) : undefined, version: versionOf(folder, include) };
}

/** Links the user's libraries into the binding's `deps`: nothing of theirs is copied or changed. */
export function linkTensorflow(own: OwnTensorflow, deps: string): void {
  mkdirSync(join(deps, 'lib'), { recursive: true });
  for (const library of own.libraries) symlinkSync(join(own.folder, library), join(deps, 'lib', library));
  symlinkSync(own.include, join(deps, 'include'));
  if (own.nvidia !== undefined) symlinkSync(own.nvidia, join(deps, 'nvidia'));
}
