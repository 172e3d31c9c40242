/**
 * Registers the gradients of tfjs-core. Its Node bundle has none; `dist/register_all_gradients.js` has them,
 * as ES modules without file extensions. A resolve hook, limited to that folder, loads them. This loads a
 * second copy of tfjs-core, which shares the engine and the registries (they are global).
 */
import { createRequire, register } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

let registered: Promise<void> | undefined;

export function registerGradients(): Promise<void> {
  registered ??= load();
  return registered;
}

async function load(): Promise<void> {
  const bundle = createRequire(import.meta.url).resolve('@tensorflow/tfjs-core'); // …/dist/tf-core.node.js
  const folder = pathToFileURL(dirname(bundle)).href;
  const hook = `
    const folder = ${JSON.stringify(folder)};
    export async function resolve(specifier, context, next) {
      const relative = /^\\.\\.?\\//.test(specifier) && !/\\.js$/.test(specifier);
      const inside = relative && context.parentURL?.startsWith(folder);
      return next(inside ? specifier + '.js' : specifier, context);
    }
    export async function load(url, context, next) {
      const isModule = url.startsWith(folder) && !url.endsWith('.node.js');
      return next(url, isModule ? { ...context, format: 'module' } : context);
    }`;
  register(`data:text/javascript,${encodeURIComponent(hook)}`);
  await import(pathToFileURL(join(dirname(bundle), 'register_all_gradients.js')).href);
}
