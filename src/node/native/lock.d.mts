/** Whether a process of this machine is alive. */
export function isAlive(pid: number): boolean;

/**
 * Runs `work` while holding the lock file `path`. A lock whose owner has died, or has not touched it for a
 * minute, is taken over. It only spares work that would be done twice: after `patience` milliseconds
 * (default 20 minutes) `work` runs without it, so what it does must be safe beside another run.
 */
export function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options?: {onWait?: () => void; patience?: number},
): Promise<T>;
