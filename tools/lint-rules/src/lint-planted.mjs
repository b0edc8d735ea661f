// Lints texts as if they stood in the files they name, with the configuration of this repository. Nothing is written to
// disk, so that a type check or a build that runs meanwhile never sees a planted file.
//
// Reads `[{ path, text }]` as JSON from standard input, `path` relative to the root of the repository; prints
// `[[{ rule, line, message }]]` in the same order.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { createProjectGraphAsync, workspaceRoot } from '@nx/devkit';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

/** @type {{ path: string, text: string }[]} */
const planted = JSON.parse(await readAll(process.stdin));

// The rule on module boundaries reads the project graph that Nx saved; without one it passes everything.
await createProjectGraphAsync();

const withTypes = new ESLint({ cwd: workspaceRoot });
// A file that is not on disk belongs to no TypeScript project: it is linted by the rules that need no types.
const withoutTypes = new ESLint({
  cwd: workspaceRoot,
  overrideConfig: [{ ...tseslint.configs.disableTypeChecked, files: ['**/*.ts'] }],
});

const results = [];
for (const { path, text } of planted) {
  const filePath = join(workspaceRoot, path);
  const eslint = existsSync(filePath) ? withTypes : withoutTypes;
  const [result] = await eslint.lintText(text, { filePath });
  const messages = result?.messages ?? [];
  results.push(messages.map(({ ruleId, line, message }) => ({ rule: ruleId ?? 'eslint', line, message })));
}
process.stdout.write(JSON.stringify(results));
