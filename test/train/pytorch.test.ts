/** The suite of trainings on PyTorch. */
import { pytorchRuntime } from '../fixtures/pytorch-runtime.js';
import { trainingSuite } from './training-suite.js';

trainingSuite('pytorch, eager', pytorchRuntime);
