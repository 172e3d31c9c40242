/** Finds libraries, headers, CUDA libraries and version of a TensorFlow that the user named. */
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
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
    ? readdirSync(dirname(folder))
        .map((name) => /^tensorflow(?:_cpu)?-(\d[\w.]*)\.dist-info$/.exec(name)?.[1])
        .find((version) => version !== undefined)
    : undefined;
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
  const pick = (stem: string) =>
    names.find((name) => name.startsWith(`${stem}.`) && /\.so\.2$|\.2\.dylib$/.test(name)) ??
    names.find((name) => name.startsWith(`${stem}.`) && /\.(so|dylib)$/.test(name));
  const main = pick('libtensorflow_cc') ?? pick('libtensorflow');
  const framework = pick('libtensorflow_framework');
  if (main === undefined || framework === undefined) {
    throw new UserError(
      `${where}: libtensorflow_cc and libtensorflow_framework are needed in it, ` +
        `found ${main ?? framework ?? 'neither'}`,
      {
        fix:
          "name the package's folder: `python3 -c 'import tensorflow, os; " +
          "print(os.path.dirname(tensorflow.__file__))'`",
      },
    );
  }
  const include = [join(folder, 'include'), join(folder, '..', 'include')].find((candidate) =>
    existsSync(join(candidate, 'tensorflow/c/c_api.h')),
  );
  if (include === undefined)
    throw new UserError(
      `${where}: the C headers are needed in its include folder, found no tensorflow/c/c_api.h`,
    );
  const nvidia = join(folder, '..', 'nvidia');
  return {
    folder,
    libraries: [main, framework],
    include,
    nvidia: existsSync(nvidia) ? realpathSync(nvidia) : undefined,
    version: versionOf(folder, include),
  };
}

/** Folders of CUDA libraries that are missing from the search path of TensorFlow's loader. */
const partsOffPath = ['cusolver', 'curand', 'cuda_nvrtc', 'nvjitlink'];

/**
 * TensorFlow loads CUDA's libraries from `libtensorflow_framework`, whose search path has most folders of
 * `nvidia/`, but in 2.21 not cuSOLVER's. Without links in a folder of the path, no GPU is registered. The
 * libraries' relative references stay valid, since a link is as deep as its target.
 */
export function linkCudaLibraries(deps: string): void {
  const target = join(deps, 'nvidia', 'cuda_runtime', 'lib');
  if (!existsSync(target)) return;
  for (const part of partsOffPath) {
    const folder = join(deps, 'nvidia', part, 'lib');
    if (!existsSync(folder)) continue;
    for (const name of readdirSync(folder))
      if (name.includes('.so') && !existsSync(join(target, name)))
        symlinkSync(join('..', '..', part, 'lib', name), join(target, name));
  }
}

/** Links `nvidia/<part>/lib/*` of the user's Python packages file by file, so that links can be added. */
function linkNvidia(from: string, to: string): void {
  for (const part of readdirSync(from)) {
    if (part === 'cuda_nvcc') {
      mkdirSync(to, { recursive: true });
      symlinkSync(join(from, part), join(to, part));
    }
    const folder = join(from, part, 'lib');
    if (!existsSync(folder)) continue;
    mkdirSync(join(to, part, 'lib'), { recursive: true });
    for (const name of readdirSync(folder)) symlinkSync(join(folder, name), join(to, part, 'lib', name));
  }
}

/** Links the user's libraries into the binding's `deps`; copies and changes none of them. */
export function linkTensorflow(own: OwnTensorflow, deps: string): void {
  mkdirSync(join(deps, 'lib'), { recursive: true });
  for (const library of own.libraries) symlinkSync(join(own.folder, library), join(deps, 'lib', library));
  symlinkSync(own.include, join(deps, 'include'));
  if (own.nvidia !== undefined) linkNvidia(own.nvidia, join(deps, 'nvidia'));
}
