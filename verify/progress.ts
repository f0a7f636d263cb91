/** Where progress is shown: a bar on a terminal, a line now and then elsewhere. */
interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

const EVERY_MS = { bar: 100, line: 5000 };
/** What is done within so much is not worth a word. */
const PATIENCE_MS = 1000;

export interface Progress {
  at(what: string, done?: number, of?: number): void;
  end(): void;
}

/** Shows how far long work is. */
export function progressLine(
  screen: Screen,
  quiet: boolean,
  now: () => number = () => performance.now(),
): Progress {
  const every = screen.isTTY ? EVERY_MS.bar : EVERY_MS.line;
  let stage = { what: '', began: now() };
  let shown = now() + PATIENCE_MS - every;
  let barStands = false;
  return {
    at(what, done = 0, of = 0) {
      const time = now();
      if (what !== stage.what) stage = { what, began: time };
      if (quiet || time - shown < every) return;
      shown = time;
      const told = toldOf(what, done, of, time - stage.began);
      screen.write(
        screen.isTTY
          ? `\r${barOf(done, of, (screen.columns ?? 80) - told.length - 4)}${told}\u001b[K`
          : `${told}\n`,
      );
      barStands = screen.isTTY === true;
    },
    end() {
      if (barStands) screen.write('\r\u001b[K');
      barStands = false;
    },
  };
}

function toldOf(what: string, done: number, of: number, milliseconds: number): string {
  if (of === 0) return `reading ${what}`;
  const rate =
    milliseconds > 0 ? `, ${Math.round((done / milliseconds) * 1000).toLocaleString('en')} a second` : '';
  return `${done.toLocaleString('en')} of ${of.toLocaleString('en')} ${what}${rate}`;
}

function barOf(done: number, of: number, room: number): string {
  if (of === 0 || room < 10) return '';
  const width = Math.min(40, room);
  const full = Math.min(width, Math.round((done / of) * width));
  return `[${'#'.repeat(full)}${' '.repeat(width - full)}] `;
}
