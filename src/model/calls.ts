import {CarryoverError} from '../errors';
import {findLibrary} from '../libraries';
import {TENSORS} from '../libraries/built';
import {callSpecOf} from '../libraries/entries';
import type {
  Architecture,
  CallArguments,
  LayerCall,
  LayerRecord,
  NamedTensors,
  TensorRef,
} from './architecture';
import {atLayer} from './at-layer';
import {freshNames} from './fresh-name';
import {type LoweredCall, lowerCall} from './lower-call';

/**
 * An architecture whose calls say tensors alone, beside what a layer acts on itself (`CallSpec`). Done twice it is as done
 * once.
 * @throws CarryoverError `E_LAYER` for arguments of calls that are not known to be exact
 */
export function lowerCalls(architecture: Architecture): Architecture {
  const {layers, inputs, outputs, named, notes} = architecture;
  if (layers.every(({calls}) => calls.every(call => call.arguments === undefined))) return architecture;
  const fresh = freshNames(new Set([...layers, ...inputs].map(({name}) => name)));
  const lowered = layers.map(record => atLayer(record, () => lowerLayer(record, fresh)));
  /** Layers that are not shared any more: the name of each call's layer. */
  const split = new Map(lowered.flatMap(({name, parts}) => (parts ? [[name, parts] as const] : [])));
  const resolve = (ref: TensorRef): TensorRef => {
    const parts = split.get(ref.layer);
    return parts ? {layer: parts[ref.call]!, call: 0, output: ref.output} : ref;
  };
  const again = (record: LayerRecord): LayerRecord => ({
    ...record,
    calls: record.calls.map(call => ({...call, inputs: call.inputs.map(resolve)})),
  });
  return {
    ...architecture,
    layers: lowered.flatMap(({records}) => records.map(again)),
    outputs: outputs.map(resolve),
    ...(named && {named: resolvedNames(named, resolve)}),
    notes: [...notes, ...lowered.flatMap(({notes: own}) => own)],
  };
}

function resolvedNames(named: NamedTensors, resolve: (ref: TensorRef) => TensorRef): NamedTensors {
  return new Map([...named].map(([name, calls]) => [name, calls.map(refs => refs.map(resolve))]));
}

interface LoweredLayer {
  readonly name: string;
  readonly records: readonly LayerRecord[];
  /** Of a layer that became one for each call: their names. */
  readonly parts?: readonly string[];
  readonly notes: readonly string[];
}

function lowerLayer(record: LayerRecord, fresh: (stem: string) => string): LoweredLayer {
  const {name, library, className} = record;
  const known = findLibrary(library);
  const spec = known ? callSpecOf(known, className) : TENSORS;
  const done = record.calls.map(call => lowerCall(record, call, spec, fresh));
  const before = done.flatMap(({before: own}) => own);
  const notes = [...new Set(done.flatMap(({notes: own}) => own))];
  const calls = done.map(({call}) => call);
  const inTraining = trainingOf(done, record);
  const lowered = {...record, calls, ...(inTraining && {inTraining})};
  if (spec.takes !== 'all' || alike(calls)) return {name, records: [...before, lowered], notes};
  // An operation has no arrays: it need not be shared.
  const parts = calls.map((_, k) => (k === 0 ? name : fresh(`${name}_${k}`)));
  const records = calls.map((call, k) => ({...lowered, name: parts[k]!, calls: [call]}));
  return {name, records: [...before, ...records], parts, notes};
}

const alike = (calls: readonly LayerCall[]): boolean =>
  new Set(calls.map(({arguments: told}) => JSON.stringify(told))).size <= 1;

function trainingOf(done: readonly LoweredCall[], {where}: LayerRecord): boolean {
  const said = done.filter(({training}) => training);
  if (said.length === 0 || said.length === done.length) return said.length > 0;
  throw new CarryoverError(
    'E_LAYER',
    `${where}: of its ${done.length} calls ${said.length} have training=True, which is not supported; expected all or none`,
    {argument: 'training'},
  );
}

/**
 * How a layer is called, beside tensors.
 * @throws CarryoverError `E_LAYER` where its calls differ in that
 */
export function soleArguments({calls, where}: LayerRecord): CallArguments | undefined {
  if (alike(calls)) return calls[0]?.arguments;
  throw new CarryoverError(
    'E_LAYER',
    `${where}: its ${calls.length} calls differ in their arguments, which is not supported; expected the same beside tensors`,
  );
}
