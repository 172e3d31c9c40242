/** File name of a database in its folder. */
export const databaseName = 'results.sqlite';
