import {before} from '../../../dialects/version';
import type {ContainerRecord, MemberRecord, TensorRef} from '../../../model/architecture';
import type {Json} from '../../../model/json';

/** A container as Keras writes it, nested as its file had it: the way back of what the parsers read. */
export function containerJson(container: ContainerRecord, version: string): Json {
  return before(version, '1') ? flatContainer(container) : modernContainer(container);
}

/** 0.x: the class is the `name` in the layer's own config. */
function flatContainer({className, config, members}: ContainerRecord): Json {
  const layers = members.map(flatMember);
  const inside =
    className === 'Graph'
      ? {nodes: Object.fromEntries(members.map(({name}, k) => [name, layers[k]]))}
      : {layers};
  return {name: className, ...config, ...inside};
}

function flatMember({className, config, container, branches}: MemberRecord): Json {
  if (container) return flatContainer(container);
  return {name: className, ...config, ...(branches && {layers: branches.map(flatMember)})};
}

function modernContainer({className, config, members, inputs, outputs}: ContainerRecord): Json {
  const layers = members.map(modernMember);
  const ends = inputs &&
    outputs && {input_layers: inputs.map(tripleOf), output_layers: outputs.map(tripleOf)};
  // Keras 3 has several ways to write the ends: as the file had them they come after these.
  return {class_name: className, config: config ? {...ends, ...config, layers} : layers};
}

/** What the file says beside class and config is written as it was: `inbound_nodes`, `name`, Keras 3's `module`. */
function modernMember({className, config, container, branches, others}: MemberRecord): Json {
  const inside = container
    ? modernContainer(container)
    : {
        class_name: className,
        config: branches ? {...config, layers: branches.map(modernMember)} : config,
      };
  return {...inside, ...others};
}

const tripleOf = ({layer, call, output}: TensorRef): unknown[] => [layer, call, output];
