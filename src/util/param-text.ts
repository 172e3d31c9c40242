/** Ranges and defaults of declared parameters as text, for help, references and tables. */
import { listText, type ParamSpec } from './params.js';

/** `1..64, odd`, `gelu | relu` */
export function rangeText(spec: ParamSpec): string {
  switch (spec.kind) {
    case 'int':
      return `${spec.min}..${spec.max}${spec.odd ? ', odd' : ''}`;
    case 'number':
      return `${spec.min}..${spec.max}`;
    case 'choice':
      return spec.oneOf.join(' | ');
    case 'bool':
      return 'true | false';
    case 'text':
      return 'text';
    case 'list':
      return `[1 to ${spec.most} of ${spec.min}..${spec.max}]`;
    default:
      return spec satisfies never;
  }
}

/** The default as a file writes it; `required` where there is none, `none` for an empty text. */
export const defaultText = (spec: ParamSpec): string =>
  spec.default === undefined ? 'required' : listText(spec.default) || 'none';
