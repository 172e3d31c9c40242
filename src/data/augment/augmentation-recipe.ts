/** How images are changed while training: the settings of a recipe. */

/** How images are changed while training; every field absent is off. */
export interface AugmentationRecipe {
  /** Mirror each image left to right with probability one half. */
  readonly flip: boolean;
  /** Pixels of padding for random crops; 0 for none. */
  readonly crop: number;
  /**
   * Smallest area, as a fraction, of a random crop that is resized to the whole (Inception-style, aspect 3/4
   * to 4/3).
   */
  readonly resizedCrop?: number;
  /**
   * RandAugment (https://arxiv.org/abs/1909.13719): operations an image, and their magnitude (10: full
   * strength).
   */
  readonly randaugment?: { readonly operations: number; readonly magnitude: number };
  /** Largest relative change of brightness, contrast and saturation. */
  readonly jitter?: number;
  /** Probability of random erasing (https://arxiv.org/abs/1708.04896), filled with normal noise. */
  readonly erase?: number;
  /**
   * Beta parameter of mixup (https://arxiv.org/abs/1710.09412), of CutMix (https://arxiv.org/abs/1905.04899);
   * both: one of them a batch.
   */
  readonly mixup?: number;
  readonly cutmix?: number;
}
