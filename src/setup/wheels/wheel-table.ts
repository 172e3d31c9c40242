/**
 * The Python wheels that carry TensorFlow's C library, by platform: names, versions, hashes and the members
 * to keep. Only shared libraries and C headers are used, so the wheel of any Python version will do; the
 * first is tried first. Sizes: `megabytes` to download, `keptMegabytes` on disk after unpacking. Source: the
 * Python package index, 2026-11.
 */
import { tensorflowVersion } from '../engine/versions.js';

export interface Wheel {
  /** Name of the distribution on the package index. */
  readonly name: string;
  readonly version: string;
  /** Platform tag as `pip download --platform` takes it. */
  readonly platform: string;
  readonly megabytes: number;
  readonly keptMegabytes: number;
  /** SHA-256 of the wheel by Python tag (`cp312`), or under `py3` where one file is for all. */
  readonly sha256: Readonly<Record<string, string>>;
  /** Members that are kept: path prefixes and endings inside the wheel; `to` replaces the prefix. */
  readonly keep: readonly { readonly from: string; readonly ending: string; readonly to: string }[];
}

const headers = [
  { from: 'tensorflow/include/tensorflow/c/', ending: '.h', to: 'include/tensorflow/c/' },
  {
    from: 'tensorflow/include/tensorflow/core/platform/',
    ending: '.h',
    to: 'include/tensorflow/core/platform/',
  },
  { from: 'tensorflow/include/tsl/', ending: '.h', to: 'include/tsl/' },
  { from: 'tensorflow/include/xla/tsl/', ending: '.h', to: 'include/xla/tsl/' },
] as const;

/** The two libraries and the C headers; `.so.2` on Linux, `.2.dylib` on macOS. */
const tensorflowKeep = (ending: string): Wheel['keep'] => [
  { from: 'tensorflow/libtensorflow_', ending, to: 'lib/libtensorflow_' },
  ...headers,
];

function nvidia(
  part: string,
  version: string,
  platform: string,
  megabytes: number,
  keptMegabytes: number,
  sha256: string,
): Wheel {
  return {
    name: `nvidia-${part}-cu12`,
    version,
    platform,
    megabytes,
    keptMegabytes,
    sha256: { py3: sha256 },
    // TensorFlow's libraries search for these in ../nvidia/<part>/lib, relative to their own folder
    keep:
      part === 'cuda-nvcc'
        ? [
            { from: 'nvidia/cuda_nvcc/bin/', ending: '', to: 'nvidia/cuda_nvcc/bin/' },
            { from: 'nvidia/cuda_nvcc/nvvm/', ending: '', to: 'nvidia/cuda_nvcc/nvvm/' },
          ]
        : [{ from: 'nvidia/', ending: '.so*', to: 'nvidia/' }],
  };
}

