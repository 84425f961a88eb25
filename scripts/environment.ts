/** A variable of the environment that this project reads. */
export interface Variable {
  readonly names: readonly string[];
  readonly does: string;
  /** What holds where it is not set. */
  readonly unset?: string;
}

/** Whose variables they are: those of the package's users, and those of a clone. */
export type Audience = 'package' | 'clone';

const CACHE = '`~/.cache/carryover`, or `carryover` in `$XDG_CACHE_HOME`';

/** Every environment variable, once. `test/environment.test.ts` holds it against what the code reads. */
export const ENVIRONMENT: Readonly<Record<Audience, readonly Variable[]>> = {
  package: [
    {names: ['CARRYOVER_DEBUG'], does: '`1`: an unexpected error of the command line shows its stack'},
    {
      names: ['CARRYOVER_CACHE', 'XDG_CACHE_HOME'],
      does: 'the folder that the native set-up keeps its downloads and builds in',
      unset: CACHE,
    },
    {
      names: ['PYTHON'],
      does: 'the Python that the native set-up uses, for pip',
      unset: '`python3`, `python`',
    },
    {
      names: ['CXX'],
      does: 'the C++ compiler that the native set-up uses, with arguments if need be',
      unset: '`c++`, `g++`, `clang++`',
    },
    {
      names: ['npm_config_nodedir'],
      does: 'a folder with `include/node/node_api.h`, for the native set-up',
      unset: 'the headers beside Node, those of the system, or the package `node-api-headers`',
    },
    {
      names: ['TFJS_NODE_CDN_STORAGE', 'npm_config_TFJS_NODE_CDN_STORAGE', 'CDN_STORAGE'],
      does: "the host that tfjs-node's install script downloads its library from",
      unset: "tfjs-node's own",
    },
    {
      names: ['TF_CPP_MIN_LOG_LEVEL'],
      does: "TensorFlow's own messages, 0 (all) to 3 (none)",
      unset: '2 (errors)',
    },
  ],
  clone: [
    {
      names: ['CI'],
      does: '`true`: what is missing (native backend, Pythons with the old libraries) is a failure, and `npm test` runs other releases of Node too',
      unset: 'the log says what was not run',
    },
    {
      names: ['CARRYOVER_RUNS'],
      does: 'how many random recurrences each property test of the engines draws',
      unset: '40 to 300, test by test',
    },
    {
      names: ['CHROMIUM'],
      does: 'the browser that tests drive',
      unset: '`chromium`, `chromium-browser` or `google-chrome` of the PATH',
    },
    {
      names: ['CARRYOVER_BROWSER'],
      does: '`required`: a test fails where there is no browser',
      unset: 'the log says so',
    },
    {
      names: [
        'CARRYOVER_PYTHON27',
        'CARRYOVER_PYTHON36',
        'CARRYOVER_PYTHON37',
        'CARRYOVER_PYTHON38',
        'CARRYOVER_PYTHON311',
      ],
      does: 'the Pythons that environments with the old libraries are made from',
      unset: '`python2.7` and so on of the PATH, then those of pyenv',
    },
    {
      names: ['THEANO_FLAGS'],
      does: "Theano's own settings, where outputs of Keras on Theano are computed anew",
      unset: 'float32, without its C compiler',
    },
    {names: ['PYENV_ROOT'], does: "pyenv's folder", unset: '`~/.pyenv`'},
    {
      names: ['CARRYOVER_BENCH_PYTHON'],
      does: 'a Python with PyTorch, for benchmarks',
      unset: 'the one that has TensorFlow',
    },
    {
      names: ['CARRYOVER_BENCH_DEVICE'],
      does: 'where PyTorch runs in benchmarks, such as `cuda`',
      unset: '`cpu`',
    },
    {
      names: ['KERNEL_NAMES'],
      does: 'anything: the wasm kernel is built with its function names, for profilers',
    },
  ],
};

/** The tables of docs/environment.md. */
export function environmentTables(): string {
  const titles: Readonly<Record<Audience, string>> = {
    package: 'Read by the package',
    clone: 'Read by the scripts and tests of a clone',
  };
  const section = (audience: Audience): string => {
    const rows = ENVIRONMENT[audience].map(
      ({names, does, unset = ''}) =>
        `| ${names.map(name => `\`${name}\``).join(', ')} | ${does} | ${unset} |`,
    );
    return [
      `## ${titles[audience]}`,
      '',
      '| variable | effect | where it is not set |',
      '|---|---|---|',
      ...rows,
    ].join('\n');
  };
  return `${section('package')}\n\n${section('clone')}`;
}
