const BLOCK = 512;
/** Eleven octal digits; what is larger is written in base 256, as GNU tar does. */
const LARGEST_OCTAL = 8 ** 11 - 1;

/**
 * The header of a plain file in an archive (POSIX ustar). `path` has at most 100 bytes of ASCII, `time` is in seconds since 1970.
 * Throws a RangeError.
 */
export function tarHeader(path: string, size: number, time: number): Uint8Array {
  if (!/^[\x21-\x7e]{1,100}$/.test(path)) throw new RangeError(`no archive here has a file ${path}`);
  if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`no file has ${size} bytes`);
  const header = Buffer.alloc(BLOCK);
  header.write(path, 0, 'ascii');
  header.write(octal(0o644, 7), 100, 'ascii');
  header.write(octal(0, 7), 108, 'ascii');
  header.write(octal(0, 7), 116, 'ascii');
  if (size <= LARGEST_OCTAL) header.write(octal(size, 11), 124, 'ascii');
  else {
    header[124] = 0x80;
    header.writeBigUInt64BE(BigInt(size), 128);
  }
  header.write(octal(time, 11), 136, 'ascii');
  header.write(' '.repeat(8), 148, 'ascii');
  header.write('0', 156, 'ascii');
  header.write('ustar\u000000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u0000 `, 148, 'latin1');
  return header;
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

/** What fills up the last block of a file of that size. */
export const tarPadding = (size: number): Uint8Array => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

/** Two empty blocks end an archive. */
export const tarEnd = (): Uint8Array => new Uint8Array(2 * BLOCK);
