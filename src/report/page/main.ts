/** Starts the page's script with the data that the page embeds. */
import type { PageData } from '../page-data.js';
import { ReportPage } from './report-page.js';

new ReportPage(JSON.parse(document.getElementById('page-data')!.textContent!) as PageData).start();
