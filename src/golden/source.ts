import type {FileSet} from '../../converters/files';
import {CarryoverError} from '../errors';
import type {OpenedModel} from '../model/open';
import {openModelAt} from '../open/model';
import type {GoldenCase, GoldenSource} from './case';

/** A whole model may stand for its weights. */
const HOLDERS: ReadonlyMap<string, readonly string[]> = new Map([['keras-h5-weights', ['keras-h5']]]);

/**
 * The model of a source of a golden case.
 * @throws CarryoverError `E_FORMAT` for a file of another format than the case says
 */
export async function openSource(
  files: FileSet,
  {folder, calls}: GoldenCase,
  {path, architecture, format, byName, skipMismatch, graph, outputs}: GoldenSource,
): Promise<OpenedModel> {
  const namesIn = (kind: 'inputs' | 'outputs') => calls.flatMap(call => Object.keys(call[kind]));
  const opened = await openModelAt(
    {files, name: `${folder}/${path}`},
    {architecture: architecture === undefined ? undefined : {files, name: `${folder}/${architecture}`}},
    {byName, skipMismatch, graph, outputs, inputs: namesIn('inputs'), inside: namesIn('outputs')},
  );
  const accepted = [format, ...(byName ? (HOLDERS.get(format) ?? []) : [])];
  if (accepted.includes(opened.format)) return opened;
  opened.model.dispose();
  throw new CarryoverError('E_FORMAT', `${path}: was opened as ${opened.format}; expected ${format}`);
}

/**
 * Why a source is refused, of a case that says it must be.
 * A message says what was found and what is expected, then, after a semicolon or as a sentence, what to do.
 * @throws CarryoverError `E_PARITY` where it is opened, or where the refusal does not name a layer and what to do
 */
export async function refusalOf(files: FileSet, golden: GoldenCase, source: GoldenSource): Promise<string> {
  const {message, layer} = await errorOf(files, golden, source);
  const namesLayer = layer !== undefined && message.includes(layer.split('/').at(-1)!);
  const [, ...parts] = message.split(/; |\. /);
  if (namesLayer && parts.some(part => !part.startsWith('expected '))) return message;
  const lacks = namesLayer ? 'what to do' : 'the layer';
  throw new CarryoverError('E_PARITY', `was refused without a word of ${lacks}: ${message}`);
}

async function errorOf(files: FileSet, golden: GoldenCase, source: GoldenSource): Promise<CarryoverError> {
  try {
    (await openSource(files, golden, source)).model.dispose();
  } catch (error) {
    if (error instanceof CarryoverError) return error;
    throw error;
  }
  throw new CarryoverError('E_PARITY', `was opened; expected a refusal (${golden.refused})`);
}
