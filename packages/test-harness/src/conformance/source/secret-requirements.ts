import { inspect } from 'node:util';
import { NonConformance, type Requirement } from '../requirement.js';
import type { SourceBench } from './source-bench.js';
import { inSourceProcess } from './source-process.js';

/** Lookarounds that a secret may hide behind. */
function disguises(secret: string): string[] {
  return [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')];
}

/** @throws NonConformance that says where a secret was found, and does not repeat it. */
function requireNone(secrets: readonly string[], text: string, where: string): void {
  const found = secrets.flatMap(disguises).find((secret) => text.includes(secret));
  if (found === undefined) return;
  const at = text.indexOf(found);
  const around = `${text.slice(Math.max(0, at - 60), at)}***${text.slice(at + found.length, at + found.length + 20)}`;
  throw new NonConformance(`a secret is shown ${where}: …${around.replaceAll('\n', ' ')}…`);
}

const secrets: Requirement<SourceBench> = {
  title: 'passwords and keys show up nowhere: in no report, error, output or argument, whatever fails',
  answers: ['airbyte#3177', 'airbyte#16836'],
  check: async (bench) => {
    const { fixture, open, signal } = bench;
    const endpoints = [fixture.endpoint, ...fixture.failing.map(({ endpoint }) => endpoint)];
    let texts = 0;
    for (const endpoint of endpoints) {
      const source = open(endpoint);
      const told: readonly unknown[] = [
        source,
        await source.testConnection(signal).catch((error: unknown) => error),
        await source.discover?.(signal).catch((error: unknown) => error),
      ];
      for (const value of told) {
        // The source's own fields may hold it, as long as no way of printing shows it.
        requireNone(fixture.secrets, inspect(value, { depth: 8 }), 'by inspect');
        requireNone(fixture.secrets, jsonOf(value), 'in JSON');
        requireNone(fixture.secrets, String(value), 'as a text');
        texts += 3;
      }
    }
    return await inSourceProcess(bench, async (run) => {
      const { output } = await run({ task: 'tell', endpoints });
      requireNone(fixture.secrets, output, 'by a process of its own');
      return `${String(texts)} texts, and ${String(output.length)} characters of output and arguments of a process`;
    });
  },
};

function jsonOf(value: unknown): string {
  try {
    const text: unknown = JSON.stringify(value, (_, part: unknown) =>
      typeof part === 'bigint' ? String(part) : part,
    );
    return typeof text === 'string' ? text : '';
  } catch {
    return ''; // a circle cannot be shown in JSON
  }
}

export const secretRequirements = { 'secrets-are-never-shown': secrets } as const;
