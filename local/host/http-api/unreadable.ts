import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Answer, gatewayAnswers } from './answer.ts';

const ANSWERS: Record<string, () => Answer> = {
  HPE_HEADER_OVERFLOW: gatewayAnswers.headersTooLarge,
  ERR_HTTP_REQUEST_TIMEOUT: gatewayAnswers.tooSlow,
};

/** Answers what Node can't read as a request, so that even this answer has a request id; the connection ends with it. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { statusCode, headers, body } = (ANSWERS[error.code ?? ''] ?? gatewayAnswers.unreadable)();
  const lines = Object.entries({
    ...headers,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\n${head}\r\n${body}`);
}
