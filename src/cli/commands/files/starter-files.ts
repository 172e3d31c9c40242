/** The two files that `init` writes: a space and an experiment, each line with its reason. */

/** Contents by name; the experiment names the space. */
export const starterFiles: Readonly<Record<string, string>> = {
  'networks.space': `# The networks to choose from. Check and count them:
#   npx stagecraft check networks.space
#   npx stagecraft count networks.space
space networks
  input 32x32x3                    # height x width x channels of the images
  classes 10                       # as many as the data has

  # Letters of layouts. \`npx stagecraft blocks\` lists 26 blocks, \`blocks mbconv\` explains one.
  block C = fused-mbconv(expand: 4, kernel: 3)
  block T = transformer(head-dim: 8, mlp: 4)

  stem conv(width: 16, layers: 1, stride: 2)

  # A stage halves the resolution. Its layout is a regular expression over letters:
  # CC is two blocks, C | T one of either, T{0,2} none to two, (C | T){2} any two.
  stage 1  width 16  C
  stage 2  width 32  CC | CT | TT
  stage 3  width 64  C{0,3} T{0,3}

  head pool-linear

  # Only members that satisfy it. Others: asymmetric, share(T) >= 1 / 2, macs <= 20M, params <= 1M.
  where count(T) >= 1 and depth(3) >= 2
`,
  'first.experiment': `# What is done with them. Each setting: npx stagecraft explain SETTING
#   npx stagecraft check first.experiment            # opens the data, says how long a run takes
#   npx stagecraft run first.experiment --dry-run    # prints the plan
#   npx stagecraft run first.experiment              # minutes on 2 cores; may be interrupted and resumed
# Results: reports/first/index.html, and npx stagecraft explore
experiment first
  space       networks.space

  # Which members: random(size: …), balanced(symmetric: …, asymmetric: …), all.
  sample      random(size: 4, seed: 1)

  # Throughput and latency at each batch size; every launch is a process of its own.
  profile     throughput(batches: {16}, launches: 2, cap-ms: 400, warm-up-cap-ms: 1000)

  # Generated images, to try everything out. Your own, one folder a class:
  #   data    folder(folder: images, size: 32)
  data        motif(train: 4000, validation: 500, difficulty: easy, seed: 1)

  # Further seeds give intervals: seeds {1, 2, 3}.
  train       adamw(epochs: 4, batch: 32, learning-rate: 2e-3)  seeds {1}

  # Axes of the front, the score first.
  objectives  {top-1, images-per-second@16}
`,
};
