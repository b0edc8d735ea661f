// Starts a private server of the service that is its second argument, with a limited disk if `limited` follows, does the
// faults that follow, says so on standard output, and holds it until its standard input ends.
import { text } from 'node:stream/consumers';
import { ServiceFailure, startPrivateServer } from '../../../src/index.js';

const [workspaceRoot = '', words = ''] = process.argv.slice(2);
const [service = '', ...rest] = words.split(',');
try {
  const server = await startPrivateServer({
    workspaceRoot,
    service,
    holder: `holder ${String(process.pid)}`,
    ...(rest.includes('limited') && { dataBytes: 64 * 1024 ** 2 }),
  });
  for (const word of rest) {
    if (word === 'freeze' || word === 'kill' || word === 'restart') await server[word]();
  }
  console.log(`private ${JSON.stringify(server.offer)}`);
  await text(process.stdin);
  await server[Symbol.asyncDispose]();
} catch (error) {
  if (!(error instanceof ServiceFailure)) throw error;
  console.log(`failed ${JSON.stringify(error.report)}`);
}
