/**
 * A wildcard text as its literal parts: `*` stands between each two of them.
 * The answer is a string when the text is refused: the sentence for the user.
 */
export function parseWildcard(text: string): readonly string[] | string {
  const parts: string[] = [];
  let part = '';
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    const next = text.charAt(i + 1);
    if (char === '*') {
      if (next === '*') return `has two wildcards in a row at position ${i}: write one "*"`;
      parts.push(part);
      part = '';
    } else if (char === '\\') {
      if (next !== '*' && next !== '\\') {
        return `has a backslash at position ${i} that escapes nothing: only "\\*" and "\\\\" are escapes`;
      }
      part += next;
      i++;
    } else {
      part += char;
    }
  }
  return [...parts, part];
}

/**
 * Leftmost search for each part: what a part skips no later part can need, so
 * there is no going back and the time stays linear in the text for each part.
 */
export function matchesWildcard(parts: readonly string[], text: string): boolean {
  const first = parts[0] ?? '';
  if (parts.length === 1) return text === first;
  const last = parts.at(-1) ?? '';
  const end = text.length - last.length;
  if (end < first.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  let from = first.length;
  for (let i = 1; i < parts.length - 1; i++) {
    const part = parts[i] ?? '';
    const found = text.indexOf(part, from);
    if (found === -1 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
