import { Scratch } from '../testing/scratch.js';
import { findWorkspaceRoot } from './find-workspace-root.js';

describe('the workspace of a folder', () => {
  test.each([
    ['nx.json', '{}'],
    ['pnpm-workspace.yaml', 'packages: []'],
    ['package.json', '{"workspaces":["packages/*"]}'],
  ])('is the folder above it with a %s', (mark, text) => {
    using scratch = new Scratch();
    scratch.write(`top/${mark}`, text);
    scratch.write('top/packages/a/package.json', '{"name":"a"}');
    const deep = scratch.makeFolder('top/packages/a/src/deep');
    expect(findWorkspaceRoot(deep)).toBe(scratch.path('top'));
    expect(findWorkspaceRoot(scratch.path('top'))).toBe(scratch.path('top'));
  });

  test('is the topmost one, so that a workspace inside another shares its services', () => {
    using scratch = new Scratch();
    scratch.write('top/nx.json', '{}');
    scratch.write('top/examples/inner/nx.json', '{}');
    expect(findWorkspaceRoot(scratch.path('top/examples/inner'))).toBe(scratch.path('top'));
  });

  test('is without any mark the nearest package, or the folder itself', () => {
    using scratch = new Scratch();
    scratch.write('a/package.json', '{"name":"a"}');
    scratch.write('a/b/package.json', '{"name":"b"}');
    expect(findWorkspaceRoot(scratch.makeFolder('a/b/src'))).toBe(scratch.path('a/b'));
    expect(findWorkspaceRoot(scratch.makeFolder('lonely'))).toBe(scratch.path('lonely'));
  });

  test('is not put off by a package.json that is not JSON', () => {
    using scratch = new Scratch();
    scratch.write('top/nx.json', '{}');
    scratch.write('top/a/package.json', '{ not json');
    expect(findWorkspaceRoot(scratch.path('top/a'))).toBe(scratch.path('top'));
  });
});
