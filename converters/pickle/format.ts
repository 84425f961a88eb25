import type {Format, Source} from '../format';
import type {PickleValue} from './value';

/** Protocol 2 and later begin with PROTO and the number; 0 and 1 have no mark of their own, so their names decide. */
export function isPickle({head, name}: Source): boolean {
  if (head[0] === 0x80 && head[1] !== undefined && head[1] >= 2 && head[1] <= 5) return true;
  return /\.(pkl|pickle)$/i.test(name) && head.length > 0;
}

/** What a source holds, as data. */
export async function pickleOf(source: Source): Promise<PickleValue> {
  return (await import('./open')).readWeightPickle(source.bytes(), source.name, source.limits);
}

export const pickleFormat: Format = {
  name: 'pickle',
  title: 'a pickle of arrays',
  holds: ['weights'],
  recognises: isPickle,
  open: async source =>
    (await import('./open')).weightsOf(await source.share(pickleOf), source.name, source.limits),
};
