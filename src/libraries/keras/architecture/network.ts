import type {InputRecord, LayerRecord, TensorRef} from '../../../model/architecture';

/** A container taken by itself: its inputs are named, its layers refer to them and to each other. */
export interface Network {
  readonly inputs: readonly InputRecord[];
  readonly layers: readonly LayerRecord[];
  readonly outputs: readonly TensorRef[];
}

/** A container inside another one, taken apart into the layers it holds. */
export interface Inlined {
  readonly layers: readonly LayerRecord[];
  /** The container's outputs, for each of its calls. */
  readonly outputs: readonly (readonly TensorRef[])[];
}

/**
 * Puts a container's layers into the model around it. A container that is called n times has every layer of
 * it called n times as often; its inputs become what each call passes in.
 * @param name the container's name; its layers are called `name/layer`
 * @param group the weight group that holds the container's arrays
 */
export function inline(
  network: Network,
  name: string,
  group: string,
  calls: readonly (readonly TensorRef[])[],
): Inlined {
  const inputIndex = new Map(network.inputs.map((input, k) => [input.name, k]));
  const callCounts = new Map(network.layers.map(layer => [layer.name, layer.calls.length]));
  const rename = (inner: string): string => `${name}/${inner}`;
  const resolve = (ref: TensorRef, call: number): TensorRef => {
    const input = inputIndex.get(ref.layer);
    if (input !== undefined) return calls[call]![input]!;
    return {...ref, layer: rename(ref.layer), call: call * callCounts.get(ref.layer)! + ref.call};
  };
  const layers = network.layers.map(layer => ({
    ...layer,
    name: rename(layer.name),
    group,
    calls: calls.flatMap((_, call) => layer.calls.map(refs => refs.map(ref => resolve(ref, call)))),
  }));
  const outputs = calls.map((_, call) => network.outputs.map(ref => resolve(ref, call)));
  return {layers, outputs};
}
