/** Starts the script of the page that compares runs. */
import type { RunsPageData } from '../comparison/runs-page-data.js';
import { byId } from './dom.js';
import { RunsPage } from './runs-page.js';

new RunsPage(JSON.parse(byId('page-data').textContent ?? '') as RunsPageData).start();
