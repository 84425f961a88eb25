/** Threads back off after a call in which they were late at more than one barrier in so many. */
const OFTEN = 8;
/** Calls that threads then stay apart for: so many at first, twice as many each time that they are late again. */
const [FEWEST, MOST] = [16, 512];

/**
 * Contention back-off. Where other programs are busy on the same cores, a barrier may wait until the machine runs a
 * thread again, and a call with a barrier in each step takes several times as long as it does on one thread. Such calls
 * then run on one thread for a while.
 */
export class BackOff {
  private calls = 0;
  private next = FEWEST;

  /** Whether the next call may have barriers. */
  permits(): boolean {
    if (this.calls === 0) return true;
    this.calls -= 1;
    return false;
  }

  /** Reports how often a thread was late in a call of so many steps. */
  report(late: number, steps: number): void {
    if (late * OFTEN <= steps) this.next = FEWEST;
    else {
      this.calls = this.next;
      this.next = Math.min(MOST, 2 * this.next);
    }
  }
}
