import { Server } from 'node:net';
import { startFauxqs } from 'fauxqs';

/** `node queue-server.ts <data folder> <port>`: the process that `startQueues` starts. */

// It listens on every address of the machine and has no option for it; no one else has business with it.
const listen = Server.prototype.listen;
Server.prototype.listen = function (this: Server, options: unknown, ...rest: unknown[]) {
  const onLoopback = typeof options === 'object' ? { ...options, host: '127.0.0.1' } : options;
  return Reflect.apply(listen, this, [onLoopback, ...rest]);
};

const [dataDir = '', port] = process.argv.slice(2);
const server = await startFauxqs({ dataDir, port: Number(port), logger: false });
process.once('SIGTERM', async () => {
  await server.stop();
  process.exit(0);
});
