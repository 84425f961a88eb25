import {before} from '../../../dialects/version';
import type {CallRef, ContainerRecord, MemberRecord} from '../../../model/architecture';
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
  return {class_name: className, config: config ? {...config, layers, ...ends} : layers};
}

function modernMember({name, className, config, calls, container, branches}: MemberRecord): Json {
  const inside = container
    ? modernContainer(container)
    : {
        class_name: className,
        config: branches ? {...config, layers: branches.map(modernMember)} : config,
      };
  return calls ? {...inside, name, inbound_nodes: calls.map(refs => refs.map(tripleOf))} : inside;
}

const tripleOf = ({layer, call, output, args}: CallRef): unknown[] =>
  args ? [layer, call, output, args] : [layer, call, output];
