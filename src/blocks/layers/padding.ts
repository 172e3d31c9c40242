/**
 * Padding of strided convolutions. `same` is TensorFlow's: as few pixels as the output needs, the odd one at
 * the end. `symmetric` is PyTorch's usual (k−1)/2 on each side. Shapes and costs are equal; values at stride
 * 2 differ.
 */
import type { Padding } from '../../tensor/tensor-ops.js';
import type { ChoiceParam } from '../../util/params.js';

export const paddingParam: ChoiceParam & { readonly default: string } = {
  kind: 'choice',
  oneOf: ['same', 'symmetric'],
  default: 'same',
  doc: 'padding of strided convolutions: TensorFlow’s same, or PyTorch’s symmetric',
};

/**
 * Padding for a convolution. At stride 1 and odd kernels both choices agree, and `same` needs no extra
 * operation.
 */
export function paddingOf(choice: string, kernel: number, stride: number): Padding {
  return choice === 'symmetric' && stride > 1 ? Math.floor(kernel / 2) : 'same';
}
