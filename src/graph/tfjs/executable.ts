import {type GraphModel, loadGraphModelSync, registerOp} from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type {NdArray} from '../../../converters/arrays';
import type {GraphNode} from '../../../converters/graph-def/node';
import {attr, byName, nodeName, outputIndex} from '../nodes';
import type {Ref} from '../types';
import type {Executable, Operation, Program} from './operation';
import {graphArtifacts} from './topology';
import {checkWholeNumbers} from './whole-numbers';

/** The one operation that is registered with TensorFlow.js: it calls one of these by its number. */
const CALL = 'CarryoverCall';
const called = new Map<number, Operation>();
let count = 0;
let registered = false;

function register(): void {
  if (registered) return;
  registered = true;
  registerOp(CALL, ({inputs, attrs}) => called.get(Number(attrs.number))!(inputs));
}

/**
 * Makes a program ready to be run by TensorFlow.js' graph executor.
 * @param constant the value of a `Const` node
 * @throws CarryoverError `E_UNSUPPORTED` for whole numbers beyond int32
 */
export function executableOf(
  {nodes, operations, inputs}: Program,
  constant: (node: GraphNode) => NdArray | undefined,
): Executable {
  register();
  checkWholeNumbers(nodes, constant);
  const numbers: number[] = [];
  const all = nodes.map(node => {
    const operation = operations.get(node.name);
    if (!operation) return node;
    called.set(++count, operation);
    numbers.push(count);
    return {...node, op: CALL, attributes: new Map([['number', attr({i: count})]])};
  });
  const names = byName(all);
  // A placeholder that nothing reads is no part of the graph.
  const placeholders = inputs.filter(name => !names.has(name)).map(placeholder);
  const whole = [...all, ...placeholders];
  let model: GraphModel | undefined;
  const ready = (): GraphModel => {
    if (!model) {
      model = loadGraphModelSync(graphArtifacts(whole, constant)) as unknown as GraphModel;
      // They outlive the call in which they are made.
      for (const tensors of Object.values(model.weights)) for (const tensor of tensors) tf.keep(tensor);
    }
    return model;
  };
  return {
    run: (given, refs) => runModel(ready(), given, refs, inputs, names),
    dispose() {
      for (const number of numbers) called.delete(number);
      model?.dispose();
      model = undefined;
    },
  };
}

/** A placeholder of any type. */
const placeholder = (name: string): GraphNode => ({
  name,
  op: 'Placeholder',
  inputs: [],
  device: '',
  attributes: new Map(),
  where: name,
});

/** Inputs and constants that are asked for are handed on; all else is computed. */
function runModel(
  model: GraphModel,
  given: readonly tf.Tensor[],
  refs: readonly Ref[],
  inputs: readonly string[],
  names: ReadonlyMap<string, GraphNode>,
): tf.Tensor[] {
  const own = new Map(inputs.map((name, k) => [name, given[k]!]));
  const direct = (ref: Ref): tf.Tensor | undefined => {
    const name = nodeName(ref);
    if (own.has(name)) return own.get(name);
    return names.get(name)?.op === 'Const' ? model.weights[name]?.[0] : undefined;
  };
  const asked = [...new Set(refs.filter(ref => !direct(ref)))];
  const made = new Map<Ref, tf.Tensor>();
  if (asked.length > 0) {
    const out = model.execute(Object.fromEntries(own), asked.map(short));
    for (const [k, tensor] of [out].flat().entries()) made.set(asked[k]!, tensor);
  }
  return refs.map((ref, k) => {
    const found = direct(ref) ?? (refs.indexOf(ref) === k ? undefined : made.get(ref));
    return found ? tf.clone(found) : made.get(ref)!;
  });
}

const short = (ref: Ref): string => (outputIndex(ref) === 0 ? nodeName(ref) : ref);
