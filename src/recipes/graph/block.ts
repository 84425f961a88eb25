import type {GraphNode} from '../../../converters/graph-def/node';
import {type CellStep, exact, type Matcher} from './match';
import type {GraphVariable} from './variables';
import {dataInputs, outputRef, type Ref} from './view';

/**
 * The fused cells: operations of their own. Source: contrib/rnn/ops/{lstm,gru}_ops.cc of 1.15.5.
 */
export function blockStep(matcher: Matcher, node: GraphNode): CellStep | undefined {
  switch (node.op) {
    case 'LSTMBlockCell':
      return lstmBlock(matcher, node, dataInputs(node), 'LSTMBlockCell');
    // After the length that all rows share.
    case 'BlockLSTM':
      return lstmBlock(matcher, node, dataInputs(node).slice(1), 'LSTMBlockFusedCell');
    case 'GRUBlockCell':
      return gruBlock(matcher, node);
    default:
      return undefined;
  }
}

function lstmBlock(
  {view, variables}: Matcher,
  node: GraphNode,
  inputs: readonly Ref[],
  className: string,
): CellStep | undefined {
  const [x, c, h, w, wci, wcf, wco, b] = inputs;
  const [kernel, bias] = [variables.of(w), variables.of(b)];
  if (!kernel || !bias || x === undefined || c === undefined || h === undefined) return undefined;
  const peephole = view.flag(node, 'use_peephole');
  const given: Record<string, GraphVariable | undefined> = peephole
    ? {w_i_diag: variables.of(wci), w_f_diag: variables.of(wcf), w_o_diag: variables.of(wco)}
    : {};
  if (Object.values(given).includes(undefined)) return undefined;
  const clip = view.float(node, 'cell_clip') ?? 0;
  return {
    className,
    config: {
      num_units: bias.shape[0]! / 4,
      forget_bias: exact(view.float(node, 'forget_bias') ?? 1),
      ...(peephole && {use_peephole: true}),
      ...(clip > 0 && {cell_clip: exact(clip)}),
    },
    variables: {kernel, bias, ...(given as Record<string, GraphVariable>)},
    x,
    previous: [c, h],
    next: [outputRef(node, 1), outputRef(node, 6)],
    output: outputRef(node, 6),
  };
}

function gruBlock({variables}: Matcher, node: GraphNode): CellStep | undefined {
  const [x, h, ru, c, bru, bc] = dataInputs(node);
  const arrays = [ru, bru, c, bc].map(ref => variables.of(ref));
  if (x === undefined || h === undefined || arrays.includes(undefined)) return undefined;
  const [gates, gatesBias, candidate, candidateBias] = arrays as GraphVariable[];
  const own = [gates!.array].flat().some(name => /w_ru$/.test(name));
  const roles: Record<string, GraphVariable> = own
    ? {w_ru: gates!, b_ru: gatesBias!, w_c: candidate!, b_c: candidateBias!}
    : {
        'gates/kernel': gates!,
        'gates/bias': gatesBias!,
        'candidate/kernel': candidate!,
        'candidate/bias': candidateBias!,
      };
  return {
    className: own ? 'GRUBlockCell' : 'GRUBlockCellV2',
    config: {num_units: candidateBias!.shape[0]},
    variables: roles,
    x,
    previous: [h],
    next: [outputRef(node, 3)],
    output: outputRef(node, 3),
  };
}
