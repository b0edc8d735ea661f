export interface ReadmeFile {
  /** As the README names it, with `/`; never outside the folder it is written to. */
  readonly path: string;
  readonly text: string;
}

/**
 * The files that a README tells its reader to make: each fenced block whose first line names a file after the language,
 * such as ```` ```ts example.ts ````. In order; other blocks are left out.
 *
 * @throws Error for a name that leads out of the folder or is given twice.
 */
export function readmeFiles(markdown: string): ReadmeFile[] {
  const files = [...markdown.matchAll(/^```[\w-]+ +(\S+)\n([\s\S]*?)^```$/gm)].map(
    ([, path = '', text = '']) => ({
      path,
      text,
    }),
  );
  const seen = new Set<string>();
  for (const { path } of files) {
    if (path.startsWith('/') || path.split('/').includes('..'))
      throw new Error(`The README names a file outside its folder: ${path}`);
    if (seen.has(path)) throw new Error(`The README gives ${path} twice`);
    seen.add(path);
  }
  return files;
}
