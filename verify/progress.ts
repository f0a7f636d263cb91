/** Where progress is shown: a bar on a terminal, a line now and then elsewhere. */
interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const EVERY_MS = { bar: 100, line: 5000 };

export interface Progress {
  at(done: number, of: number): void;
  end(): void;
}

/** Shows how far long work is; what is done within the first second is not worth a word. */
export function progressLine(
  screen: Screen,
  quiet: boolean,
  now: () => number = () => performance.now(),
): Progress {
  const began = now();
  let shown = began + 1000 - EVERY_MS.bar;
  let barStands = false;
  return {
    at(done, of) {
      const time = now();
      if (quiet || time - shown < (screen.isTTY ? EVERY_MS.bar : EVERY_MS.line) || of === 0) return;
      shown = time;
      const rate = Math.round((done / (time - began)) * 1000);
      const told = `${done.toLocaleString('en')} of ${of.toLocaleString('en')} entries, ${rate.toLocaleString('en')} a second`;
      if (!screen.isTTY) screen.write(`${told}\n`);
      else {
        const width = Math.max(10, Math.min(40, (screen.columns ?? 80) - told.length - 4));
        const full = Math.round((done / of) * width);
        screen.write(`\r[${'#'.repeat(full)}${' '.repeat(width - full)}] ${told}\u001b[K`);
        barStands = true;
      }
    },
    end() {
      if (barStands) screen.write('\r\u001b[K');
    },
  };
}
