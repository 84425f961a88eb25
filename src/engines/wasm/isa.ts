/**
 * The kernel's instruction set, declared once. TypeScript encodes programs from these tables (`compile/assembler.ts`);
 * `scripts/build-kernel.mjs` derives the kernel's side from them: a class per layout, whose fields are the words, an enum
 * of element operations, the constants, and the loop that dispatches instructions.
 *
 * A program is a `header`, instructions section by section, then lists of `move`s. All words have 32 bits.
 */

/**
 * What a word holds:
 *
 * | kind | in TypeScript | in the kernel |
 * |---|---|---|
 * | `address` | a `Place` | an address, relocated when the program is loaded |
 * | `address?` | a `Place`, or undefined | the same; 0 where the operation reads no such operand |
 * | `bytes`, `count` | a number | the number |
 * | `steps` | a number, or `ITERATION` | a count; −1 stands for the steps of the iteration |
 * | `float` | a number | float32 |
 * | `flag` | a boolean | 1 or 0 |
 * | `mask` | a boolean | −1 (all bits set) or 0 |
 * | `operation` | a name of `ELEMENT_OPERATIONS` | its index |
 * | `operations` | a list of words of an `operation` | their number; the operations follow the instruction |
 */
export type WordKind =
  | 'address'
  | 'address?'
  | 'bytes'
  | 'count'
  | 'steps'
  | 'float'
  | 'flag'
  | 'mask'
  | 'operation'
  | 'operations';

/** Words by name, in the order in which they lie. */
export type Layout = Readonly<Record<string, WordKind>>;

/** Constants that TypeScript and the kernel agree on. */
export const CONSTANTS = {
  /** Bytes at the memory's beginning that hold the kernel's own constants. The heap begins behind them. */
  RESERVED: 256,
  /** Elements of the blocks in which `elements` runs its operations one after the other. */
  BLOCK: 512,
  /** Panels of packed weights that lie side by side, each two vectors wide. */
  GROUP: 4,
  /** In a word of kind `steps`: as many as the iteration has. */
  ITERATION: -1,
} as const;

/** Activations that the kernel computes, f(a); each has a slope, a·f′(x) from b = f(x). p and q are its parameters. */
const ACTIVATIONS = [
  'tanh',
  'sigmoid',
  'relu',
  'softplus',
  'softsign',
  'exponential',
  'hardSigmoid',
  'elu',
  'leakyRelu',
  'scaledTanh',
  'cappedRelu',
] as const;
export type ActivationName = (typeof ACTIVATIONS)[number];

const ARITHMETIC = [
  'copy',
  'add',
  'multiply',
  /** a·b + c */
  'multiplyAdd',
  /** 1 − a */
  'complement',
  'negate',
  /** a + p */
  'offset',
  /** a, no lower than −p and no higher than p */
  'clip',
  /** 1 where |a| ≤ p, 0 elsewhere */
  'inside',
  'zero',
] as const;

export type ElementOperation = (typeof ARITHMETIC)[number] | ActivationName | `${ActivationName}Slope`;

/** Every element-wise operation on a, b and c; its code is its index. */
export const ELEMENT_OPERATIONS: readonly ElementOperation[] = [
  ...ARITHMETIC,
  ...ACTIVATIONS,
  ...ACTIVATIONS.map(name => `${name}Slope` as const),
];

/** Rows of `elements`, `stride` bytes apart. */
const strided = {rows: 'count', elements: 'count', stride: 'bytes'} as const;

