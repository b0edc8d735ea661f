import type { Direction, Inspector, Instruction } from '../../src/fault/inspector.js';

/** What one side has sent, in the order of the whole connection. */
export type Sent = readonly [Direction, string | Uint8Array];

export interface Played {
  /** What the two sides have got. */
  readonly server: string;
  readonly client: string;
  /** The other instructions. */
  readonly done: Instruction['do'][];
}

/** Carries out what the inspector says, each thing sent in chunks of `lengths`. */
export function play(
  inspector: Inspector | undefined,
  sent: readonly Sent[],
  chunksOf = (bytes: Uint8Array): Uint8Array[] => [bytes],
): Played {
  const got: Record<Direction, Uint8Array[]> = { upstream: [], downstream: [] };
  const done: Instruction['do'][] = [];
  const other = { upstream: 'downstream', downstream: 'upstream' } as const;
  for (const [direction, content] of sent) {
    for (const chunk of chunksOf(Buffer.from(content as string, 'latin1'))) {
      if (inspector === undefined || inspector.isDone === true) {
        got[direction].push(chunk);
        continue;
      }
      for (const instruction of inspector.inspect(direction, chunk)) {
        if (instruction.do === 'forward') got[direction].push(instruction.bytes);
        else if (instruction.do === 'answer') got[other[direction]].push(instruction.bytes);
        else done.push(instruction.do);
      }
    }
  }
  const text = (chunks: Uint8Array[]) => Buffer.concat(chunks).toString('latin1');
  return { server: text(got.upstream), client: text(got.downstream), done };
}
