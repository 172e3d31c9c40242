/** Starts the page's script with the data that the page embeds. */
import { byId } from './dom.js';
import { ReportPage } from './report-page.js';
import { embeddedData } from './unpack-data.js';

void embeddedData(byId('page-data')).then((data) => new ReportPage(data).start());
