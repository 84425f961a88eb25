/*
 * What tfjs' saving and loading does to a layer's config: it turns every key and string into snake_case and then into
 * camelCase, but for strings under `name` and `className`. `ScaledTanH` becomes `scaledTanH`, `fan_avg` becomes `fanAvg`.
 */

type Config = Readonly<Record<string, unknown>>;

/** The values that would come back changed, as JSON in a string that does not. */
interface Spelled {
  readonly className: 'CarryoverSpelling';
  readonly name: string;
}

/** A config to save: with the exact spelling of what tfjs would change. */
export function withSpelling(config: Config): Config {
  const changed = Object.entries(config).filter(([, value]) => !same(afterTfjs(value), value));
  if (changed.length === 0) return config;
  const spelled: Spelled = {
    className: 'CarryoverSpelling',
    name: JSON.stringify(Object.fromEntries(changed)),
  };
  return {...config, spelled};
}

/** A config as it was saved: values that are still those of `withSpelling`, tfjs' changes apart, have its spelling. */
export function asSpelled(config: Config): Config {
  const {spelled, ...found} = config;
  const {name} = (spelled ?? {}) as Partial<Spelled>;
  if (name === undefined) return config;
  const originals = Object.entries(JSON.parse(name) as Record<string, unknown>);
  const places = new Map(originals.map(([key, value]) => [renamed(key), value]));
  return Object.fromEntries(
    Object.entries(found).map(([key, value]) => {
      const original = places.get(renamed(key));
      return [key, original !== undefined && same(afterTfjs(original), afterTfjs(value)) ? original : value];
    }),
  );
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What tfjs makes of a value. Source: tfjs-layers 4.22, utils/serialization_utils.ts. */
function afterTfjs(value: unknown): unknown {
  if (typeof value === 'string') return renamed(value);
  if (Array.isArray(value)) return value.map(afterTfjs);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => {
    const kept = (key === 'name' || key === 'className') && typeof inner === 'string';
    return [renamed(key), kept ? inner : afterTfjs(inner)];
  });
  return Object.fromEntries(entries);
}

/** Through snake_case to camelCase. Source: tfjs-layers 4.22, utils/generic_utils.ts. */
function renamed(name: string): string {
  const snake = name
    .replace(/(.)([A-Z][a-z0-9]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  const safe = snake.startsWith('_') ? `private${snake}` : snake;
  return safe.length > 1 ? safe.replace(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase()) : safe;
}
