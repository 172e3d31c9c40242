/** Every file of search-spaces/reference is one network: the one derived by rule in the fixtures. */
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalText } from '../../src/architecture/canonical.js';
import { loadSpace } from '../../src/space/load.js';
import { referenceNetworks } from '../fixtures/reference-networks.js';

const folder = resolve(import.meta.dirname, '../../search-spaces/reference');
const fileOf = (name: string): string => `${name.replace(/[_@]/g, '-').toLowerCase()}.space`;
const names = Object.keys(referenceNetworks);

describe('search-spaces/reference', () => {
  it('holds a file for each reference network, and no other', () =>
    expect(
      readdirSync(folder)
        .filter((file) => file.endsWith('.space'))
        .sort(),
    ).toEqual(names.map(fileOf).sort()));
  it.each(names)('%s', (name) => {
    const space = loadSpace(join(folder, fileOf(name)));
    expect(space.count()).toEqual({ exact: true, count: 1n });
    expect(canonicalText(space.unrank(0n))).toBe(canonicalText(referenceNetworks[name]!()));
  });
});
