import { stripVTControlCharacters } from 'node:util';

/** What Nx printed of one task, or before the first one. */
export interface NxSection {
  /** `undefined` for what Nx says itself. */
  readonly task:
    { readonly project: string; readonly target: string; readonly fromCache: boolean } | undefined;
  readonly text: string;
}

/** The task, the arguments that it was given, and where its output came from. */
const heading = /^> nx run ([^:\s]+):(\S+)(?: .*?)??(?:\s+\[([^\]]*)\])?\s*$/;
/** Nx's own words after the tasks begin with a rule. */
const rule = /^\s*—{5,}\s*$/;

/** Nx makes its tasks use colours, whatever its own output is. */
function plain(line: string): string {
  return stripVTControlCharacters(line).replace(/\r$/, '');
}

/**
 * Parts the output of `nx run-many --output-style=static`, which prints each task's output as a whole when it has ended.
 * Hand in chunks as they come.
 */
export class NxOutput {
  #rest = '';
  #isSilent = false;
  #task: NxSection['task'];
  #lines: string[] = [];

  /** @param isProject - Whether there is one of this name: a test may print what looks like a heading. */
  constructor(
    private readonly isProject: (name: string) => boolean,
    private readonly onSection: (section: NxSection) => void,
  ) {}

  push(chunk: string): void {
    this.#isSilent = false;
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#line(plain(line));
  }

  /**
   * To be called now and then: what has come is handed out when nothing more has come between two calls. What comes
   * of the same task after all is another section of it.
   */
  tick(): void {
    if (this.#isSilent) this.#handOut(this.#task);
    this.#isSilent = true;
  }

  end(): void {
    if (this.#rest !== '') this.#line(plain(this.#rest));
    this.#rest = '';
    this.#handOut(undefined);
  }

  #line(line: string): void {
    const [, project, target, note] = heading.exec(line) ?? [];
    if (project !== undefined && target !== undefined && this.isProject(project)) {
      this.#handOut({ project, target, fromCache: note?.includes('cache') ?? false });
    } else if (rule.test(line) && this.#task !== undefined) {
      this.#handOut(undefined);
    }
    this.#lines.push(line);
  }

  #handOut(next: NxSection['task']): void {
    const text = this.#lines.join('\n').trim();
    if (text !== '') this.onSection({ task: this.#task, text: `${text}\n` });
    this.#lines = [];
    this.#task = next;
  }
}
