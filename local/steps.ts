/** Says how long each step of a start took, and remembers how to undo what was started. */
export interface Steps {
  run<T>(name: string, work: Promise<T>, words?: (result: T) => string): Promise<T>;
  /** As `run`, for what has to be stopped in the end. */
  start<T extends Stoppable>(name: string, work: Promise<T>, words: (result: T) => string): Promise<T>;
  onUndo(undo: () => Promise<unknown>): void;
  /** The last started first; a second call does nothing. */
  undo(): Promise<void>;
}

interface Stoppable {
  stop(): Promise<unknown>;
}

export function makeSteps(log: (line: string) => void): Steps {
  const started: (() => Promise<unknown>)[] = [];

  async function run<T>(name: string, work: Promise<T>, words: (result: T) => string = () => ''): Promise<T> {
    const began = performance.now();
    const result = await work;
    log(stepLine(name, `${((performance.now() - began) / 1000).toFixed(1)} s`, words(result)));
    return result;
  }

  return {
    run,
    async start(name, work, words) {
      const service = await run(name, work, words);
      started.push(() => service.stop());
      return service;
    },
    onUndo(undo) {
      started.push(undo);
    },
    async undo() {
      for (const undo of started.splice(0).reverse()) await undo();
    },
  };
}

export const stepLine = (name: string, took: string, words: string): string =>
  `  ${name.padEnd(12)}${took.padEnd(8)}${words}`;
