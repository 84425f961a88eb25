import {Ports} from '../verify/ports';

/**
 * The outputs of a model as a golden case names them: as the model does, or in cases of old with the number of the output
 * among those of its layer that the model gives, where the model's own is that of the tensor.
 * @param names those that the case asks for
 */
export function goldenPorts(ports: Ports, names: readonly string[]): Ports {
  if (names.every(name => ports.has(name))) return ports;
  const counts = new Map<string, number>();
  const counted = ports.names.map(name => {
    const layer = name.replace(/\.\d+$/, '');
    const count = counts.get(layer) ?? 0;
    counts.set(layer, count + 1);
    return count === 0 ? layer : `${layer}.${count}`;
  });
  return names.every(name => counted.includes(name)) ? new Ports('output', counted, []) : ports;
}
