import type {WeightGroup} from '../../converters/arrays';
import {readArguments} from '../dialects/arguments';
import {findLibrary, recurrentDialect} from '../libraries';
import type {Architecture, InputRecord, LayerRecord} from './architecture';

/** Whether a layer's first array has a row per feature of `[batch, time, features]`: recurrent layers and wrappers. */
function readsSequences({library, className}: LayerRecord): boolean {
  const around = findLibrary(library)?.otherLayers?.has(className) || className === 'TimeDistributedDense';
  return around || recurrentDialect(library, className) !== undefined;
}

/**
 * Fills in the shape of an input that the architecture leaves open (some Sequentials of Keras 2.2 and 2.3)
 * from the first array that the data meets. An input that stays open is left for others to judge.
 */
export function withInputShapes(architecture: Architecture, groups: readonly WeightGroup[]): Architecture {
  if (architecture.inputs.every(({shape}) => shape)) return architecture;
  const notes: string[] = [];
  const inputs = architecture.inputs.map(input => {
    if (input.shape) return input;
    const shape = guess(architecture, input, groups);
    if (shape)
      notes.push(
        `the shape of '${input.name}', [${shape.map(n => n ?? 'null').join(', ')}], is told from the weights`,
      );
    return shape ? {...input, shape} : input;
  });
  return {...architecture, inputs, notes: [...architecture.notes, ...notes]};
}

function guess(
  architecture: Architecture,
  input: InputRecord,
  groups: readonly WeightGroup[],
): (number | null)[] | undefined {
  const reader = firstWeighted(architecture.layers, groups, input.name);
  if (!reader) return undefined;
  const [record, rows] = reader;
  if (record.className === 'Embedding') return [null, null];
  if (readsSequences(record)) return [null, null, rows];
  if (record.className === 'Dense') return [null, rows];
  return undefined;
}

/** The first layer with arrays on the way from an input, and the rows of its first array. */
function firstWeighted(
  layers: readonly LayerRecord[],
  groups: readonly WeightGroup[],
  input: string,
): [LayerRecord, number] | undefined {
  const reached = new Set([input]);
  for (const record of layers) {
    if (!record.calls.some(refs => refs.some(ref => reached.has(ref.layer)))) continue;
    const rows = groups.find(group => group.name === record.group)?.arrays[0]?.shape[0];
    if (rows !== undefined) return [record, rows];
    reached.add(record.name);
  }
  return undefined;
}

/** Gives layers whose arrays hold a row for each row of a batch, and the inputs with them, the size of that batch. */
export function withBatchSizes(architecture: Architecture, groups: readonly WeightGroup[]): Architecture {
  const rows = new Map(
    groups.flatMap(group => group.arrays.map(array => [array.name, array.shape[0]] as const)),
  );
  const layers = architecture.layers.map(record => {
    const dialect = recurrentDialect(record.library, record.className);
    if (!dialect || !record.variables) return record;
    const version = record.version ?? dialect.defaultVersion;
    const args = readArguments(dialect.arguments, record.config, version, record.where);
    const perRow = dialect.arrays(args, version).find(({form}) => form === 'batch');
    const batchSize = perRow && rows.get(String(record.variables[perRow.name]));
    return batchSize === undefined ? record : {...record, batchSize};
  });
  const batch = layers.find(({batchSize}) => batchSize !== undefined)?.batchSize;
  if (batch === undefined) return architecture;
  const inputs = architecture.inputs.map(input => ({
    ...input,
    shape: input.shape && [input.shape[0] ?? batch, ...input.shape.slice(1)],
  }));
  return {...architecture, layers, inputs};
}
