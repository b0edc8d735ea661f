/** What GitHub shows beside a line of a file. */
export interface Annotation {
  /** From the repository's folder, with `/`. */
  readonly file: string;
  /** From 1. Absent: the file as a whole. */
  readonly line?: number;
  readonly title: string;
  readonly message: string;
}

/** An annotation as the line on standard output that a GitHub runner takes for a command. */
export function errorCommand({ file, line, title, message }: Annotation): string {
  const properties = [
    `file=${escapeProperty(file)}`,
    ...(line === undefined ? [] : [`line=${String(line)}`]),
    `title=${escapeProperty(title)}`,
  ];
  return `::error ${properties.join(',')}::${escapeData(message)}`;
}

/** A text that ended its line would let the name of a test give the runner a command of its own. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
