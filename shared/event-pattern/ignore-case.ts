/** For each character of an operand, the texts that may stand in its place. */
export type Spellings = readonly (readonly string[])[];

const surrogate = /[\ud800-\udfff]/;

/**
 * The operand's characters, each in lower and upper case on its own. That is neither `toLowerCase`
 * of both sides nor case folding: the operand `ß` accepts `SS`, and the operand `s` does not accept `ſ`.
 *
 * The engine goes by UTF-16 units and encodes half of a surrogate pair as `?`, so on EventBridge a
 * character outside the basic plane does not match itself here; a local answer must not be kinder.
 */
export function spellings(operand: string): Spellings {
  return operand.split('').map((unit) => {
    if (surrogate.test(unit)) return ['?'];
    const lower = unit.toLowerCase();
    const upper = unit.toUpperCase();
    return lower === upper ? [lower] : [lower, upper];
  });
}

/*
 * The spellings of one character may differ in length, but none begins or ends with another one, so at
 * each place at most one fits and a single walk finds the answer. A test checks that of every character.
 */

export const equalsIgnoringCase = (operand: Spellings, text: string): boolean =>
  walkFromStart(operand, text) === text.length;

export const startsIgnoringCase = (operand: Spellings, text: string): boolean =>
  walkFromStart(operand, text) !== -1;

export function endsIgnoringCase(operand: Spellings, text: string): boolean {
  let place = text.length;
  for (let i = operand.length - 1; i >= 0; i--) {
    const fitting = operand[i]?.find((spelling) => text.endsWith(spelling, place));
    if (fitting === undefined) return false;
    place -= fitting.length;
  }
  return true;
}

/** Where the operand ends in the text, or -1 where the text doesn't begin with it. */
function walkFromStart(operand: Spellings, text: string): number {
  let place = 0;
  for (const options of operand) {
    const fitting = options.find((spelling) => text.startsWith(spelling, place));
    if (fitting === undefined) return -1;
    place += fitting.length;
  }
  return place;
}
