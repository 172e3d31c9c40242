/** Takes out of a verification what names a person or a machine: absolute paths and the name of the host. */

const absolutePath = /(^|[\s"'`(=:])(?:file:\/\/)?(?:\/[^\s"'`():,;]+){2,}|\b[A-Za-z]:\\[^\s"'`]+/g;

function cleaned(text: string, host: string): string {
  const noPath = text.replace(absolutePath, (_, before: string | undefined) => `${before ?? ''}<path>`);
  return host.length < 3 ? noPath : noPath.replaceAll(host, '<host>');
}

/** The same value; its texts hold no absolute path and not `host`. Keys of objects stay. */
export function withoutPersonal<V>(value: V, host: string): V {
  if (typeof value === 'string') return cleaned(value, host) as V;
  if (Array.isArray(value)) return value.map((each: unknown) => withoutPersonal(each, host)) as V;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, withoutPersonal(each as unknown, host)]),
  ) as V;
}
