import {CarryoverError, locatedAt} from '../errors';
import type {LayerRecord} from './architecture';

const REMEDY =
  'Load as much of the model as comes before it (outputs; on the command line: --until LAYER), or pass a layer of your own in customObjects (--custom)';

/** The result of reading a layer or a model; an error in it has the layer's name, before those of layers inside. */
export function inLayer<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof CarryoverError)) throw error;
    throw Object.assign(error, {layer: error.layer === undefined ? name : `${name}/${error.layer}`});
  }
}

/** The result of an action; what a layer refuses in it says which layer it is, where it is, and what to do. */
export function atLayer<T>({where, name}: Pick<LayerRecord, 'where' | 'name'>, action: () => T): T {
  try {
    return locatedAt(where, action, {layer: name});
  } catch (error) {
    if (!(error instanceof CarryoverError) || error.code !== 'E_LAYER') throw error;
    if (/customObjects|--until/.test(error.message)) throw error;
    const message = `${error.message.replace(/\.$/, '')}. ${REMEDY}`;
    throw new CarryoverError('E_LAYER', message, {cause: error}).with(error);
  }
}
