/** What other languages write, and what the answer says instead: one finding with its cure for each mistake. */
import { describe, expect, it } from 'vitest';
import { spaceFromText } from '../../src/space/load.js';

const space = (condition: string): string => `space own
  input 8x8x3
  classes 2
  block C = fused-mbconv(expand: 1)
  block T = transformer(head-dim: 8)
  stem conv(width: 8)
  stage 1  width 8  depth 2  (C | T){2}
  head pool-linear
  where ${condition}
`;

const mistakes: readonly (readonly [condition: string, message: RegExp, hint: RegExp])[] = [
  ['params <= 1B', /params is a count, got the bytes 1B/, /billion as 1G/],
  ['params <= 1MB', /params is a count, got the bytes 1MB/, /write 1M$/],
  ['macs in 1MB..2M', /macs is a count/, /write 1M$/],
  ['params = 3M', /got "="/, /compare with `==`/],
  ['params <= 1M && macs <= 10M', /unexpected "&&"/, /write `and`/],
  ['!asymmetric', /unexpected "!"/, /write `not`/],
  ['share(T) <= 3 %', /unexpected "%"/, /such as 3%/],
  ['params <= 10m', /got "m"/, /such as 10M/],
  ['params in 1M | 2M', /"\|"/, /a set, such as \{1, 4\}/],
  ['T after C', /got "after"/, /C before T/],
  ['params between 1M and 2M', /got "between"/, /params in 1M\.\.2M/],
  ['latency <= 10ms', /got "ms"/, /objective of an experiment/],
  ['latency <= 10', /"latency" is not a number of a network/, /objective of an experiment/],
  ['flops <= 10M', /"flops" is not a number/, /write macs/],
  ['accuracy >= 1', /"accuracy" is not a number/, /objective of an experiment/],
  ['heads >= 1', /"heads" is not a number/, /known: /],
];

describe('foreign syntax', () => {
  it.each(mistakes)('%s', (condition, message, hint) => {
    const { diagnostics, space: compiled } = spaceFromText(space(condition), 'own.space');
    expect(compiled).toBeUndefined();
    expect(diagnostics.map((found) => found.message)).toEqual([expect.stringMatching(message)]);
    expect(diagnostics[0]!.hint).toMatch(hint);
    expect(diagnostics[0]!.span.line).toBe(9);
  });
  it('bytes compare with memory', () => {
    const { diagnostics } = spaceFromText(space('memory <= 1MB'), 'own.space');
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
