import type {WeightFile, WeightGroup} from '../../converters/arrays';
import {before} from '../dialects/version';
import {CarryoverError} from '../errors';
import {RECURRENT, type Recognised, recognise} from './recognise';

interface RecipeLayer {
  readonly name: string;
  readonly library: string;
  readonly version: string;
  readonly class: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly variables?: Readonly<Record<string, string>>;
}

/** A recipe as `parseRecipe` reads it. */
export interface Recipe {
  readonly carryover: 1;
  readonly inputs: readonly {
    readonly name: string;
    readonly shape: readonly (number | null)[];
    readonly dtype: string;
  }[];
  readonly layers: readonly RecipeLayer[];
}

/** The release that is meant where nothing tells: 0.1.1 alone wrote no JSON beside its weights. */
const ASSUMED: Readonly<Record<string, string>> = {keras0: '0.1.1', keras1: '1.2.2', keras2: '2.2.4'};

/**
 * A recipe for a Keras weight file, from the names and shapes of its arrays alone.
 *
 * @param version the release, where it is known
 * @returns the recipe, and every guess in it
 * @throws CarryoverError `E_ARCHITECTURE` where the file cannot tell a chain of layers
 */
export function firstRecipe(
  file: WeightFile,
  where: string,
  version?: string,
): {recipe: Recipe; assumed: readonly string[]} {
  const {layout = '2.x', model, keras_version: told} = file.facts;
  const library = `keras${Number.parseInt(layout, 10)}`;
  if (model === 'Graph') {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: the weights of a Graph do not tell which layers there are; write its recipe by hand`,
    );
  }
  const release = version ?? told ?? ASSUMED[library]!;
  const assumed: string[] = [];
  if (release !== version && release !== told) {
    assumed.push(`Keras ${release} wrote it (--library-version names another release)`);
  }
  const known = file.groups.map(group => ({group, found: recognise(group, library)}));
  const first = known.find(({found}) => found)?.found;
  if (!first) {
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: no layer could be told from the shapes of its arrays`,
    );
  }
  const layers: RecipeLayer[] = [];
  for (const [k, {group, found}] of known.entries()) {
    const layer = {name: group.name, library, version: release};
    if (found) {
      const variables = Object.fromEntries(found.roles.map((role, n) => [role, group.arrays[n]!.name]));
      layers.push({...layer, class: found.class, config: settle(known, k, assumed), variables});
    } else if (group.arrays.length > 0) {
      const shapes = group.arrays.map(({shape}) => `[${shape.join(', ')}]`).join(' ');
      assumed.push(
        `'${group.name}' is left out: ${group.arrays.length} arrays ${shapes} tell no layer; add it`,
      );
    } else {
      const guess = bare(known, k, release, assumed);
      if (guess) layers.push({...layer, ...guess});
    }
  }
  return {recipe: {carryover: 1, inputs: [inputOf(first)], layers}, assumed};
}

type Known = readonly {readonly group: WeightGroup; readonly found?: Recognised}[];

function inputOf({input: {kind, size}}: Recognised): Recipe['inputs'][number] {
  if (kind === 'indices') return {name: 'x', shape: [null, null], dtype: 'int32'};
  return {name: 'x', shape: kind === 'sequence' ? [null, null, size] : [null, size], dtype: 'float32'};
}

/** A layer's settings, with those that the arrays leave open. */
function settle(known: Known, k: number, assumed: string[]): Readonly<Record<string, unknown>> {
  const {group, found} = known[k]!;
  const {class: name, config} = found!;
  if (name === 'Embedding') assumed.push(`'${group.name}' masks nothing (mask_zero false)`);
  if (name === 'Dense') assumed.push(`'${group.name}' has no activation of its own (activation linear)`);
  if (!RECURRENT.includes(name)) return name === 'Dense' ? {...config, activation: 'linear'} : config;
  const next = known.slice(k + 1).find(({group: {arrays}}) => arrays.length > 0);
  const sequences =
    next?.found?.input.kind === 'sequence' || /time_?distributed/i.test(next?.group.name ?? '');
  assumed.push(
    sequences
      ? `'${group.name}' returns sequences (return_sequences true), since '${next!.group.name}' reads some`
      : `'${group.name}' returns its last output (return_sequences false)`,
    `'${group.name}' has the activations of that release's defaults`,
  );
  if (name !== 'Bidirectional') return {...config, return_sequences: sequences};
  const {layer, ...others} = config as {layer: {class_name: string; config: object}};
  return {...others, layer: {...layer, config: {...layer.config, return_sequences: sequences}}};
}

/** A layer without arrays: by its name, or (0.x has none) by its place. */
function bare(
  known: Known,
  k: number,
  release: string,
  assumed: string[],
): Pick<RecipeLayer, 'class' | 'config'> | undefined {
  const {name} = known[k]!.group;
  const numbered = /^layer_\d+$/.test(name);
  const last = !known.slice(k + 1).some(({found}) => found);
  const before0 = known.slice(0, k).findLast(({found}) => found)?.found;
  if (/^activation/.test(name) || (numbered && last && before0?.class === 'Dense')) {
    const units = before0?.config.units ?? before0?.config.output_dim;
    const activation = !last ? 'tanh' : units === 1 ? 'sigmoid' : 'softmax';
    assumed.push(`'${name}' is an Activation, ${activation}`);
    return {class: 'Activation', config: {activation}};
  }
  if (/^dropout/.test(name) || numbered) {
    assumed.push(
      before(release, '0.3')
        ? `'${name}' is a Dropout with p 0.5; that release multiplies by 1 − p when it predicts`
        : `'${name}' is a Dropout, which does nothing when the model predicts`,
    );
    return {class: 'Dropout', config: {[before(release, '2') ? 'p' : 'rate']: 0.5}};
  }
  if (/^flatten/.test(name)) return {class: 'Flatten', config: {}};
  if (/^masking/.test(name)) {
    assumed.push(`'${name}' masks time steps that are all 0`);
    return {class: 'Masking', config: {mask_value: 0}};
  }
  if (!/^input/.test(name))
    assumed.push(`'${name}' is left out: it has no arrays; add it if it computes something`);
  return undefined;
}
