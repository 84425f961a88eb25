import type {LayersModel} from '@tensorflow/tfjs-layers';
import {listFew} from '../../converters/format-error';
import {CarryoverError} from '../errors';
import {didYouMean} from '../nearest';
import {namesOf, withTensors} from './names';

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
      `the model has no ${what} '${name}'${didYouMean(name, [...this.places.keys()])}; its ${what}s are ${names.join(', ')}`,
    );
  }
}

/** A model's inputs: `x` where there is one, the names of the input layers where there are several; a single one's too. */
export function inputPorts(model: LayersModel): Ports {
  return portsOf('input', namesOf(model).inputs);
}

/**
 * A model's outputs: `y`, or where there are several a recipe's names or the layers', with `.1` and so on for a layer's
 * further tensors by their index. `y` reaches the first of several as well, and the layers' names reach each.
 */
export function outputPorts(model: LayersModel): Ports {
  const [first, ...others] = namesOf(model).outputs;
  return portsOf('output', [[...first!, 'y'], ...others]);
}

/** Ports by all of their names. Of several with one name to show, the later ones have a number after it. */
function portsOf(what: 'input' | 'output', all: readonly (readonly string[])[]): Ports {
  const shown: string[] = [];
  for (const [name] of all) {
    let unique = name!;
    for (let k = 1; shown.includes(unique); k++) unique = `${name}.${k}`;
    shown.push(unique);
  }
  return new Ports(
    what,
    shown,
    all.map(([, ...aliases]) => [...new Set(aliases)]),
  );
}

/**
 * A model that puts out all of these: itself where they are its outputs, else one with further outputs for the tensors of
 * its layers that they name.
 * @throws CarryoverError `E_USAGE` where neither an output nor a layer has a name
 */
export function reaching(model: LayersModel, names: readonly string[]): LayersModel {
  const ports = outputPorts(model);
  const inside = [...new Set(names)].filter(name => !ports.has(name));
  if (inside.length === 0) return model;
  const {tensors} = namesOf(model);
  const unknown = inside.find(name => !tensors.has(name));
  if (unknown === undefined) return withTensors(model, inside);
  const known = [...tensors.keys()];
  throw new CarryoverError(
    'E_USAGE',
    `the model has no output '${unknown}'${didYouMean(unknown, [...ports.names, ...known])}; ` +
      `its outputs are ${ports.names.join(', ')}, its layers ${listFew(known, 20)}`,
  );
}