/** Every instruction and its words. The first word of an instruction is its opcode: its index here. */
export const INSTRUCTIONS = {
  /** Runs element-wise operations over values of `bytes`, block by block. */
  elements: {bytes: 'bytes', operations: 'operations'},
  /**
   * C += A·B for `outer` times `rows` rows of A. B is packed, `depth` high; C has `vectors` in all,
   * `gateVectors` in each gate.
   */
  product: {
    a: 'address',
    aOuter: 'bytes',
    aRow: 'bytes',
    outer: 'steps',
    rows: 'steps',
    depth: 'count',
    b: 'address',
    vectors: 'count',
    gateVectors: 'count',
    c: 'address',
    cOuter: 'bytes',
    cRow: 'bytes',
    cGate: 'bytes',
  },
  /**
   * Packs a matrix as `product` reads it. Element (k, gate, column) is at `from` + k·`depthStride` + gate·`gateStride` +
   * column·`columnStride`; each gate is filled up with zeros to `gateVectors` vectors.
   */
  pack: {
    to: 'address',
    from: 'address',
    depth: 'count',
    gates: 'count',
    columns: 'count',
    gateVectors: 'count',
    depthStride: 'bytes',
    gateStride: 'bytes',
    columnStride: 'bytes',
  },
  /** C += Aᵀ·B, summed over `rows` rows of every step of the iteration: a weight's gradient. */
  outerProduct: {
    a: 'address',
    aStep: 'bytes',
    aRow: 'bytes',
    columns: 'count',
    b: 'address',
    bStep: 'bytes',
    bRow: 'bytes',
    bGate: 'bytes',
    rows: 'count',
    vectors: 'count',
    gateVectors: 'count',
    c: 'address',
    cRow: 'bytes',
    /** Room for A transposed, then for four panels of B. */
    scratch: 'address',
  },
  /** Copies `outer` times `rows` rows of `elements`. */
  stridedCopy: {
    to: 'address',
    toOuter: 'bytes',
    toRow: 'bytes',
    from: 'address',
    fromOuter: 'bytes',
    fromRow: 'bytes',
    outer: 'steps',
    rows: 'steps',
    elements: 'count',
  },
  /** Fills each row of `vectors` with one element of `from`. */
  broadcast: {to: 'address', from: 'address', rows: 'count', vectors: 'count'},
  zero: {to: 'address', bytes: 'bytes'},
  /** Adds `outer` times `rows` rows of `vectors` to the one row at `to`. */
  sumRows: {
    to: 'address',
    from: 'address',
    fromOuter: 'bytes',
    fromRow: 'bytes',
    outer: 'steps',
    rows: 'count',
    vectors: 'count',
  },
  /** 1 / √(variance of x's row + epsilon), a number for each row. */
  inverseDeviation: {...strided, to: 'address', x: 'address', epsilon: 'float'},
  /** (x − mean of x's row) · scale, with a scale for each row. */
  standardize: {...strided, to: 'address', x: 'address', scale: 'address'},
  /** The gradient of x through both, from y = standardize(x, scale). */
  standardizeGradient: {...strided, to: 'address', dy: 'address', y: 'address', scale: 'address'},
  /** Waits until all programs that share a counter have come as far. */
  barrier: {
    counter: 'address',
    programs: 'count',
    /** The program's own word: what the counter is once all have arrived. */
    target: 'address',
    maySleep: 'flag',
  },
} as const satisfies Readonly<Record<string, Layout>>;

export type InstructionName = keyof typeof INSTRUCTIONS;

/** Layouts that are no instructions. */
export const RECORDS = {
  header: {
    steps: 'count',
    /** The most steps of an iteration. */
    iterationSteps: 'count',
    /** Where each section begins; a section ends where the next one begins. */
    before: 'address',
    open: 'address',
    step: 'address',
    close: 'address',
    after: 'address',
    end: 'address',
    /** Where the lists of moves by step and by iteration begin, and where the latter ends. */
    stepMoves: 'address',
    iterationMoves: 'address',
    movesEnd: 'address',
  },
  /** The address of a word, and by how much it moves. */
  move: {word: 'address', bytes: 'bytes'},
  /** to = operation(a, b, c; p, q). An operand whose mask is 0 has one block only, the same for every block of the value. */
  operation: {
    operation: 'operation',
    to: 'address',
    toMask: 'mask',
    a: 'address?',
    aMask: 'mask',
    b: 'address?',
    bMask: 'mask',
    c: 'address?',
    cMask: 'mask',
    p: 'float',
    q: 'float',
  },
  /** What programs share that meet at a barrier: how many have arrived, how many sleep, how often one waited too long. */
  counter: {arrived: 'count', sleeping: 'count', late: 'count'},
} as const satisfies Readonly<Record<string, Layout>>;
