/**
 * A reporter of vitest that writes what failed to the file $STAGECRAFT_FAILED_TESTS: tests, files that could not be
 * loaded or did not end, and errors outside of any test, such as a worker that died. An empty list is written, too.
 */
import { writeFileSync } from 'node:fs';

/** An error with its causes, and the test that ran when it came. */
function lines(error) {
  const during = [error.VITEST_TEST_PATH, error.VITEST_TEST_NAME].filter(Boolean).join(' > ');
  return [
    ...(during ? [`during ${during}`] : []),
    error.stack ?? error.message ?? String(error),
    ...(error.cause ? [`caused by ${lines(error.cause)}`] : []),
  ].join('\n');
}
function failuresIn(module) {
  const file = module.relativeModuleId;
  const entry = (where, errors) => [where, ...errors.map(lines)].join('\n');
  const running = [...module.children.allTests('pending')].map((test) => `while ${test.fullName}`);
  const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
  const tests = [...module.children.allTests('failed')];
  return [
    ...(['queued', 'pending'].includes(module.state()) ? [[file, 'did not end', ...running].join('\n')] : []),
    ...(module.errors().length > 0 ? [entry(file, module.errors())] : []),
    ...suites.map((suite) => entry(`${file} > ${suite.fullName}`, suite.errors())),
    ...tests.map((test) => entry(`${file} > ${test.fullName}`, test.result().errors)),
  ];
}

export default class FailedTests {
  onTestRunEnd(modules, errors) {
    const failed = [
      ...modules.flatMap(failuresIn),
      ...errors.map((error) => `outside of any test\n${lines(error)}`),
    ];
    writeFileSync(process.env.STAGECRAFT_FAILED_TESTS, JSON.stringify(failed));
  }
}
