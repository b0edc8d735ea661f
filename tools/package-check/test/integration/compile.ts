import { join } from 'node:path';
import ts from 'typescript';

/** Parsed once for all projects: the libraries of TypeScript and Node are most of what there is to parse. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/**
 * Type-checks the TypeScript of a project with its own tsconfig.json, and the declarations of our packages that it uses,
 * and writes JavaScript to out/. The declarations of others are taken as they are: checking them takes most of `tsc`'s time.
 *
 * @throws Error with what TypeScript says.
 */
export function compile(folder: string): void {
  const complaints: ts.Diagnostic[] = [];
  const config = ts.getParsedCommandLineOfConfigFile(
    join(folder, 'tsconfig.json'),
    { outDir: join(folder, 'out'), skipLibCheck: false },
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (diagnostic) => complaints.push(diagnostic) },
  );
  const program = ts.createProgram(
    config?.fileNames ?? [],
    config?.options ?? {},
    hostFor(config?.options ?? {}, folder),
  );
  const ours = program
    .getSourceFiles()
    .filter(
      ({ fileName }) => !fileName.includes('/node_modules/') || fileName.includes('/node_modules/@sqlflow/'),
    );
  complaints.push(
    ...(config?.errors ?? []),
    ...program.getOptionsDiagnostics(),
    ...ours.flatMap((file) => [
      ...program.getSyntacticDiagnostics(file),
      ...program.getSemanticDiagnostics(file),
    ]),
  );
  if (complaints.length > 0) throw new Error(ts.formatDiagnostics(complaints, hostFor({}, folder)));
  // One by one: before it writes all of a program, TypeScript checks all of it, others' declarations too.
  for (const file of ours.filter(({ isDeclarationFile }) => !isDeclarationFile)) program.emit(file);
}

function hostFor(options: ts.CompilerOptions, folder: string): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  return {
    ...host,
    getCurrentDirectory: () => folder,
    getSourceFile: (name, target, ...rest) => {
      if (name.startsWith(folder)) return host.getSourceFile(name, target, ...rest);
      if (!parsed.has(name)) parsed.set(name, host.getSourceFile(name, target, ...rest));
      return parsed.get(name);
    },
  };
}
