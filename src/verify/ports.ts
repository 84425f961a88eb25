import type {LayersModel} from '@tensorflow/tfjs-layers';
import {CarryoverError} from '../errors';

/** The inputs or the outputs of a model: what each is called, and every other name that reaches it. */
export class Ports {
  private readonly places = new Map<string, number>();

  /**
   * @param what for messages
   * @param names in the model's order
   * @param aliases further names of each; one that several share, or that is another's own name, reaches none by it
   */
  constructor(
    private readonly what: 'input' | 'output',
    readonly names: readonly string[],
    aliases: readonly (readonly string[])[],
  ) {
    for (const [k, name] of names.entries()) this.places.set(name, k);
    const counts = new Map<string, number>();
    for (const alias of aliases.flat()) counts.set(alias, (counts.get(alias) ?? 0) + 1);
    for (const [k, own] of aliases.entries()) {
      for (const alias of own)
        if (counts.get(alias) === 1 && !names.includes(alias)) this.places.set(alias, k);
    }
  }

  /** Whether a name reaches one. */
  has(name: string): boolean {
    return this.places.has(name);
  }

  /**
   * The index of the one that a name reaches.
   * @throws CarryoverError `E_USAGE` where there is none
   */
  indexOf(name: string): number {
    const place = this.places.get(name);
    if (place !== undefined) return place;
    const {what, names} = this;
    throw new CarryoverError(
      'E_USAGE',
      `the model has no ${what} '${name}'; its ${what}s are ${names.join(', ')}`,
    );
  }
}

/** A model's inputs: `x` where there is one, the names of the input layers where there are several. */
export function inputPorts(model: LayersModel): Ports {
  const {inputNames} = model;
  const single = inputNames.length === 1;
  return new Ports('input', single ? ['x'] : [...inputNames], single ? [[inputNames[0]!]] : []);
}

/**
 * A model's outputs: `y`, or where there are several a recipe's names or the layers', with `.1` and so on for one layer's
 * further tensors. A recipe's name for a single output reaches it as well as `y`, and so does the name of a layer of
 * which it is the first tensor.
 */
export function outputPorts(model: LayersModel): Ports {
  const {outputNames, outputLayers, outputLayersTensorIndices: tensors} = model;
  const layers = outputLayers.map(({name}, k) => (tensors[k] === 0 ? [name] : []));
  if (outputNames.length === 1) {
    // A recipe's names stand in for the layers'.
    const [own] = outputNames as [string];
    const name = own === outputLayers[0]!.name ? 'y' : own;
    return new Ports('output', [name], [[...new Set(['y', own, ...layers.flat()])]]);
  }
  const counts = new Map<string, number>();
  const names = outputNames.map(name => {
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}.${count}`;
  });
  return new Ports('output', names, layers);
}
