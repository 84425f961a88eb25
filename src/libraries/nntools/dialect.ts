/**
 * nntools, which became Lasagne: the LSTM layer of craffel's recurrent branch, as that code runs. Source:
 * nntools/layers.py at 5b40eb2 (variant `commit`) and its predecessor (`seed`).
 *
 * - With peepholes, the pre-activation of the forget and of the output gate *is* the previous cell times
 *   W_cell: x, h and the bias of these gates have no effect (and no gradient). The input gate sees all.
 * - The mask is read only where `backwards`; a masked step keeps the state then.
 * - Input of more than three dimensions is flattened after time.
 * - `backwards` needs a mask: `seed` reverses input and mask and leaves the output reversed, `commit` turns it back.
 * - Arrays: W_in and W_hid of in, forget, modulation, out; four biases; peepholes; hid_init and cell_init (a
 *   row for each row of the batch) where `learn_init`.
 */

import {activation, boolean, choice, integer, other} from '../../dialects/arguments';
import type {ArraySpec} from '../../dialects/arrays';
import {layerDialect} from '../../dialects/dialect';
import {KERAS_2_INITIALIZERS} from '../../keras';
import type {StateName} from '../../recurrence/types';
import {cellWeights, nonlinearity, nonlinearityArgument} from '../lasagne/dialect';

/** It had no releases; a commit says which code is meant. */
export const NNTOOLS = {
  library: 'nntools',
  title: 'nntools',
  releases: ['5b40eb2'],
  complete: true,
  defaultVersion: '5b40eb2',
  initializers: KERAS_2_INITIALIZERS,
};

const GATES = {ingate: 'i', forgetgate: 'f', modulationgate: 'c', outgate: 'o'} as const;

type Nonlinearity = `nonlinearity${'Ingate' | 'Forgetgate' | 'Modulationgate' | 'Outgate' | 'Out'}`;

const initial = (name: string, state: StateName): ArraySpec => ({
  name,
  gates: [],
  holds: [`initial.${state}`],
  form: 'batch',
  init: 'zeros',
});

export const lstm = layerDialect({
  ...NNTOOLS,
  className: 'LSTMLayer',
  arguments: {
    numUnits: integer(),
    nonlinearityIngate: activation('sigmoid'),
    nonlinearityForgetgate: activation('sigmoid'),
    nonlinearityModulationgate: activation('tanh'),
    nonlinearityOutgate: activation('sigmoid'),
    nonlinearityOut: activation('tanh'),
    cellInit: other(),
    hidInit: other(),
    learnInit: boolean(false),
    backwards: boolean(false),
    peepholes: boolean(true),
    variant: choice(['seed', 'commit'], 'commit'),
  },
  arrays: args => [
    ...Object.entries(GATES).flatMap(([name, gate]): ArraySpec[] => [
      {name: `W_in_to_${name}`, gates: [gate], holds: ['kernel'], init: 'normal'},
      {name: `W_hid_to_${name}`, gates: [gate], holds: ['recurrentKernel'], init: 'normal'},
    ]),
    ...Object.entries(GATES).map(
      ([name, gate]): ArraySpec => ({
        name: `b_${name}`,
        gates: [gate],
        holds: ['bias'],
        init: 'zeros',
      }),
    ),
    ...(args.peepholes ? cellWeights({ingate: 'i', forgetgate: 'f', outgate: 'o'}) : []),
    ...(args.learnInit ? [initial('hid_init', 'h'), initial('cell_init', 'c')] : []),
  ],
  recurrence: args => {
    const of = (name: Nonlinearity) => nonlinearity(args[name], `nntools: ${name}`);
    return {
      cell: 'lstm',
      units: args.numUnits,
      bias: true,
      activations: {
        i: of('nonlinearityIngate'),
        f: of('nonlinearityForgetgate'),
        c: of('nonlinearityModulationgate'),
        o: of('nonlinearityOutgate'),
        h: of('nonlinearityOut'),
      },
      peepholes: args.peepholes
        ? {
            i: {rule: 'add', reads: 'previous'},
            f: {rule: 'replace', reads: 'previous'},
            o: {rule: 'replace', reads: 'previous'},
          }
        : undefined,
      mask: 'holdState',
      direction: args.backwards ? 'backward' : 'forward',
      outputOrder: args.variant === 'seed' ? 'processed' : 'time',
    };
  },
  behaviour: args => ({
    units: args.numUnits,
    returnSequences: true,
    returnState: false,
    stateful: false,
    dropout: {input: 0, recurrent: 0, masks: 'shared'},
    ignoresMask: !args.backwards,
    needsMask: args.backwards,
    flattens: true,
  }),
  inputs: [{role: 'mask', implicit: 'mask'}],
  fromRecurrence: r => ({
    numUnits: r.units,
    nonlinearityIngate: nonlinearityArgument(r.activations.i),
    nonlinearityForgetgate: nonlinearityArgument(r.activations.f),
    nonlinearityModulationgate: nonlinearityArgument(r.activations.c),
    nonlinearityOutgate: nonlinearityArgument(r.activations.o),
    nonlinearityOut: nonlinearityArgument(r.activations.h),
    backwards: r.direction === 'backward',
    variant: r.outputOrder === 'processed' ? 'seed' : 'commit',
    peepholes: r.peepholes !== undefined,
  }),
});
