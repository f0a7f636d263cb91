const BLOCK = 512;

/** The files of an archive by their paths, as `tar` would unpack them. */
export function untar(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + BLOCK <= archive.length; ) {
    const text = (from: number, length: number): string =>
      archive
        .subarray(at + from, at + from + length)
        .toString()
        .replace(/\0.*$/s, '');
    const name = text(0, 100);
    if (name === '') break;
    const prefix = text(345, 155);
    const size = Number.parseInt(text(124, 12), 8);
    const begin = at + BLOCK;
    files.set(prefix === '' ? name : `${prefix}/${name}`, archive.subarray(begin, begin + size));
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
