#!/usr/bin/env node
/** The `stagecraft` command. */
import { processIo } from './output/io.js';
import { runCli } from './program.js';

process.exitCode = await runCli(process.argv.slice(2), processIo());
