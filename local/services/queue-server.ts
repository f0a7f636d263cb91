import { existsSync } from 'node:fs';
import { Server } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startFauxqs } from 'fauxqs';

/** `node queue-server.ts <data folder> <port>`: the process that `startQueues` starts. */
const [dataDir = '', port] = process.argv.slice(2);

listenOnLoopback();
sortByBytes();
syncLess();
releaseMessages(join(dataDir, 'fauxqs.db'));
const server = await startFauxqs({ dataDir, port: Number(port), logger: false });
process.once('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});

/** fauxqs listens on every address of the machine and has no option for it; no one else has business with it. */
function listenOnLoopback(): void {
  const listen = Server.prototype.listen;
  Server.prototype.listen = function (this: Server, options: unknown, ...rest: unknown[]) {
    const onLoopback = typeof options === 'object' ? { ...options, host: '127.0.0.1' } : options;
    return Reflect.apply(listen, this, [onLoopback, ...rest]);
  };
}

/**
 * fauxqs sorts the keys of a listing as people do, but goes on after a key as S3 does, in the order of bytes: a list of
 * several pages would lose keys. Sorting listings is all that it compares texts for.
 */
function sortByBytes(): void {
  String.prototype.localeCompare = function (this: string, other: string) {
    return this < other ? -1 : Number(this > other);
  };
}

/**
 * fauxqs writes each step of each message in a transaction of its own and SQLite would wait for the disk every time.
 * In WAL mode `NORMAL` outlives a killed process as `FULL` does; only a power cut can take the last writes
 * (sqlite.org/pragma.html#pragma_synchronous).
 */
function syncLess(): void {
  const exec = DatabaseSync.prototype.exec;
  DatabaseSync.prototype.exec = function (this: DatabaseSync, sql: string) {
    Reflect.apply(exec, this, [sql]);
    if (sql.includes('journal_mode')) Reflect.apply(exec, this, ['PRAGMA synchronous = NORMAL']);
  };
}

/** Whoever had received a message has ended with the process before this one, so nobody waits for its timeout. */
function releaseMessages(file: string): void {
  if (!existsSync(file)) return;
  const database = new DatabaseSync(file);
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'sqs_messages'").get();
  if (table !== undefined)
    database.exec('UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL');
  database.close();
}
