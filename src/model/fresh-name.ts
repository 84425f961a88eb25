/** A name that is not taken: the stem itself where it is free, else the first of `stem_2`, `stem_3`, ... that is. */
export function freshName(stem: string, isTaken: (name: string) => boolean, first = stem): string {
  let name = first;
  for (let k = 2; isTaken(name); k++) name = `${stem}_${k}`;
  return name;
}

/** Makes names that are not in a set, and puts them there. */
export const freshNames =
  (taken: Set<string>) =>
  (stem: string): string => {
    const name = freshName(stem, candidate => taken.has(candidate));
    taken.add(name);
    return name;
  };
