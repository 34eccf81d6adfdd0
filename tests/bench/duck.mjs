/* duck.mjs MODULES FILE DATABASE SETTINGS: DuckDB reads a CSV file as text into a table
 * on disk and makes it durable; prints the number of rows. SETTINGS: name=value … */
import { createRequire } from 'node:module';

const [modules, file, database, settings] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(`${modules}/`)('@duckdb/node-api');
const options = Object.fromEntries(settings.split(' ').map((setting) => setting.split('=')));
const connection = await (await DuckDBInstance.create(database, options)).connect();
await connection.run(`create table pen as select * from read_csv('${file}',
    all_varchar=true, header=true, delim=',', quote='"', escape='"')`);
await connection.run('checkpoint');
const count = await connection.runAndReadAll('select count(*) from pen');
console.log(String(count.getRows()[0][0]));
