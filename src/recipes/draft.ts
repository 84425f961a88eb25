/** A recipe in the making, as it is written to a file; `parseRecipe` reads it. */
export interface RecipeDraft {
  /** Tells that it is a recipe, of this version of the format. */
  readonly carryover: 1;
  /** Where data enters. */
  readonly inputs: readonly DraftInput[];
  /** The layers, in order. */
  readonly layers: readonly DraftLayer[];
  /** What the model gives; the last layer where absent. */
  readonly outputs?: readonly string[];
  /** What neither names, shapes nor a graph could tell. */
  readonly assumed: readonly string[];
}

/** An input of a recipe; docs/recipes.md has its fields. */
export interface DraftInput {
  readonly name: string;
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
}

type Variables = Readonly<Record<string, string | readonly string[]>>;

/** A cell of a recipe; docs/recipes.md has its fields. */
export interface DraftCell {
  readonly class: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly variables?: Variables;
  readonly cells?: readonly DraftCell[];
  readonly wrap?: readonly string[];
}

/** A layer of a recipe; docs/recipes.md has its fields. */
export interface DraftLayer {
  readonly library: string;
  readonly version?: string;
  readonly class: string;
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly cell?: DraftCell;
  readonly cell_fw?: DraftCell;
  readonly cell_bw?: DraftCell;
  readonly variables?: Variables;
  readonly from?: readonly string[];
}

/** Cells whose state is c and h. */
const TWO_STATES = /LSTM|^NASCell$/;

/** The names of a layer's states: `state.c`, `state.0.h`, `fw.state`. */
export function stateNames(layer: DraftLayer): string[] {
  if (layer.class === 'LSTMBlockFusedCell') return ['state.c', 'state.h'];
  const sides: readonly (readonly [string, DraftCell | undefined])[] = [
    ['', layer.cell],
    ['fw.', layer.cell_fw],
    ['bw.', layer.cell_bw],
  ];
  return sides.flatMap(([prefix, cell]) => (cell ? cellStates(cell).map(name => prefix + name) : []));
}

/** `state` and what is after it. */
export function cellStates({class: name, config, cells}: DraftCell): string[] {
  if (cells) {
    if (config.state_is_tuple === false) return ['state'];
    return cells.flatMap((cell, k) => cellStates(cell).map(state => state.replace('state', `state.${k}`)));
  }
  return TWO_STATES.test(name) && config.state_is_tuple !== false ? ['state.c', 'state.h'] : ['state'];
}

/** One cell as it is, several as a MultiRNNCell. */
export function multiCell(cells: readonly DraftCell[], stateIsTuple = true): DraftCell {
  const [only] = cells as [DraftCell];
  return cells.length === 1 ? only : {class: 'MultiRNNCell', config: {state_is_tuple: stateIsTuple}, cells};
}

/** Whether a layer runs cells over sequences. */
export const isSequence = (layer: DraftLayer): boolean => stateNames(layer).length > 0;

/**
 * The outputs of a model whose last layers are not recurrent: dense layers, activations, and whatever no other layer reads, then
 * all final states; undefined where what a recipe gives by itself will do.
 */
export function outputsOf(layers: readonly DraftLayer[]): string[] | undefined {
  const last = layers.at(-1);
  if (!last || isSequence(last)) return undefined;
  const read = new Set(layers.flatMap((layer, k) => layer.from ?? layers[k - 1]?.name ?? []));
  const heads = layers.filter(
    layer =>
      !isSequence(layer) && (/^(Dense|Softmax|Activation)$/.test(layer.class) || !read.has(layer.name)),
  );
  const states = layers
    .filter(isSequence)
    .flatMap(layer => stateNames(layer).map(state => `${layer.name}.${state}`));
  return [...heads.map(({name}) => name), ...states];
}
