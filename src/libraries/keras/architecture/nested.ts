import {before} from '../../../dialects/version';
import type {TensorRef} from '../../../model/architecture';
import type {LayerEntry} from '../../built';
import {parseContainer} from './keras';
import {parseContainer as parseContainer0} from './keras0';
import type {Network} from './network';

/** A whole model that a wrapper holds: its layers are built, and their arrays are found under the wrapper's name. */
export const nestedModel: LayerEntry = (record, {library, version, backend, where}, builder) => {
  const {className, config, name, group} = record;
  const facts = {library, version, backend};
  const network = before(version, '1')
    ? parseContainer0({...config, name: className}, facts, where)
    : parseContainer({class_name: className, config}, facts, where);
  const {inputs, layers, outputs} = prefixed(network, name);
  const {model, layers: inner} = builder.model({
    library,
    version,
    name,
    inputs,
    layers: layers.map(layer => ({...layer, group})),
    outputs,
    notes: [],
  });
  // What there is to say of its layers is said of them.
  return {layer: model, roles: [], inner, inside: {name, container: network.container}};
};

/** Names are a model's own; inside another one they come after its name. */
function prefixed(
  {inputs, layers, outputs}: Network,
  prefix: string,
): Pick<Network, 'inputs' | 'layers' | 'outputs'> {
  const named = <T extends {readonly name: string}>(record: T): T => ({
    ...record,
    name: `${prefix}/${record.name}`,
  });
  const resolve = (ref: TensorRef): TensorRef => ({...ref, layer: `${prefix}/${ref.layer}`});
  return {
    inputs: inputs.map(named),
    layers: layers.map(layer => ({
      ...named(layer),
      calls: layer.calls.map(call => ({...call, inputs: call.inputs.map(resolve)})),
    })),
    outputs: outputs.map(resolve),
  };
}
