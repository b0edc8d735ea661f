import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deferred, type Deferred } from '../../src/testing/deferred.js';

/** A registry of this machine: the engine takes plain HTTP from 127.0.0.1. */
export interface FakeRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** Settles when a client waits for a layer that never ends. */
  readonly stuck: Promise<unknown>;
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';

/**
 * Has one image, `three-layers:1`, of three layers that hold a file each; `stuck:1` is the same with a last layer that
 * never ends; `secret:1` asks for an account; there is nothing else.
 */
export async function fakeRegistry(): Promise<FakeRegistry> {
  // Other layers for each run: the engine would know them by their digests, and ask for none.
  const layers = [1, 2, 3].map((number) => tarOf(`file-${String(number)}`, `${randomUUID()}\n`));
  const config = Buffer.from(
    JSON.stringify({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: layers.map(digestOf) },
    }),
  );
  const blobs = new Map([config, ...layers].map((blob) => [digestOf(blob), blob]));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: describe('application/vnd.docker.container.image.v1+json', config),
      layers: layers.map((layer) => describe('application/vnd.docker.image.rootfs.diff.tar', layer)),
    }),
  );
  const stuck = deferred<undefined>();
  const server = createServer((request, response) => {
    answer(request.url ?? '', response, { manifest, blobs, last: layers.at(-1), stuck });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    host: `127.0.0.1:${typeof address === 'object' && address !== null ? String(address.port) : ''}`,
    stuck: stuck.promise,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Contents {
  readonly manifest: Buffer;
  readonly blobs: ReadonlyMap<string, Buffer>;
  readonly last: Buffer | undefined;
  readonly stuck: Deferred<undefined>;
}

function answer(url: string, response: ServerResponse, { manifest, blobs, last, stuck }: Contents): void {
  const [, name, kind, what = ''] = /^\/v2\/([^/]+)\/(manifests|blobs)\/(.+)$/.exec(url) ?? [];
  const blob = blobs.get(what);
  if (url === '/v2/') {
    response.end('{}');
  } else if (name === 'secret') {
    response.writeHead(401, { 'Content-Type': 'application/json' });
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
  } else if (kind === 'manifests' && (name === 'three-layers' || name === 'stuck')) {
    response.writeHead(200, {
      'Content-Type': manifestType,
      'Content-Length': manifest.length, // asked for by HEAD, too
      'Docker-Content-Digest': digestOf(manifest),
    });
    response.end(manifest);
  } else if (blob === undefined) {
    response.writeHead(404, { 'Content-Type': 'application/json' });
    response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}');
  } else {
    response.writeHead(200, { 'Content-Length': blob.length });
    if (name === 'stuck' && blob === last) {
      response.write(blob.subarray(0, 10));
      stuck.resolve(undefined);
    } else {
      response.end(blob);
    }
  }
}

function tarOf(name: string, text: string): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'sqlflow-layer-'));
  try {
    writeFileSync(join(folder, name), text);
    return execFileSync('tar', ['-c', '-C', folder, name]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function digestOf(blob: Buffer): string {
  return `sha256:${createHash('sha256').update(blob).digest('hex')}`;
}

function describe(mediaType: string, blob: Buffer): { mediaType: string; size: number; digest: string } {
  return { mediaType, size: blob.length, digest: digestOf(blob) };
}
