import fc from 'fast-check';
import { failureBox } from './failure-box.js';
import { ServiceFailure, type ServiceFailureReport } from './service-failure.js';

const report: ServiceFailureReport = {
  code: 'PORT_TAKEN',
  service: 'postgres',
  summary: 'postgres was asked to listen on port 5432, which is taken.',
  evidence: ['process 4711 (postgres) listens on it'],
  next: ['Ask for another port: --ports.postgres=0', 'or stop what listens there.'],
};

describe('the box of a failure', () => {
  test('shows what failed, the evidence and the next command', () => {
    expect(`\n${failureBox(report)}`).toBe(`
┌─ postgres: PORT_TAKEN ─────────────────────────────────────┐
│ postgres was asked to listen on port 5432, which is taken. │
│                                                            │
│ Evidence:                                                  │
│   process 4711 (postgres) listens on it                    │
│                                                            │
│ What to do next:                                           │
│   Ask for another port: --ports.postgres=0                 │
│   or stop what listens there.                              │
└────────────────────────────────────────────────────────────┘`);
  });

  test('leaves out what there is none of', () => {
    const text = failureBox({ code: 'INVALID_OPTION', summary: 'No.', evidence: [], next: [] });
    expect(text).toContain('┌─ INVALID_OPTION ');
    expect(text).not.toContain('Evidence');
    expect(text).not.toContain('What to do next');
  });

  test('has straight edges around whatever text', () => {
    const line = fc.string({ unit: 'grapheme-ascii', maxLength: 150 });
    const lines = fc.array(line, { maxLength: 4 }).map((all) => all.join('\n'));
    fc.assert(
      fc.property(lines, fc.array(lines), fc.array(lines), (summary, evidence, next) => {
        const rows = failureBox({ ...report, summary, evidence, next }).split('\n');
        expect(new Set(rows.map((row) => row.length)).size).toBe(1);
        expect(rows.slice(1, -1).every((row) => row.startsWith('│ ') && row.endsWith(' │'))).toBe(true);
      }),
    );
  });
});

test('a failure says its code and its sentence, and keeps its cause', () => {
  const cause = new Error('EADDRINUSE');
  const failure = new ServiceFailure(report, { cause });
  expect(failure.message).toBe(`[PORT_TAKEN] ${report.summary}`);
  expect(failure.code).toBe('PORT_TAKEN');
  expect(failure.cause).toBe(cause);
});