export const wheels = {
  'linux-x64-cpu': [
    {
      name: 'tensorflow-cpu',
      version: tensorflowVersion,
      platform: 'manylinux_2_27_x86_64',
      megabytes: 274,
      keptMegabytes: 860,
      sha256: {
        cp312: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
        cp313: '05af7c26d35f4de910b5598c7b507e3981831a7b0f47fed9a405d995d51d7793',
        cp311: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
        cp310: 'd143e92f5c0661cdfa26eaca8f73cd2efd0ec53a68af8dec82f584ba8eb14b83',
      },
      keep: tensorflowKeep('.so.2'),
    },
  ],
  'linux-x64-cuda': [
    {
      name: 'tensorflow',
      version: tensorflowVersion,
      platform: 'manylinux_2_27_x86_64',
      megabytes: 573,
      keptMegabytes: 1270,
      sha256: {
        cp312: 'b3b95643c4e70eb925839938fb35cbe142f317ec84af6844ee61513713bb13c0',
        cp313: 'e9d8da8dcab9650efb45f032ba70af2f016f907e6e0c6bda29dd101bba945406',
        cp311: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
        cp310: '77c6f298e695ea1d283cdd7d30f8d97530cc6e92c1395a9ddbab9771c99233a4',
      },
      keep: tensorflowKeep('.so.2'),
    },
    nvidia(
      'cublas',
      '12.9.3.13',
      'manylinux_2_27_x86_64',
      582,
      900,
      'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
    ),
    nvidia(
      'cuda-cupti',
      '12.8.90',
      'manylinux2014_x86_64',
      11,
      20,
      'ea0cb07ebda26bb9b29ba82cda34849e73c166c18162d3913575b0c9db9a6182',
    ),
    nvidia(
      'cuda-nvcc',
      '12.9.86',
      'manylinux2010_x86_64',
      41,
      130,
      '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
    ),
    nvidia(
      'cuda-nvrtc',
      '12.9.86',
      'manylinux2010_x86_64',
      90,
      130,
      '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
    ),
    nvidia(
      'cuda-runtime',
      '12.9.79',
      'manylinux2014_x86_64',
      4,
      2,
      '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
    ),
    nvidia(
      'cudnn',
      '9.28.0.42',
      'manylinux_2_27_x86_64',
      717,
      1100,
      '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
    ),
    nvidia(
      'cufft',
      '11.4.1.4',
      'manylinux2014_x86_64',
      201,
      290,
      'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
    ),
    nvidia(
      'curand',
      '10.3.10.19',
      'manylinux_2_27_x86_64',
      69,
      170,
      '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
    ),
    nvidia(
      'cusolver',
      '11.7.5.82',
      'manylinux_2_27_x86_64',
      339,
      500,
      '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
    ),
    nvidia(
      'cusparse',
      '12.5.10.65',
      'manylinux2014_x86_64',
      367,
      470,
      '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
    ),
    nvidia(
      'nccl',
      '2.32.3',
      'manylinux_2_27_x86_64',
      352,
      450,
      'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
    ),
    nvidia(
      'nvjitlink',
      '12.9.86',
      'manylinux2010_x86_64',
      40,
      100,
      'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
    ),
  ],
  'linux-arm64-cpu': [
    {
      name: 'tensorflow',
      version: tensorflowVersion,
      platform: 'manylinux_2_27_aarch64',
      megabytes: 282,
      keptMegabytes: 890,
      sha256: {
        cp312: 'b07d15737406533898e36c7ef7944b1be18e9028dc521b9229952c537bbc5552',
        cp313: 'a10abdfb8b1189210c251021a3f153b7ccc52a8e6521351f3dc3331e8ba593e0',
        cp311: '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
        cp310: '7c97938b25cf70c80ae8619931f85abcdee2ab2eb256c2051202edb3b89e9a5d',
      },
      keep: tensorflowKeep('.so.2'),
    },
  ],
  'darwin-arm64-cpu': [
    {
      name: 'tensorflow',
      version: tensorflowVersion,
      platform: 'macosx_12_0_arm64',
      megabytes: 224,
      keptMegabytes: 745,
      sha256: {
        cp312: '56ecd7d47429acbe1df2694d50b75bf9fc3995ac92cb367cd9af6c4780ead712',
        cp313: 'a145ed46c58192b7c3f9916d070caf4f6afc6dc7e5511f83dd97677f4c4947f4',
        cp311: '51f46f4806139d01fc7920cc72a4c75876f80649bf40ff083ab6212ceb43ca88',
        cp310: '6462632889e0e9ce1455b208c87b86a8c154e899407ef7d426ef1ec71647f565',
      },
      keep: tensorflowKeep('.2.dylib'),
    },
  ],
} as const satisfies Readonly<Record<string, readonly Wheel[]>>;

export type WheelSet = keyof typeof wheels;

/**
 * A C and C++ compiler as a Python package (Zig's clang with its own libraries), for machines that have none.
 */
const zig = (platform: string, megabytes: number, sha256: string): Wheel => ({
  name: 'ziglang',
  version: '0.17.0',
  platform,
  megabytes,
  keptMegabytes: 420,
  sha256: { py3: sha256 },
  keep: [{ from: 'ziglang/', ending: '', to: 'ziglang/' }],
});

export const compilerWheels: Readonly<Record<string, Wheel>> = {
  'linux-x64': zig(
    'manylinux_2_12_x86_64',
    101,
    '97079827064a7492cce5541ceb438ae8003ce1e54e399676da2d62fb7a5dc08b',
  ),
  'linux-arm64': zig(
    'manylinux2014_aarch64',
    101,
    'd2804f94f54f7fcf8169f4b212a619ad688a4e2e6592e976f0cf2e58e2cd8af3',
  ),
};
