import type {WeightFile} from '../../converters/arrays';

/** Arrays of these shapes in these groups, with numbers that tell them apart. */
export function weights(groups: Readonly<Record<string, readonly (readonly number[])[]>>): WeightFile {
  let next = 0;
  return {
    format: 'keras-h5',
    facts: {},
    groups: Object.entries(groups).map(([name, shapes]) => ({
      name,
      arrays: shapes.map((shape, k) => {
        const values = Float32Array.from({length: shape.reduce((a, b) => a * b, 1)}, () =>
          Math.abs(Math.sin(++next)),
        );
        return {
          name: `${name}/${k}`,
          shape,
          dtype: 'float32',
          read: () => ({dtype: 'float32', shape, values}),
        };
      }),
    })),
  } as unknown as WeightFile;
}
