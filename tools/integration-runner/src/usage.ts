export const usage = `usage: ./integration [options]

Installs what is missing (npm packages; servers with apt or Homebrew where that is allowed), runs the integration suites
on real PostgreSQL, S3 and Redis, and ends with a report. A suite that nothing has changed for comes from the cache.

Which tests:
  -k, --keyword WORD   the tests on a service (postgres, object-store, redis); else those of the projects with WORD in
                       their name; else those with WORD in their own name. Capitals do not matter
  -f, --file PART      the test files with PART in their path; may be given more than once
      --tag WORD       the tests that carry the tag (smoke, slow, fault, …); a,b: either; !slow: those without it
      --quick          as --tag smoke
      --affected       only projects that a change concerns
      --base REF       what it is a change from (default: defaultBase in nx.json)

How:
      --provider NAME  where services come from: auto (default), local, docker, external
      --parallel N     projects at a time, 1 to 64
      --timeout SECS   for the whole run; one that takes longer is ended
      --install-only   run nothing: install what is missing
      --coverage       measure it, for each project and for all together
  -v, --verbose        each test as it ends, and all that Nx and Jest print

Afterwards:
      --keep-services  services go on until \`npx nx run services:down\`
      --no-cleanup     --keep-services, and what failed tests had leased stays to be looked at
      --cleanup-only   run nothing: stop services, remove what earlier runs left, say what it was
  -h, --help

Environment:
  INTEGRATION_TESTS     true (default here): a service that cannot be had fails its tests; false: they are skipped
  LOG_LEVEL             debug: as --verbose; info (default); warn, error: no progress
  JEST_WORKERS          test files at a time in a project: a number, 50%, or auto (default)
  SERVICES_PROVIDER     as --provider
  SERVICES_KEEP_WARM_MS how long services stay after the last run (default: 10 minutes; not at all when CI is set)
  CI, NO_COLOR          plain output; CI: nothing is kept afterwards

Every run leaves logs/integration-tests/<time>/ with report.html, summary.json, JUnit XML, Jest's output and the services'
logs; the last 10 are kept, and logs/integration-tests/latest is the last.

Exit codes: 0 passed, 1 wrong usage or another error, 2 services did not start, 3 tests failed, 130 interrupted`;
