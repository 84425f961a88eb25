import {CarryoverError} from '../../errors';

/** The function of a name, which a saved model may have from anywhere. */
export function knownFunction<F>(functions: Readonly<Record<string, F>>, name: string): F {
  if (Object.hasOwn(functions, name)) return functions[name]!;
  const known = Object.keys(functions).join(', ');
  throw new CarryoverError('E_USAGE', `function '${name}' is unknown; expected one of ${known}`);
}
