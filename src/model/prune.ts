import {CarryoverError} from '../errors';
import {findLibrary} from '../libraries';
import {didYouMean} from '../nearest';
import type {Architecture, LayerCall, LayerRecord, NamedTensors, TensorRef} from './architecture';

/**
 * As much of an architecture as some of its tensors need: the layers behind them, and inputs that only those read, are left
 * out before anything is built, and can be of any kind.
 *
 * @param names the outputs of the new model: layers, models inside, outputs as the file calls them. `lstm.1` is a layer's
 *   second tensor, or the first of its second call where it is called several times
 * @throws CarryoverError `E_USAGE` for a name that stands for no tensor
 */
export function withOutputs(architecture: Architecture, names: readonly string[]): Architecture {
  const outputs = names.map(name => refsOf(architecture, name));
  const calls = neededCalls(architecture, outputs.flat());
  const again = renumbering(calls);
  const layers = architecture.layers.filter(({name}) => calls.has(name));
  const inputs = architecture.inputs.filter(({name}) => calls.has(name));
  const left = architecture.layers.filter(({name}) => !calls.has(name)).map(({name}) => name);
  const unread = architecture.inputs.filter(({name}) => !calls.has(name)).map(({name}) => name);
  const {outputNames: _, ...others} = architecture;
  return {
    ...others,
    inputs,
    layers: layers.map(record => ({
      ...record,
      calls: record.calls
        .filter((_call, k) => calls.get(record.name)!.has(k))
        .map(call => ({...call, inputs: call.inputs.map(again)})),
    })),
    outputs: outputs.flat().map(again),
    outputNames: names.flatMap((name, k) => outputs[k]!.map((_ref, n) => (n === 0 ? name : `${name}.${n}`))),
    ...(architecture.named && {named: namedThen(architecture.named, calls, again)}),
    partial: left.length > 0,
    notes: [
      ...architecture.notes,
      ...(left.length > 0 ? [`outputs ${names.join(', ')}: left out are the layers ${left.join(', ')}`] : []),
      ...(unread.length > 0
        ? [`outputs ${names.join(', ')}: inputs that they do not need: ${unread.join(', ')}`]
        : []),
    ],
  };
}

/** The tensors that a name stands for. */
function refsOf(architecture: Architecture, name: string): readonly TensorRef[] {
  const {layers, named, outputNames, outputs} = architecture;
  const told = outputNames?.indexOf(name) ?? -1;
  if (told >= 0) return [outputs[told]!];
  const inside = named?.get(name)?.[0];
  if (inside) return inside;
  for (const record of layers) {
    const ref = refOf(record, name);
    if (ref) return [ref];
  }
  const known = [...(outputNames ?? []), ...layers.map(layer => layer.name), ...(named?.keys() ?? [])];
  throw new CarryoverError(
    'E_USAGE',
    `outputs: there is no layer '${name}'${didYouMean(name, known)}; the model has ${known.join(', ')}`,
  );
}

function refOf(record: LayerRecord, name: string): TensorRef | undefined {
  const {name: layer, calls} = record;
  if (name === layer) return {layer, call: 0, output: 0};
  if (!name.startsWith(`${layer}.`)) return undefined;
  const rest = name.slice(layer.length + 1);
  const ports = findLibrary(record.library)?.ports?.(record)?.outputs ?? [];
  if (ports.includes(rest)) return {layer, call: 0, output: ports.indexOf(rest)};
  if (!/^\d+$/.test(rest)) return undefined;
  const k = Number(rest);
  if (calls.length === 1) return {layer, call: 0, output: k};
  return k < calls.length ? {layer, call: k, output: 0} : undefined;
}

/** The calls of layers that some tensors need, by the layers' names; inputs have one. */
function neededCalls(
  {layers}: Architecture,
  wanted: readonly TensorRef[],
): ReadonlyMap<string, ReadonlySet<number>> {
  const records = new Map(layers.map(record => [record.name, record]));
  const needed = new Map<string, Set<number>>();
  const waiting = [...wanted];
  while (waiting.length > 0) {
    const {layer, call} = waiting.pop()!;
    const known = needed.get(layer) ?? new Set();
    if (known.has(call)) continue;
    needed.set(layer, known.add(call));
    const made: LayerCall | undefined = records.get(layer)?.calls[call];
    waiting.push(...(made?.inputs ?? []));
  }
  return needed;
}

/** What refers to a tensor, where only these calls are left. */
function renumbering(calls: ReadonlyMap<string, ReadonlySet<number>>): (ref: TensorRef) => TensorRef {
  return ({layer, call, output}) => ({
    layer,
    call: [...(calls.get(layer) ?? [])].filter(other => other < call).length,
    output,
  });
}

function namedThen(
  named: NamedTensors,
  calls: ReadonlyMap<string, ReadonlySet<number>>,
  again: (ref: TensorRef) => TensorRef,
): NamedTensors {
  const isLeft = ({layer, call}: TensorRef): boolean => calls.get(layer)?.has(call) ?? false;
  const kept = [...named].flatMap(([name, made]) => {
    const whole = made.filter(refs => refs.every(isLeft)).map(refs => refs.map(again));
    return whole.length > 0 ? [[name, whole] as const] : [];
  });
  return new Map(kept);
}
