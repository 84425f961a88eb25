import {CarryoverError} from '../errors';
import {
  type DraftCell,
  type DraftLayer,
  isSequence,
  multiCell,
  outputsOf,
  type RecipeDraft,
  stateNames,
} from './draft';
import {cellsFromNames, type FoundCell} from './names/cells';
import type {ArrayChoice, NamedShape} from './names/model-arrays';
import {type FoundPlain, plainFromNames} from './names/plain';

/** Cells that take a forget bias, and what it is where nothing is said. */
const FORGET_BIAS =
  /^(BasicLSTMCell|LSTMCell|LSTMBlock\w*Cell|LayerNormBasicLSTMCell|CoupledInput\w+|UGRNNCell|IndyLSTMCell)$/;

interface Sequence {
  readonly draft: DraftLayer;
  readonly inputSize: number;
  readonly outputSize: number;
}

/**
 * A first recipe for a TensorFlow 1.x checkpoint, from the names and shapes of its arrays alone: embedding, recurrent
 * layers, dense layers, softmax, as far as their sizes let them follow one another. What they do not tell is in `assumed`.
 *
 * @param where the file, for messages
 * @throws CarryoverError `E_ARCHITECTURE` where no cell is found
 */
export function recipeFromNames(
  arrays: readonly (NamedShape & {readonly dtype?: string})[],
  where: string,
  choice?: ArrayChoice,
): RecipeDraft {
  const cells = cellsFromNames(arrays, choice);
  if (cells.length === 0) {
    const some = arrays.slice(0, 6).map(({name}) => name);
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: no cell of TensorFlow 1.x among its arrays (${some.join(', ')}, ...); write a recipe by hand`,
    );
  }
  const kernel = Object.values(cells[0]!.variables).flat()[0];
  // Data are of their weights' type; float16 has no words for them here.
  const double = arrays.find(({name}) => name === kernel)?.dtype === 'float64';
  return new Chain(cells, plainFromNames(arrays, cells, choice)).recipe(double ? 'float64' : 'float32');
}

class Chain {
  private readonly layers: DraftLayer[] = [];
  private readonly assumed: string[] = [];
  private readonly plain: FoundPlain[];

  constructor(
    private readonly cells: readonly FoundCell[],
    {layers, others}: ReturnType<typeof plainFromNames>,
  ) {
    this.plain = [...layers];
    for (const {name, shape} of others)
      this.assumed.push(`'${name}' [${shape.join(', ')}] is left out: it tells no layer; add it`);
  }

  recipe(data: string): RecipeDraft {
    const sequences = this.ordered(this.sequences());
    const first = sequences[0]!;
    const embedding = this.take(
      ({className, outputSize}) => className === 'Embedding' && outputSize === first.inputSize,
    );
    if (embedding) this.addEmbedding(embedding);
    let size = embedding?.outputSize ?? first.inputSize;
    for (const [k, sequence] of sequences.entries()) {
      const {draft, inputSize, outputSize} = sequence;
      if (inputSize !== size) {
        this.assumed.push(
          `'${draft.name}' follows what is before it, although that is ${size} wide and it reads ${inputSize}; put right what it takes ("from")`,
        );
      }
      this.layers.push(draft);
      const read = k < sequences.length - 1 || this.plain.some(layer => layer.inputSize === outputSize);
      if (draft.cell_fw && read) this.join(draft);
      size = outputSize;
    }
    this.addHeads(size, embedding);
    for (const {variables} of this.plain)
      this.assumed.push(
        `${Object.values(variables).join(', ')}: left out, their sizes fit nowhere; add them`,
      );
    this.assume();
    const dtype = embedding ? 'int32' : data;
    const shape = embedding ? [null, null] : [null, null, first.inputSize];
    return {
      carryover: 1,
      inputs: [{name: 'x', shape, dtype}],
      layers: this.layers,
      outputs: outputsOf(this.layers),
      assumed: this.assumed,
    };
  }

  private take(fits: (layer: FoundPlain) => boolean): FoundPlain | undefined {
    const index = this.plain.findIndex(fits);
    return index < 0 ? undefined : this.plain.splice(index, 1)[0];
  }

  private addEmbedding({inputSize, outputSize, variables}: FoundPlain): void {
    const config = {input_dim: inputSize, output_dim: outputSize};
    this.layers.push({library: 'keras2', class: 'Embedding', name: 'embedding', config, variables});
  }

  private sequences(): Sequence[] {
    const scopes = [...new Set(this.cells.map(({place}) => place.layer))];
    return scopes.map((scope, k) => {
      const own = this.cells.filter(({place}) => place.layer === scope);
      return sequenceOf(own, scopes.length === 1 ? 'rnn' : `rnn_${k}`);
    });
  }

  /** As sizes let them follow one another; else as their scopes sort. */
  private ordered(sequences: readonly Sequence[]): Sequence[] {
    const left = [...sequences];
    const sources = this.plain
      .filter(({className}) => className === 'Embedding')
      .map(({outputSize}) => outputSize);
    const outputs = sequences.map(({outputSize}) => outputSize);
    const start = left.findIndex(
      ({inputSize}) => sources.includes(inputSize) || !outputs.includes(inputSize),
    );
    const result = left.splice(Math.max(start, 0), 1);
    while (left.length > 0) {
      const size = result.at(-1)!.outputSize;
      const next = left.findIndex(({inputSize}) => inputSize === size);
      result.push(...left.splice(Math.max(next, 0), 1));
    }
    return result;
  }

  private join({name}: DraftLayer): void {
    const from = [`${name}.fw.y`, `${name}.bw.y`];
    this.layers.push({
      library: 'keras2',
      class: 'Concatenate',
      name: `${name}_joined`,
      config: {axis: -1},
      from,
    });
    this.assumed.push(`both directions of '${name}' are joined, forward first`);
  }

  private addHeads(width: number, embedding: FoundPlain | undefined): void {
    let size = width;
    const heads: FoundPlain[] = [];
    for (;;) {
      // An output layer without a bias looks like an embedding.
      const head = this.take(
        ({inputSize, className}) => inputSize === size && (className === 'Dense' || heads.length === 0),
      );
      if (!head) break;
      heads.push(head);
      size = head.outputSize;
    }
    for (const [k, {outputSize, variables}] of heads.entries()) {
      const last = k === heads.length - 1;
      const {kernel = variables.embeddings!, bias} = variables;
      const config = {units: outputSize, activation: 'linear', ...(bias ? {} : {use_bias: false})};
      const from = k === 0 ? this.lastStates(outputSize, last, embedding) : undefined;
      const name = last ? 'logits' : `dense_${k}`;
      const roles: Record<string, string> = bias ? {kernel: kernel!, bias} : {kernel: kernel!};
      this.layers.push({
        library: 'keras2',
        class: 'Dense',
        name,
        config,
        variables: roles,
        ...(from && {from}),
      });
      this.assumed.push(`'${name}' has no activation of its own (activation linear)`);
    }
    if (heads.length > 0 && size > 1) {
      this.layers.push({library: 'keras2', class: 'Softmax', name: 'probs', config: {}, from: ['logits']});
      this.assumed.push(`a softmax follows 'logits' ('probs')`);
    }
  }

  /** A dense layer as wide as the vocabulary reads every step; another the last one. */
  private lastStates(units: number, last: boolean, embedding: FoundPlain | undefined): string[] | undefined {
    const sequence = this.layers.findLast(isSequence)!;
    if (!last || !embedding || units === embedding.inputSize || sequence.cell_fw) {
      this.assumed.push(`the dense layer after '${sequence.name}' reads its output at every step`);
      return undefined;
    }
    const state = stateNames(sequence).at(-1)!;
    this.assumed.push(
      `the dense layer after '${sequence.name}' reads its final state (${state}), not its output`,
    );
    return [`${sequence.name}.${state}`];
  }

  private assume(): void {
    const lstm = this.cells.filter(({className}) => FORGET_BIAS.test(className));
    if (lstm.length > 0) {
      this.assumed.push(
        'forget_bias is 1.0, the default; it is added at run time and not in the file (the PTB tutorial has 0.0, so have checkpoints of CudnnLSTM)',
      );
    }
    if (this.cells.some(({className}) => /LSTM/.test(className)))
      this.assumed.push('states are tuples (state_is_tuple true), cells and projections are not clipped');
    this.assumed.push('activations are the defaults of each cell');
    this.assumed.push('time_major is false: data are [batch, time, features]');
    this.assumed.push(
      'rows are not of different lengths (for sequence_length add an input "lengths", [null], int32)',
    );
    this.assumed.push('initial states are zero (to give them add inputs named as the states)');
    for (const {scope, candidates} of this.cells)
      if (candidates.length > 1)
        this.assumed.push(
          `'${scope}' is a ${candidates[0]}; it could be ${candidates.slice(1).join(' or ')}`,
        );
  }
}

function sequenceOf(cells: readonly FoundCell[], name: string): Sequence {
  const common = {library: 'tf1', name};
  const fw = cells.filter(({place}) => place.direction === 'fw');
  const bw = cells.filter(({place}) => place.direction === 'bw');
  const inputSize = cells[0]!.inputSize;
  if (fw.length > 0 && bw.length > 0) {
    return {
      draft: {
        ...common,
        class: 'bidirectional_dynamic_rnn',
        config: {time_major: false},
        cell_fw: multiCell(fw.map(draftCell)),
        cell_bw: multiCell(bw.map(draftCell)),
      },
      inputSize,
      outputSize: fw.at(-1)!.outputSize + bw.at(-1)!.outputSize,
    };
  }
  const {outputSize} = cells.at(-1)!;
  if (cells.length === 1 && cells[0]!.className === 'LSTMBlockFusedCell') {
    return {draft: {...common, ...draftCell(cells[0]!)}, inputSize, outputSize};
  }
  const cell = multiCell(cells.map(draftCell));
  return {draft: {...common, class: 'dynamic_rnn', config: {time_major: false}, cell}, inputSize, outputSize};
}

function draftCell({className, config, variables}: FoundCell): DraftCell {
  const forgetBias = FORGET_BIAS.test(className) ? {forget_bias: 1} : {};
  return {class: className, config: {...config, ...forgetBias}, variables};
}
