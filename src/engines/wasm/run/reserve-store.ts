import type {Heap} from './heap';

/** Stands for a forward pass's reserve; the reserve is freed once nobody holds its handle. */
export interface ReserveHandle {
  readonly id: number;
}

interface Entry {
  readonly addresses: readonly number[];
  readonly bytes: number;
}

/** Keeps what forward passes leave for backward passes, until those take it. */
export class ReserveStore {
  private readonly entries = new Map<number, Entry>();
  private readonly collected = new FinalizationRegistry<number>(id => this.free(id));
  private bytes = 0;
  private last = 0;

  /** @param most bytes; beyond them the oldest reserves are freed, whose gradients nobody has asked for */
  constructor(
    private readonly heap: Heap,
    private readonly most: number,
  ) {}

  keep(addresses: readonly number[]): ReserveHandle {
    const bytes = addresses.reduce((sum, at) => sum + this.heap.sizeOf(at), 0);
    for (const id of [...this.entries.keys()]) {
      if (this.bytes + bytes <= this.most) break;
      this.free(id);
    }
    const handle = {id: ++this.last};
    this.entries.set(handle.id, {addresses, bytes});
    this.bytes += bytes;
    this.collected.register(handle, handle.id, handle);
    return handle;
  }

  /** The addresses, which are the caller's from now on; undefined where they have been freed. */
  take(handle: ReserveHandle): readonly number[] | undefined {
    this.collected.unregister(handle);
    return this.remove(handle.id)?.addresses;
  }

  private remove(id: number): Entry | undefined {
    const entry = this.entries.get(id);
    if (!entry) return undefined;
    this.entries.delete(id);
    this.bytes -= entry.bytes;
    return entry;
  }

  private free(id: number): void {
    for (const at of this.remove(id)?.addresses ?? []) this.heap.free(at);
  }
}
