/** `guide LAYOUT` or `guide RANK`: the network that recipes with `guidance` align with. */
import type { Architecture } from '../../architecture/architecture.js';
import { canonicalText } from '../../architecture/canonical.js';
import { readMember } from './read-member.js';
import type { Setting } from './setting.js';
import { trainSetting } from './train-setting.js';

export const guideSetting: Setting<Architecture> = {
  keyword: 'guide',
  summary: 'the network that trainings with guidance align with: a layout of the space, or a rank',
  example: 'guide  C-CCCC-CCCC-CCCC',
  reference:
    'Required by the recipe parameter `guidance`. Its seeds derive from that of the training; it stays ' +
    'untrained unless the recipe has `guide-epochs`. Multi-stage and cheaper trainings take no guide.',
  needs: 'train',
  read(source, context) {
    const { diagnostics, file } = context;
    const keywordSpan = (keyword: string) =>
      file.settings.find((setting) => setting.keyword === keyword)?.keywordSpan;
    if (!source) {
      if (context.get(trainSetting)?.recipe.guidance)
        diagnostics.error(
          keywordSpan(trainSetting.keyword)!,
          'guidance needs a guide network, got none',
          guideSetting.example,
        );
      return undefined;
    }
    for (const other of ['stages', 'fidelities'])
      if (context.has(other))
        return diagnostics.error(source.keywordSpan, `guide does not go with ${other}, got both`);
    return readMember(source, context);
  },
  meaning: (guide) => (guide ? { guide: canonicalText(guide) } : {}),
};
