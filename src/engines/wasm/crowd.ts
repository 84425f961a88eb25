/** After one late meeting in so many, threads are not let meet for a while. */
const OFTEN = 8;
/** Calls that they then do not meet in: so many at first, twice as many each time that they are late again. */
const [FEWEST, MOST] = [16, 512];

/**
 * Whether threads have cores to themselves, by how often they were late to meet. Where others are busy on the same
 * cores, each meeting may wait until the machine runs a thread again, and a call that meets in each step takes several
 * times as long as it does on one thread.
 */
export class Crowd {
  private calls = 0;
  private next = FEWEST;

  /** Whether the next call's threads may meet. */
  leavesRoom(): boolean {
    if (this.calls === 0) return true;
    this.calls -= 1;
    return false;
  }

  /** What a call has seen: how often a thread was late, in so many steps. */
  met(late: number, steps: number): void {
    if (late * OFTEN <= steps) this.next = FEWEST;
    else {
      this.calls = this.next;
      this.next = Math.min(MOST, 2 * this.next);
    }
  }
}
