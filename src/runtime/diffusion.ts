/**
 * The noising of denoising diffusion (https://arxiv.org/abs/2006.11239) as AsCAN's class-conditional network
 * uses it (NeurIPS 2024, A.7): 1000 steps, "scaled linear" betas, that is, square roots on a line; its ends
 * are latent diffusion's (0.00085 and 0.012, https://arxiv.org/abs/2112.10752), which AsCAN does not print.
 * x_t = √ᾱ_t · x_0 + √(1 − ᾱ_t) · ε.
 */

export const diffusionSteps = 1000;
const [firstBeta, lastBeta] = [0.00085, 0.012];

/** ᾱ by step, `[1000]`. */
export const alphaBars: Float32Array = (() => {
  const values = new Float32Array(diffusionSteps);
  let product = 1;
  for (let t = 0; t < diffusionSteps; t++) {
    const root =
      Math.sqrt(firstBeta) + ((Math.sqrt(lastBeta) - Math.sqrt(firstBeta)) * t) / (diffusionSteps - 1);
    product *= 1 - root ** 2;
    values[t] = product;
  }
  return values;
})();

/** Share of training examples whose class is withheld, for guidance (https://arxiv.org/abs/2207.12598). */
export const unconditionalShare = 0.1;
