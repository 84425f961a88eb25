/** What is known of those that are text. */
export function factsOf(found: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(found).filter((fact): fact is [string, string] => typeof fact[1] === 'string'),
  );
}

/**
 * With what a model was trained, as Keras writes it beside the model.
 * @param member where the optimizer's class is: `optimizer_config` in HDF5, `optimizer` in `.keras`
 */
export function trainingFacts(
  training: unknown,
  member: 'optimizer_config' | 'optimizer',
): {optimizer?: unknown; loss?: unknown} {
  if (typeof training !== 'object' || training === null) return {};
  const {[member]: optimizer, loss} = training as {[name: string]: unknown};
  const isClass = typeof optimizer === 'object' && optimizer !== null && 'class_name' in optimizer;
  return {optimizer: isClass ? optimizer.class_name : optimizer, loss};
}
