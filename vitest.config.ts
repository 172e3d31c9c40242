import { defineConfig } from 'vitest/config';
import { unitTests } from './test/unit-tests.js';

const shared = {
  pool: 'forks' as const,
  setupFiles: ['test/without-colour.ts'],
  testTimeout: 900_000,
  hookTimeout: 900_000,
};

/** `unit` needs the npm packages alone; `integration` is every other test (see test/unit-tests.ts). */
export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: 'unit', include: unitTests } },
      {
        test: { ...shared, name: 'integration', include: ['test/**/*.test.{ts,tsx}'], exclude: unitTests },
      },
    ],
  },
});
