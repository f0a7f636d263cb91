import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process named so that a later process with the same id is not taken for it. */
export interface ProcessMark {
  pid: number;
  /** When it began, in the words of the operating system; only ever compared. */
  began: string;
}

/** The mark of a living process, null when there is none with this id. */
export function markOf(pid: number): ProcessMark | null {
  const began = beganInProc(pid) ?? beganByPs(pid);
  return began === null ? null : { pid, began };
}

export function isAlive(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.began === mark.began;
}

/** Field 22 of `/proc/<pid>/stat` counts ticks since boot, so the boot's id goes with it (proc(5)). */
function beganInProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
  } catch {
    return null;
  }
}

function beganByPs(pid: number): string | null {
  if (process.platform === 'linux') return null;
  try {
    const args = ['-o', 'lstart=', '-p', String(pid)];
    return execFileSync('ps', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() || null;
  } catch {
    return null;
  }
}
