/** The suite of trainings on the fastest runtime that this machine has. */
import { engineRuntime } from '../fixtures/engine-runtime.js';
import { trainingSuite } from './training-suite.js';

trainingSuite(`${engineRuntime.runtime}, ${engineRuntime.execution}`, engineRuntime);
