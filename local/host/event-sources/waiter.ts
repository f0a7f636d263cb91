/** Waits that can be cut short from outside. */
export interface Waiter {
  /** Resolves after `ms`, or at the next `wake`. */
  wait(ms: number): Promise<void>;
  wake(): void;
}

export function makeWaiter(): Waiter {
  const waiting = new Set<() => void>();
  let woken = false;
  return {
    wait(ms) {
      // A wake between two waits must not be lost.
      if (woken) {
        woken = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          waiting.delete(end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        waiting.add(end);
      });
    },
    wake() {
      if (waiting.size === 0) woken = true;
      for (const end of [...waiting]) end();
    },
  };
}
