import type {Target} from './layout';
import {dataInputs, type GraphView, type Ref} from './view';

/** The shape that a `Reshape` asks for, as far as the graph says it without data. */
export function targetOf(view: GraphView, ref: Ref | undefined): Target {
  return {sizes: sizesOf(view, ref)};
}

/** Size by size, null for what is computed from data; undefined where not even the number of axes is known. */
function sizesOf(view: GraphView, ref: Ref | undefined): (number | null)[] | undefined {
  const node = ref === undefined ? undefined : view.source(ref);
  if (!node) return undefined;
  if (node.op === 'Const') return view.numbers(ref);
  const inputs = dataInputs(node);
  if (node.op === 'Pack') return inputs.map(input => view.number(input) ?? null);
  // The sizes of certain axes, as `tensordot` gathers them.
  if (/^Gather/.test(node.op)) return view.numbers(inputs[1])?.map(() => null);
  if (node.op !== 'ConcatV2' && node.op !== 'Concat') return undefined;
  const parts = (node.op === 'Concat' ? inputs.slice(1) : inputs.slice(0, -1)).map(part =>
    sizesOf(view, part),
  );
  const last = parts.at(-1);
  if (parts.includes(undefined)) return undefined;
  return last && parts.flatMap(part => part ?? []);
}
