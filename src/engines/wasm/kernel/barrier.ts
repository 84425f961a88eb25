import {BarrierWords, Counter} from './isa.generated';

/**
 * Spins before a thread sleeps, about 100 µs: several times what waking one takes. With a fifth of that, a thread that
 * had slept arrived so late that the others slept as well, at every barrier from then on.
 */
const SPINS: i32 = 30_000;

/** Waits until all programs that share the counter have arrived as often as this one. */
export function barrier<T>(w: BarrierWords, steps: usize): void {
  // The build without SIMD is for runtimes without threads: it never runs unit shards.
  if (!ASC_FEATURE_SIMD) unreachable();
  const counter = w.counter;
  const target = load<u32>(w.target) + <u32>w.programs;
  store<u32>(w.target, target);
  if (atomic.add<u32>(counter, 1) + 1 == target) {
    // All have arrived. A thread that is about to sleep sees that the counter has changed.
    if (atomic.load<u32>(counter, offsetof<Counter>('sleeping')) != 0) atomic.notify(counter, -1);
    return;
  }
  const maySleep = w.maySleep != 0;
  let spins = 0;
  for (;;) {
    const seen = atomic.load<u32>(counter);
    if (seen >= target) return;
    spins += 1;
    if (spins == SPINS) atomic.add<u32>(counter, 1, offsetof<Counter>('late'));
    if (spins < SPINS || !maySleep) continue;
    atomic.add<u32>(counter, 1, offsetof<Counter>('sleeping'));
    atomic.wait<u32>(counter, seen, -1);
    atomic.sub<u32>(counter, 1, offsetof<Counter>('sleeping'));
  }
}
