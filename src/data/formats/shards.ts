/**
 * Image sets in tar shards, WebDataset's naming (https://github.com/webdataset/webdataset): `KEY.jpg` with
 * `KEY.cls` (the class's number), or `CLASS/NAME.jpg`. An index of the shards is held in memory, not the
 * training images: batch workers read and decode them. The order is a seeded shuffle of the whole set, and
 * a training resumes at any batch.
 */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../util/errors.js';
import type { ImageSet, ImageStream } from '../dataset.js';
import { defineDataset, limitParams } from '../dataset-definition.js';
import { exists, listFolder, readWhole, resolveFolder } from '../images/data-files.js';
import { streamImages } from '../images/image-stream.js';
import { limitSplits } from '../images/limit-splits.js';
import { indexTar, type TarEntry } from './tar-index.js';

const imageName = /\.(png|jpe?g)$/i;

interface ShardImage {
  readonly shard: number;
  readonly entry: TarEntry;
  readonly className?: string;
  readonly label?: number;
}
interface ShardIndex {
  readonly files: readonly string[];
  readonly stamps: readonly string[];
  readonly found: readonly ShardImage[];
  readonly contentHash: string;
}

async function readLabel(file: string, entry: TarEntry): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const { buffer } = await handle.read(
      Buffer.alloc(Math.min(entry.size, 64)),
      0,
      Math.min(entry.size, 64),
      entry.offset,
    );
    const said = buffer.toString('utf8').trim();
    if (!/^\d+$/.test(said))
      throw new UserError(
        `${file}: ${entry.name} must hold the number of a class, ` +
          `got ${JSON.stringify(said.slice(0, 20))} at byte ${entry.offset}`,
      );
    return Number(said);
  } finally {
    await handle.close();
  }
}

async function indexShards(files: readonly string[]): Promise<ShardIndex> {
  const hash = createHash('sha256');
  const found: ShardImage[] = [];
  const stamps: string[] = [];
  for (const [shard, file] of files.entries()) {
    const entries = await indexTar(file, hash);
    stamps.push(await streamImages.stampOf(file));
    const classOf = new Map(
      entries.filter(({ name }) => name.endsWith('.cls')).map((entry) => [entry.name.slice(0, -4), entry]),
    );
    for (const entry of entries) {
      if (!imageName.test(entry.name)) continue;
      const label = classOf.get(entry.name.replace(imageName, ''));
      const folder = entry.name.split('/').at(-2);
      if (label) found.push({ shard, entry, label: await readLabel(file, label) });
      else if (folder !== undefined && folder !== '' && folder !== '.')
        found.push({ shard, entry, className: folder });
      else
        throw new UserError(
          `${file}: ` +
            `an image needs its class in ${JSON.stringify(entry.name.replace(imageName, '.cls'))} ` +
            `or in its folder's name, got neither at byte ${entry.offset}`,
        );
    }
  }
  if (found.length === 0) throw new UserError(`${files[0]}: shards must hold PNG or JPEG images, got none`);
  return { files, stamps, found, contentHash: hash.digest('hex') };
}

/** Names in label order: `classes.txt`, else folder names sorted, else one number per label. */
async function classNames(folder: string, { found }: ShardIndex): Promise<string[]> {
  const file = join(folder, 'classes.txt');
  if (await exists(file))
    return (await readWhole(file))
      .toString('utf8')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  const named = [...new Set(found.flatMap(({ className }) => className ?? []))].sort();
  return named.length > 0
    ? named
    : Array.from({ length: Math.max(...found.map(({ label }) => label ?? 0)) + 1 }, (_, label) =>
        String(label),
      );
}

function streamedSet(
  { files, stamps, found, contentHash }: ShardIndex,
  classes: readonly string[],
  size: number,
): ImageSet {
  const labels = Uint16Array.from(found, ({ shard, entry, className, label }) => {
    const number = label ?? classes.indexOf(className!);
    if (number >= 0 && number < classes.length) return number;
    throw new UserError(
      `${files[shard]}: a class must be one of the ${classes.length} known ones, ` +
        `got ${JSON.stringify(className ?? label)} of ${entry.name} at byte ${entry.offset}`,
    );
  });
  const stream: ImageStream = {
    files,
    stamps,
    contentHash,
    shard: Uint32Array.from(found, ({ shard }) => shard),
    offset: Float64Array.from(found, ({ entry }) => entry.offset),
    bytes: Uint32Array.from(found, ({ entry }) => entry.size),
    size,
  };
  return {
    count: found.length,
    height: size,
    width: size,
    channels: 3,
    pixels: new Uint8Array(0),
    labels,
    stream,
  };
}

export const shards = defineDataset({
  name: 'shards',
  doc:
    'tar shards of PNG and JPEG images, streamed: train-*.tar, validation-*.tar and test-*.tar, ' +
    'or *.tar to be split; labels in .cls files or folder names',
  params: {
    folder: {
      kind: 'text',
      doc: 'folder of the .tar files; classes.txt beside them names the classes, one a line',
    },
    size: {
      kind: 'int',
      min: 4,
      max: 1024,
      default: 64,
      doc: 'pixels a side: the shorter side is resized to it and the centre cut out',
    },
    ...limitParams,
  },
  labelPreserving: { flip: true, crop: true },
  async load(params, { baseFolder }) {
    const folder = await resolveFolder(baseFolder, params.folder);
    const tars = (await listFolder(folder))
      .filter(({ name, isFolder }) => !isFolder && name.endsWith('.tar'))
      .map(({ name }) => join(folder, name));
    if (tars.length === 0) throw new UserError(`${folder}: must hold .tar shards, got none`);
    const of = (part: string): string[] =>
      tars.filter((file) => new RegExp(`^${part}[-_.]`).test(basename(file)));
    const [train, validation, test] = [of('train'), of('val(idation)?'), of('test')];
    const split = train.length > 0 && validation.length > 0;
    const indexed = await indexShards(split ? train : tars.filter((file) => !test.includes(file)));
    const classes = await classNames(folder, indexed);
    const part = async (files: readonly string[]): Promise<ImageSet> =>
      streamedSet(await indexShards(files), classes, params.size);
    return limitSplits(
      'shards',
      {
        classes,
        train: streamedSet(indexed, classes, params.size),
        validation: split ? await part(validation) : undefined,
        test: test.length > 0 ? () => part(test) : undefined,
      },
      params,
    );
  },
});
