import type {Heap} from './heap';

/** Something that was kept, as its owner holds it; once nobody does, it is let go. */
export interface Keepsake {
  readonly number: number;
}

interface Held {
  readonly addresses: readonly number[];
  readonly bytes: number;
}

/** What forward passes leave for backward ones, until those take it. */
export class Keeper {
  private readonly held = new Map<number, Held>();
  private readonly gone = new FinalizationRegistry<number>(number => this.free(number));
  private bytes = 0;
  private last = 0;

  /** @param most bytes; beyond them the oldest goes, for gradients that nobody has asked for */
  constructor(
    private readonly heap: Heap,
    private readonly most: number,
  ) {}

  keep(addresses: readonly number[]): Keepsake {
    const bytes = addresses.reduce((sum, at) => sum + this.heap.sizeOf(at), 0);
    for (const number of [...this.held.keys()]) {
      if (this.bytes + bytes <= this.most) break;
      this.free(number);
    }
    const keepsake = {number: ++this.last};
    this.held.set(keepsake.number, {addresses, bytes});
    this.bytes += bytes;
    this.gone.register(keepsake, keepsake.number, keepsake);
    return keepsake;
  }

  /** The addresses, which are the caller's from now on; undefined where they have been let go. */
  take(keepsake: Keepsake): readonly number[] | undefined {
    const held = this.held.get(keepsake.number);
    if (!held) return undefined;
    this.held.delete(keepsake.number);
    this.bytes -= held.bytes;
    this.gone.unregister(keepsake);
    return held.addresses;
  }

  private free(number: number): void {
    const held = this.held.get(number);
    if (!held) return;
    this.held.delete(number);
    this.bytes -= held.bytes;
    for (const at of held.addresses) this.heap.give(at);
  }
}
