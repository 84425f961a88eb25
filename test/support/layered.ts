/** Whether a golden case is a model with layers: a graph that runs as it is has none, and is not saved as layers are. */
export const hasLayers = (golden: string): boolean => !golden.includes('tf1-graphs');
