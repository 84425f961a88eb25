import type {SymbolicTensor} from '@tensorflow/tfjs-layers';
import {findLibrary} from '../libraries';
import {layerTensors, namesFor, type TensorNames} from '../verify/names';
import type {Architecture, LayerRecord, TensorRef} from './architecture';

/**
 * What an architecture's file calls the tensors of its model: layers by their own names (their further tensors with `.1`,
 * or as a recipe's states), models inside of others by theirs.
 * @param inputs the tfjs names of the inputs
 * @param made the tensors of each call of a layer
 * @param find the tensor that is referred to
 */
export function tensorNames(
  architecture: Architecture,
  inputs: readonly string[],
  made: (layer: string) => readonly (readonly SymbolicTensor[])[],
  find: (ref: TensorRef) => SymbolicTensor,
): TensorNames {
  const {layers, named = new Map()} = architecture;
  const tensors = new Map([
    ...layers.flatMap(record => ofLayer(record, made(record.name))),
    ...[...named].flatMap(([name, calls]: [string, readonly (readonly TensorRef[])[]]) =>
      layerTensors(
        name,
        calls.map(refs => refs.map(find)),
      ),
    ),
  ]);
  return {
    inputs: architecture.inputs.map(({name}, k) => [...(inputs.length === 1 ? ['x'] : []), name, inputs[k]!]),
    outputs: outputNames(architecture, tensors, find),
    tensors,
  };
}

/** A layer's tensors by number, and by the names that its library has for them: `rnn.state.h`. */
function ofLayer(
  record: LayerRecord,
  calls: readonly (readonly SymbolicTensor[])[],
): (readonly [string, SymbolicTensor])[] {
  const {outputs = []} = findLibrary(record.library)?.ports?.(record) ?? {};
  const [first = []] = calls;
  return [
    ...layerTensors(record.name, calls),
    ...outputs.flatMap((port, k) => (first[k] ? [[`${record.name}.${port}`, first[k]] as const] : [])),
  ];
}

function outputNames(
  {outputs, outputNames: told, container}: Architecture,
  tensors: TensorNames['tensors'],
  find: (ref: TensorRef) => SymbolicTensor,
): string[][] {
  return outputs.map((ref, k) => {
    const all = namesFor(tensors, find(ref));
    // The container of the model may call it as a model inside.
    const own = container?.outputs?.[k] ?? ref;
    const stem = all.find(name => isOf(name, own.layer)) ?? all[0] ?? own.layer;
    const first = told?.[k] ?? (outputs.length === 1 ? 'y' : stem);
    return [...new Set([first, stem, ...all])];
  });
}

/** Whether a tensor's name is that of a layer, with or without a number. */
function isOf(name: string, layer: string): boolean {
  return name === layer || (name.startsWith(`${layer}.`) && /^\d+$/.test(name.slice(layer.length + 1)));
}
