import {before} from '../../../dialects/version';
import {CarryoverError} from '../../../errors';
import type {Json} from '../../../model/json';
import type {StoredArchitecture} from '../../library';
import {parseKerasModel} from './keras';
import {parseKeras0} from './keras0';

/** Keras' JSON of 0.1 to 0.3: configs whose `name` is the class. */
export const keras0Architecture: StoredArchitecture = {
  title: `0.x's "name": "Sequential"`,
  recognises: json =>
    typeof json.class_name !== 'string' && (json.name === 'Sequential' || json.name === 'Graph'),
  parse: (json, {where, version}) => {
    if (version === undefined || before(version, '1')) return parseKeras0(json, where, version);
    throw new CarryoverError(
      'E_ARCHITECTURE',
      `${where}: JSON of this kind comes from Keras 0.1 to 0.3; its release was given as ${version}`,
    );
  },
};

/**
 * Keras' JSON since 1.0, where every layer has a `class_name` and a `config`. The release tells whose it is; 1.x is told
 * by words that only it uses where nothing names one.
 * @param major the library's major release
 * @param assumed the release that is meant where nothing names one
 */
export function kerasArchitecture(major: 1 | 2 | 3, assumed: string): StoredArchitecture {
  return {
    title: 'Keras JSON (with "class_name")',
    recognises: (json, facts) => {
      if (typeof json.class_name !== 'string') return false;
      const version = releaseOf(json, facts);
      const told = version === undefined ? guessMajor(json) : Number.parseInt(version, 10);
      // What none of them reads is left to one of them to refuse.
      return told === major || (major === 2 && told !== 1 && told !== 3);
    },
    parse: (json, facts) => {
      const {where} = facts;
      const version = releaseOf(json, facts);
      const told = Number.parseInt(version ?? '', 10);
      if (!Number.isNaN(told) && told !== major) {
        throw new CarryoverError(
          'E_ARCHITECTURE',
          `${where}: JSON of this kind comes from Keras 1.0 and later; its release was given as ${version}`,
        );
      }
      const backend = (json.backend as string | undefined) ?? facts.backend;
      const library = `keras${major}`;
      const architecture = parseKerasModel(json, {library, version: version ?? assumed, backend}, where);
      if (version !== undefined) return architecture;
      const note = `the file does not name its Keras release; ${assumed} is assumed (option 'version' overrides this)`;
      return {...architecture, notes: [...architecture.notes, note]};
    },
  };
}

function releaseOf(json: Json, {version, fileVersion}: {version?: string; fileVersion?: string}) {
  return version ?? (json.keras_version as string | undefined) ?? fileVersion;
}

/** The words that one age alone writes. */
function guessMajor(json: Json): 1 | 2 | 3 {
  const written = JSON.stringify(json);
  if (OLD.test(written) && !/"units":/.test(written) && !/"keras_history":/.test(written)) return 1;
  return /"(keras_history|batch_shape)":|"keras\.src\.models\./.test(written) &&
    !/"batch_input_shape":/.test(written)
    ? 3
    : 2;
}
const OLD = /"(output_dim|nb_filter|border_mode|consume_less|inner_activation)":/;
