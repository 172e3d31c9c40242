/** `devices from FILE …`: other devices whose times are objectives of a search, too. */
import { parseObjective } from '../../analysis/objectives/objectives.js';
import type { Term } from '../../language/experiment-file.js';
import { canonicalJson, textHash } from '../../util/canonical-json.js';
import { UserError } from '../../util/errors.js';
import { deviceText } from '../device-text.js';
import { type OtherDevice, otherDevices } from '../search/other-devices.js';
import { mostSearched, objectivesSetting } from './objectives-setting.js';
import { termItems, termText } from './read-terms.js';
import { pathIn, type ReadContext, type Setting } from './setting.js';

export interface DevicesSetting {
  readonly devices: readonly OtherDevice[];
  /** As written. */
  readonly files: readonly string[];
}

export const devicesSetting: Setting<DevicesSetting> = {
  keyword: 'devices',
  summary: 'other devices whose times count in a search, too: from gpu.sqlite, 3fa2b1 from gpu.sqlite',
  example: 'devices  from gpu.sqlite',
  reference:
    'Default: none. Databases that measured networks of the space elsewhere. Each objective `latency` or ' +
    '`images-per-second` becomes one objective more per device key with at least five networks: the time ' +
    'measured there where there is one, else the prediction of a latency model fitted to the others. ' +
    'First digits of device ids before `from` choose among the keys. The end of the run and the report ' +
    'name the networks on the front of every device, and the regret of the others. The hash covers the ' +
    'times, not the path.',
  needs: 'strategy',
  read(source, context) {
    if (!source) return undefined;
    const { diagnostics } = context;
    const at = source.terms.findIndex((term) => term.kind === 'text' && term.value === 'from');
    const files = at < 0 ? [] : source.terms.slice(at + 1);
    if (files.length === 0)
      return diagnostics.error(
        source.keywordSpan,
        `devices must be from and files, got ${source.terms.map(termText).join(' ') || 'nothing'}`,
        devicesSetting.example,
      );
    const quantities = (context.get(objectivesSetting) ?? []).filter(isTime);
    if (quantities.length === 0)
      return diagnostics.error(
        source.keywordSpan,
        'devices needs an objective latency or images-per-second, got none',
        'objectives  {top-1, latency@1}',
      );
    const chosen = source.terms.slice(0, at).flatMap((term) => termItems(term).map(termText));
    const devices = files.flatMap((file) => devicesIn(file, quantities, chosen, context));
    if (devices.length === 0) return undefined;
    const objectives = context.get(objectivesSetting)!.length + quantities.length * devices.length;
    if (objectives > mostSearched)
      return diagnostics.error(
        source.keywordSpan,
        `objectives of a search must be at most ${mostSearched} with those of other devices, ` +
          `got ${objectives}`,
        `choose devices: ${devices.map(nameOf).join(', ')}`,
      );
    return { devices, files: files.map(termText) };
  },
  meaning: (setting) =>
    setting
      ? {
          devices: setting.devices.map(({ id, times }) => ({
            id,
            times: textHash(canonicalJson(Object.fromEntries([...times].map(([n, own]) => [n, [...own]])))),
          })),
        }
      : {},
};

const isTime = (name: string): boolean =>
  ['latency', 'images-per-second'].includes(parseObjective(name)?.name ?? '');

const nameOf = ({ id, key }: OtherDevice): string => `${id.slice(0, 6)} (${deviceText(key)})`;

function devicesIn(
  file: Term,
  quantities: readonly string[],
  chosen: readonly string[],
  { diagnostics, namedFolder }: ReadContext,
): readonly OtherDevice[] {
  const path = pathIn(namedFolder, termText(file));
  try {
    const all = otherDevices(path, quantities);
    const found =
      chosen.length === 0 ? all : all.filter(({ id }) => chosen.some((own) => id.startsWith(own)));
    if (found.length > 0) return found;
    const known = all.map(nameOf).join(', ');
    throw new UserError(
      `${path}: a device needs five networks or more with ${quantities.join(' and ')}, got none`,
      { fix: known === '' ? 'profile some there: npx stagecraft profile --space SPACE --sample 24' : known },
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    diagnostics.error(file.span, error.message, error.fix);
    return [];
  }
}
