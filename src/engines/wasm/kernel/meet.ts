/**
 * So many looks before a thread goes to sleep, some 100 µs: several times what it takes to wake one. With a fifth of that,
 * each that had slept came so late that the other one slept as well, at every meeting from then on.
 */
const LOOKS: i32 = 30_000;

/**
 * Waits until all programs that share a counter have come as far. Words: the counter, and behind it how many sleep and
 * how often one had to wait that long; how many programs there are; where this one keeps what the counter was when they had
 * last met; whether this thread may sleep.
 */
export function meet(p: usize): void {
  // Without SIMD nothing is shared out by columns: the build is for what has no threads either.
  if (!ASC_FEATURE_SIMD) unreachable();
  const counter = load<usize>(p, 4);
  const met = load<usize>(p, 12);
  const target = load<u32>(met) + load<u32>(p, 8);
  store<u32>(met, target);
  if (atomic.add<u32>(counter, 1) + 1 == target) {
    // All others are here: whoever begins to sleep now sees that the counter is another one.
    if (atomic.load<u32>(counter, 4) != 0) atomic.notify(counter, -1);
    return;
  }
  const maySleep = load<i32>(p, 16) != 0;
  let looks = 0;
  for (;;) {
    const seen = atomic.load<u32>(counter);
    if (seen >= target) return;
    looks += 1;
    if (looks == LOOKS) atomic.add<u32>(counter, 1, 8);
    if (looks < LOOKS || !maySleep) continue;
    atomic.add<u32>(counter, 1, 4);
    atomic.wait<u32>(counter, seen, -1);
    atomic.sub<u32>(counter, 1, 4);
  }
}
