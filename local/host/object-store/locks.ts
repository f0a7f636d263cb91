import { DatabaseSync } from 'node:sqlite';

export interface Retention {
  mode: 'COMPLIANCE' | 'GOVERNANCE';
  /** Milliseconds since 1970. */
  until: number;
}

/** How long objects may not go, by bucket and key. Written before the object, so that no kill leaves one without. */
export interface Locks {
  of(bucket: string, key: string): Retention | undefined;
  set(bucket: string, key: string, retention: Retention | undefined): void;
  close(): void;
}

export function openLocks(file: string): Locks {
  const database = new DatabaseSync(file);
  // NORMAL outlives a killed process in WAL mode (sqlite.org/pragma.html#pragma_synchronous).
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  database.exec(
    'CREATE TABLE IF NOT EXISTS retention (bucket TEXT, key TEXT, mode TEXT, until INTEGER, PRIMARY KEY (bucket, key)) WITHOUT ROWID',
  );
  const select = database.prepare('SELECT mode, until FROM retention WHERE bucket = ? AND key = ?');
  const upsert = database.prepare('INSERT OR REPLACE INTO retention VALUES (?, ?, ?, ?)');
  const remove = database.prepare('DELETE FROM retention WHERE bucket = ? AND key = ?');
  return {
    of: (bucket, key) => {
      const row = select.get(bucket, key);
      if (!row) return undefined;
      return {
        mode: row['mode'] === 'GOVERNANCE' ? 'GOVERNANCE' : 'COMPLIANCE',
        until: Number(row['until']),
      };
    },
    set(bucket, key, retention) {
      if (retention) upsert.run(bucket, key, retention.mode, retention.until);
      else remove.run(bucket, key);
    },
    close: () => database.close(),
  };
}
