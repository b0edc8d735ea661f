/** What is wrong with the list of files in a package's tarball, one sentence each. Paths as npm gives them. */
export function packingFaults(files: readonly string[]): string[] {
  const packed = new Set(files);
  const missing = ['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts'].filter(
    (file) => !packed.has(file),
  );
  const unwanted = files.filter((file) =>
    /(^|\/)(test|coverage|out-tsc|node_modules)\/|\.test\.|\.tsbuildinfo$|(^|\/)(tsconfig|jest\.config)\b/.test(
      file,
    ),
  );
  // Source maps lead to src, so what is in dist must come from there; a file of a source that is gone is left over.
  const leftOver = files.filter((file) => {
    const source = /^dist\/(.+)\.(?:js|d\.ts)(?:\.map)?$/.exec(file)?.[1];
    return source !== undefined && !packed.has(`src/${source}.ts`);
  });
  return [
    ...missing.map((file) => `${file} is missing`),
    ...unwanted.map((file) => `${file} must not be published`),
    ...leftOver.map((file) => `${file} has no source; remove dist and build again`),
  ];
}
