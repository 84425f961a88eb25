import * as tf from '@tensorflow/tfjs-core';
import type {GraphFunction} from '../../../converters/graph-def/graph';
import {attribute, type GraphNode} from '../../../converters/graph-def/node';
import {CarryoverError} from '../../errors';
import {byName, inPlaceOf, reach} from '../nodes';
import {RECURRENCE, type Ref} from '../types';
import {arrayOperation} from './arrays';
import {honoured} from './attributes';
import {type Branch, takeBranch} from './branches';
import {cutPart, type Part, within} from './cut';
import {functionPart} from './functions';
import {PASSING, TFJS_OPERATIONS} from './known';
import {type Loop, takeLoop} from './loops';
import type {Executable, Operation, Program} from './operation';
import {ownOperation} from './own';

/** What programs are made with. */
export interface Making {
  readonly functions: ReadonlyMap<string, GraphFunction>;
  executable(program: Program): Executable;
  recurrence(node: GraphNode): Operation | undefined;
}

/**
 * A part of a graph as a program: loops and branches are operations that run programs of their own.
 * @param around the operations of loops and branches that were taken out before, which may be within this part
 * @throws CarryoverError `E_UNSUPPORTED` for operations that nothing here runs
 */
export function programOf(
  part: Part,
  making: Making,
  around: ReadonlyMap<string, Operation> = new Map(),
): Program {
  const operations = new Map(around);
  let nodes = part.nodes;
  for (let taken = takeLoop(nodes); taken; taken = takeLoop(nodes)) {
    operations.set(taken.loop.node.name, loopOperation(taken.loop, making, new Map(operations)));
    nodes = taken.nodes;
  }
  for (let taken = takeBranch(nodes); taken; taken = takeBranch(nodes)) {
    operations.set(taken.branch.node.name, branchOperation(taken.branch, making, new Map(operations)));
    nodes = taken.nodes;
  }
  // What loops and branches were made of is left behind.
  const needed = reach(part.results, byName(nodes));
  const checked = nodes
    .filter(({name}) => needed.has(name))
    .map(node => {
      if (operations.has(node.name)) return node;
      if (PASSING.has(node.op))
        return inPlaceOf(node, 'Identity', {inputs: node.inputs.slice(0, 1), attributes: node.attributes});
      const own = operationOf(node, making);
      if (own) operations.set(node.name, own);
      else if (!TFJS_OPERATIONS.has(node.op)) throw unknown(node);
      else return honoured(node);
      return node;
    });
  return {nodes: checked, operations, inputs: part.inputs};
}

function operationOf(node: GraphNode, making: Making): Operation | undefined {
  if (node.op === RECURRENCE) return making.recurrence(node);
  if (/^(Stateless)?While$/.test(node.op)) return whileOperation(node, making);
  if (/^(Stateless)?If$/.test(node.op)) return ifOperation(node, making);
  return arrayOperation(node) ?? ownOperation(node);
}

function unknown({op, name, where}: GraphNode): CarryoverError {
  return new CarryoverError(
    'E_UNSUPPORTED',
    `${where}: operation ${op} is not known here; ask for a tensor before it (outputs; on the command line: --until NAME), ` +
      `give what it makes as an input (--input ${name}=FILE), or use the native backend (--backend tensorflow --engine native)`,
    {found: op},
  );
}

function loopOperation(
  {node, given, condition, next, inside}: Loop,
  making: Making,
  around: ReadonlyMap<string, Operation>,
): Operation {
  const part = (refs: readonly Ref[]): Executable =>
    making.executable(programOf(cutPart(inside, refs, given), making, around));
  const [test, body] = [part([condition]), part(next)];
  return turning({
    variables: next.length,
    goesOn: inputs => test.run(inputs, within([condition], given)),
    turn: inputs => body.run(inputs, within(next, given)),
    where: node.where,
  });
}

function whileOperation(node: GraphNode, making: Making): Operation {
  const [condition, body] = ['cond', 'body'].map(name => callable(node, name, making));
  return turning({
    variables: node.inputs.length,
    goesOn: condition!,
    turn: body!,
    where: node.where,
  });
}

function ifOperation(node: GraphNode, making: Making): Operation {
  const [yes, no] = ['then_branch', 'else_branch'].map(name => callable(node, name, making));
  return ([condition, ...inputs]) => (isTrue(condition!) ? yes! : no!)(inputs);
}

/** A function that a node names, to be called. */
function callable(node: GraphNode, name: string, making: Making): Operation {
  const called = attribute(node, name)?.function ?? '';
  const found = making.functions.get(called);
  if (!found) {
    throw new CarryoverError(
      'E_FORMAT',
      `${node.where}: ${name} is function '${called}', which is not in the graph`,
    );
  }
  const part = functionPart(found);
  const executable = making.executable(programOf(part, making));
  return inputs => executable.run(inputs, part.results);
}

function branchOperation(
  {given, sides, inside}: Branch,
  making: Making,
  around: ReadonlyMap<string, Operation>,
): Operation {
  const [no, yes] = sides.map((refs: readonly Ref[]): Operation => {
    const executable = making.executable(programOf(cutPart(inside, refs, given), making, around));
    return inputs => executable.run(inputs, within(refs, given));
  });
  return ([condition, ...inputs]) => (isTrue(condition!) ? yes! : no!)(inputs);
}

const isTrue = (condition: tf.Tensor): boolean => Boolean(condition.dataSync()[0]);

interface Turning {
  /** How many of the inputs change; those after them do not. */
  readonly variables: number;
  readonly goesOn: Operation;
  readonly turn: Operation;
  readonly where: string;
}

/** Turns round until the condition no longer holds. Only the newest values of the variables are kept. */
function turning({variables, goesOn, turn}: Turning): Operation {
  return inputs => {
    const constants = inputs.slice(variables);
    let state = inputs.slice(0, variables).map(tensor => tf.clone(tensor));
    while (tf.tidy(() => isTrue(goesOn([...state, ...constants])[0]!))) {
      const next = tf.tidy(() => turn([...state, ...constants]));
      for (const old of state) old.dispose();
      state = next;
    }
    return state;
  };
}

/** The whole of a graph, its placeholders as inputs. */
export function wholePart(
  nodes: readonly GraphNode[],
  wanted: readonly Ref[],
  placeholders: readonly string[],
): Part {
  const given = placeholders.map(name => [`${name}:0`]);
  return cutPart(byName(nodes), wanted, given);
}
