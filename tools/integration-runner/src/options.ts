import { parseArgs } from 'node:util';

/** What a run is asked for. */
export interface RunOptions {
  /** Each test and the whole output of Nx, as they come. */
  readonly verbose: boolean;
  readonly keyword: string | undefined;
  /** Parts of paths. */
  readonly files: readonly string[];
  /** Words that a test carries; one with `!` in front, that it does not carry. */
  readonly tags: readonly string[];
  readonly keepServices: boolean;
  readonly keepFailed: boolean;
  readonly coverage: boolean;
  /** Projects at a time. @defaultValue what Nx thinks best */
  readonly parallel: number | undefined;
  /** For the whole run, in milliseconds. @defaultValue no limit */
  readonly timeoutMs: number | undefined;
  readonly affected: boolean;
  readonly base: string | undefined;
  readonly provider: Provider | undefined;
}

export type Command =
  | { readonly kind: 'run'; readonly options: RunOptions }
  | { readonly kind: 'install' }
  | { readonly kind: 'clean-up' }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly why: string };

const providers = ['auto', 'local', 'docker', 'external'] as const;
type Provider = (typeof providers)[number];

/** Stands in --quick's place. */
export const quickTag = 'smoke';
const mostParallel = 64;
const longestTimeoutSeconds = 86_400;

const known = {
  verbose: { type: 'boolean', short: 'v' },
  keyword: { type: 'string', short: 'k' },
  file: { type: 'string', short: 'f' },
  tag: { type: 'string' },
  quick: { type: 'boolean' },
  affected: { type: 'boolean' },
  base: { type: 'string' },
  provider: { type: 'string' },
  parallel: { type: 'string' },
  timeout: { type: 'string' },
  coverage: { type: 'boolean' },
  'install-only': { type: 'boolean' },
  'keep-services': { type: 'boolean' },
  'no-cleanup': { type: 'boolean' },
  'cleanup-only': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
type OptionName = keyof typeof known;
type Given = ReadonlyMap<OptionName, readonly string[]>;

/** Reads the command line. Never throws: what is wrong with it is said in words. */
export function parseCommand(args: readonly string[]): Command {
  const given = readOptions(args);
  if (typeof given === 'string') return { kind: 'refused', why: given };
  if (given.has('help')) return { kind: 'help' };
  const why = findFault(given);
  if (why !== undefined) return { kind: 'refused', why };
  if (given.has('install-only')) return { kind: 'install' };
  if (given.has('cleanup-only')) return { kind: 'clean-up' };
  const one = (name: OptionName): string | undefined => given.get(name)?.at(-1);
  const number = (name: OptionName): number | undefined => (given.has(name) ? Number(one(name)) : undefined);
  const seconds = number('timeout');
  return {
    kind: 'run',
    options: {
      verbose: given.has('verbose'),
      keyword: one('keyword'),
      files: given.get('file') ?? [],
      tags: [...(given.has('quick') ? [quickTag] : []), ...(given.get('tag') ?? []).flatMap(words)],
      keepServices: given.has('keep-services') || given.has('no-cleanup'),
      keepFailed: given.has('no-cleanup'),
      coverage: given.has('coverage'),
      parallel: number('parallel'),
      timeoutMs: seconds === undefined ? undefined : seconds * 1000,
      affected: given.has('affected'),
      base: one('base'),
      provider: providers.find((provider) => provider === one('provider')),
    },
  };
}

/** @returns what is wrong, in words, where the command line cannot be read */
function readOptions(args: readonly string[]): Given | string {
  const { tokens } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const given = new Map<OptionName, string[]>();
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional')
      return `${JSON.stringify(token.value)} is no option; tests are chosen with -k WORD or -f FILE.`;
    const { rawName, inlineValue, value } = token;
    if (!isKnown(token.name)) return `There is no option ${rawName}; there are ${listed}.`;
    const isFlag = known[token.name].type === 'boolean';
    if (isFlag && value !== undefined)
      return `${rawName} takes no value; ${JSON.stringify(value)} was given.`;
    if (!isFlag && (value === undefined || value === '' || (!inlineValue && value.startsWith('-'))))
      return `${rawName} needs a value: ${needed[token.name] ?? ''}`;
    given.set(token.name, [...(given.get(token.name) ?? []), value ?? '']);
  }
  return given;
}

const listed = Object.entries(known)
  .map(([name, { type, ...rest }]) =>
    'short' in rest && type.length > 0 ? `--${name} (-${rest.short})` : `--${name}`,
  )
  .join(', ');

const needed: Partial<Record<OptionName, string>> = {
  keyword: 'a service, a part of a project’s name, or a part of a test’s name.',
  file: 'a part of a test file’s path.',
  tag: 'a word that tests carry, such as smoke.',
  base: 'a branch or a commit.',
  provider: `one of ${providers.join(', ')}.`,
  parallel: `a whole number from 1 to ${String(mostParallel)}.`,
  timeout: `a whole number of seconds from 1 to ${String(longestTimeoutSeconds)}.`,
};

function findFault(given: Given): string | undefined {
  const provider = given.get('provider')?.at(-1);
  if (provider !== undefined && !providers.some((name) => name === provider))
    return `--provider is "${provider}"; it must be ${needed.provider ?? ''}`;
  for (const [name, most] of [
    ['parallel', mostParallel],
    ['timeout', longestTimeoutSeconds],
  ] as const) {
    const value = given.get(name)?.at(-1);
    if (value !== undefined && (!/^\d+$/.test(value) || Number(value) < 1 || Number(value) > most))
      return `--${name} is "${value}"; it must be ${needed[name] ?? ''}`;
  }
  const tag = (given.get('tag') ?? []).flatMap(words).find((word) => !/^!?[a-z][a-z0-9-]*$/.test(word));
  if (tag !== undefined)
    return `--tag is "${tag}"; it must be a word of small letters, digits and hyphens, or ! and such a word.`;
  if (given.has('base') && !given.has('affected'))
    return '--base says what --affected compares with; add that.';
  if (given.has('cleanup-only') && given.size > 1)
    return '--cleanup-only stands alone: it stops services, sweeps leftovers and runs no test.';
  if (given.has('install-only') && given.size > 1)
    return '--install-only stands alone: it installs what the suites need, and runs no test.';
  return undefined;
}

function words(text: string): string[] {
  return text.split(',').map((word) => word.trim());
}

function isKnown(name: string): name is OptionName {
  return name in known;
}
