import { readFileSync } from 'node:fs';
import { type System, startSystem } from '../local/system.ts';

/** The whole system in a process of its own, which its parent asks over IPC: it stops with it. */
export interface Asked {
  id: number;
  ask: keyof Questions;
  argument?: string;
}

export interface Questions {
  address: { url: string; dynamodb: string };
  token: string;
  pause: null;
  resume: null;
  /** Stream records and messages that wait or are in work. */
  backlog: number;
  usage: Usage;
  stop: null;
}

export interface Usage {
  /** Of the processes that run JavaScript, all threads, since they began. */
  nodeCpuMs: number;
  /** Resident bytes. */
  nodeMemory: number;
  jvmMemory: number;
}

const [dataDir = '', sample = ''] = process.argv.slice(2);
const system = await startSystem({ dataDir, port: 0, sample: sample === 'sample' });

const answers: {
  [Question in keyof Questions]: (
    system: System,
    argument: string,
  ) => Questions[Question] | Promise<Questions[Question]>;
} = {
  address: ({ url, endpoints }) => ({ url, dynamodb: endpoints.dynamodb }),
  token: ({ token }, person) => token(person),
  pause: ({ host }, name) => {
    host.pause(name);
    return null;
  },
  resume: ({ host }, name) => {
    host.resume(name);
    return null;
  },
  backlog: async ({ host }) => {
    const { queues, streams } = await host.backlog();
    const messages = Object.values(queues).map(({ visible, inFlight }) => visible + inFlight);
    return [...messages, ...Object.values(streams)].reduce((sum, count) => sum + count, 0);
  },
  usage: ({ pids }) => {
    const { user, system: kernel } = process.cpuUsage();
    return {
      nodeCpuMs: (user + kernel) / 1000 + cpuMsOf(pids.queues),
      nodeMemory: process.memoryUsage.rss() + memoryOf(pids.queues),
      jvmMemory: memoryOf(pids.dynamodb),
    };
  },
  stop: async ({ stop }) => {
    await stop();
    return null;
  },
};

/** Clock ticks are hundredths of a second in what Linux tells programs. */
const TICK_MS = 10;

function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

function memoryOf(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

process.on('message', async ({ id, ask, argument = '' }: Asked) => {
  try {
    process.send?.({ id, answer: await answers[ask](system, argument) });
  } catch (error) {
    process.send?.({ id, error: String(error) });
  }
  if (ask === 'stop') process.disconnect();
});
process.on('disconnect', () => void system.stop().then(() => process.exit()));
process.send?.({ id: 0, answer: null });
