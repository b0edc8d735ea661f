import type { RunOptions } from './options.js';
import type { SuiteProject } from './workspace-suites.js';

/** What is to run: projects, and what Jest is told in each of them. */
export type Selection =
  | {
      readonly kind: 'some';
      readonly projects: readonly SuiteProject[];
      readonly jestArgs: readonly string[];
    }
  | { readonly kind: 'none'; readonly why: string };

type Choice = Pick<RunOptions, 'keyword' | 'files' | 'tags'>;

/**
 * Chooses by keyword, file and tag; all that is given has to fit. Pure.
 *
 * A file in which no tag that was asked for occurs is not loaded, which is most of the time of a quick run: a tag has to
 * stand in the file whose tests carry it.
 */
export function select(
  { keyword, files, tags }: Choice,
  projects: readonly SuiteProject[],
  readText: (file: string) => string,
): Selection {
  const byKeyword = chooseByKeyword(keyword, projects);
  const wanted = tags.filter((tag) => !tag.startsWith('!'));
  const isNamed = (file: string): boolean => files.length === 0 || files.some((part) => file.includes(part));
  const isTagged = (file: string): boolean =>
    wanted.length === 0 || wanted.some((tag) => mentions(readText(file), tag));
  const chosen = byKeyword.projects
    .map((project) => ({
      ...project,
      files: project.files.filter((file) => isNamed(file) && isTagged(file)),
    }))
    .filter((project) => project.files.length > 0 || (files.length === 0 && wanted.length === 0));
  if (chosen.length === 0) return { kind: 'none', why: sayNone({ keyword, files, tags }, projects) };
  const patterns = [...tags.map(tagPattern).filter((pattern) => pattern !== ''), byKeyword.pattern ?? ''];
  const name = namePattern(
    wanted,
    patterns.filter((pattern) => pattern !== ''),
  );
  const paths = files.length === 0 && wanted.length === 0 ? [] : chosen.flatMap((project) => project.files);
  return {
    kind: 'some',
    projects: chosen,
    jestArgs: [
      ...(name === '' ? [] : [`--testNamePattern=${name}`]),
      ...(paths.length === 0 ? [] : [`--testPathPatterns=${pathPattern(paths)}`]),
    ],
  };
}

interface KeywordChoice {
  readonly projects: readonly SuiteProject[];
  readonly pattern?: string;
}

/** The first that fits: a service, a part of projects' names, a part of tests' names. */
function chooseByKeyword(keyword: string | undefined, projects: readonly SuiteProject[]): KeywordChoice {
  if (keyword === undefined) return { projects };
  const word = keyword.toLowerCase();
  const users = projects.filter(({ services }) => services.includes(word));
  if (users.length > 0) return { projects: users, pattern: marker(word) };
  const namesakes = projects.filter(({ name }) => name.toLowerCase().includes(word));
  if (namesakes.length > 0) return { projects: namesakes };
  return { projects, pattern: literal(keyword) };
}

/** Jest finds it anywhere in a test's full name; several have each to be found. */
function namePattern(wanted: readonly string[], patterns: readonly string[]): string {
  const any = wanted.length === 0 ? [] : [wanted.map(marker).join('|')];
  const all = [...any, ...patterns];
  if (all.length === 1 && all[0]?.startsWith('(?!') === false) return all[0];
  if (all.length === 0) return '';
  return `^${all.map((pattern) => (pattern.startsWith('(?!') ? pattern : `(?=.*(?:${pattern}))`)).join('')}`;
}

/** Of the files' names alone, since every project is told the same: `/(reading|tls)[.]integration[.]`. */
function pathPattern(paths: readonly string[]): string {
  const names = paths.map((path) => path.replace(/^.*\//, '').replace(/\.integration\.test\..*$/, ''));
  return `/(${[...new Set(names)].map(literal).join('|')})[.]integration[.]`;
}

/** Only for what a test must not carry. */
function tagPattern(tag: string): string {
  return tag.startsWith('!') ? `(?!.*${marker(tag.slice(1))})` : '';
}

/** The word that the title of a suite or a test carries, and not the beginning of a longer one. */
function marker(word: string): string {
  return `@${word}(?![\\w-])`;
}

/** A regular expression for this very text. Nothing in it means anything to the shell that Nx hands it to. */
function literal(text: string): string {
  return text.replace(/[^\w /-]/g, (character) =>
    character === '.' ? '[.]' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function mentions(text: string, tag: string): boolean {
  return new RegExp(`['"\`@]${tag}(?![\\w-])`).test(text);
}

function sayNone({ keyword, files, tags }: Choice, projects: readonly SuiteProject[]): string {
  const asked = [
    ...(keyword === undefined ? [] : [`-k ${keyword}`]),
    ...files.map((file) => `-f ${file}`),
    ...tags.map((tag) => `--tag ${tag}`),
  ];
  const services = [...new Set(projects.flatMap((project) => project.services))];
  return [
    `No test fits ${asked.join(' ')}.`,
    `Projects: ${projects.map(({ name }) => name).join(', ')}.`,
    `Services: ${services.join(', ')}.`,
  ].join('\n');
}
