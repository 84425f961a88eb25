import type {ArrayPlace, BuiltLayer} from './built';

/* How files that keep objects by the attributes that lead to them (Keras' `.weights.h5`) call what is in a list. */

/** Classes that Python knows by another name than files. */
const IN_PYTHON: ReadonlyMap<string, string> = new Map([
  ['Model', 'Functional'],
  ['GroupQueryAttention', 'GroupedQueryAttention'],
]);

/**
 * What an object of a class is called in a list, before it is numbered: `lstm`, `conv_lstm1d`, `p_re_lu`. Every functional
 * model is `functional`, whatever older JSON calls its class.
 * Source: `to_snake_case`, keras/utils/generic_utils.py of 2.12 and keras/src/utils/naming.py of 3.15.
 */
export function objectName(className: string): string {
  // A registered class comes after its package: `Custom>MyLSTM`.
  const own = className.slice(className.lastIndexOf('>') + 1);
  const name = IN_PYTHON.get(own) ?? own.replace(/\W+/g, '');
  return name
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** What the objects of a list are called, by their classes: `lstm_cell`, `gru_cell`, `lstm_cell_1`. */
export function objectNames(classNames: readonly string[]): string[] {
  const counts = new Map<string, number>();
  return classNames.map(className => {
    const name = objectName(className);
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  });
}

/** Where the arrays of a layer are that is itself an attribute of another: `layer/cell` for a wrapper's recurrent layer. */
export function placesWithin(
  attribute: string,
  {places, roles}: Pick<BuiltLayer, 'places' | 'roles'>,
): ArrayPlace[] {
  const own = places ?? [{path: '', count: roles.length}];
  return own.map(place => ({...place, path: joined(attribute, place.path)}));
}

/** Two paths as one, either of which may be empty. */
export const joined = (...paths: readonly string[]): string => paths.filter(path => path !== '').join('/');
