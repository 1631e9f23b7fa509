// Writes tests/data/parquet: tables in Parquet, and for each the rows that are expected, as compressed JSON lines.
//
//     npm install @duckdb/node-api@1.5.6-r.1 @dsnp/parquetjs@1.9.3
//     node tests/Reference/parquet.mjs tests/data/parquet
//
// DuckDB (C++) writes the layouts that Hugging Face's data sets have, with each compression and both versions of pages, and states the rows itself.
// parquetjs is a second, independent writer: pages of version 2, and repeated fields that are not in a group of their own.
import { DuckDBInstance } from '@duckdb/node-api';
import parquetjs from '@dsnp/parquetjs';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const folder = process.argv[2];
const connection = await (await DuckDBInstance.create()).connect();

async function write(name, query, options) {
  await connection.run(`COPY (${query}) TO '${join(folder, name)}.parquet' (FORMAT PARQUET, ${options})`);
}

async function expect(name, query) {
  const rows = await connection.runAndReadAll(`SELECT CAST(to_json(line) AS VARCHAR) FROM (${query}) line`);
  writeFileSync(join(folder, `${name}.jsonl.gz`), gzipSync(rows.getRows().map(row => `${row[0]}\n`).join('')));
}

// Nulls, empty lists, lists with nulls, structures of lists, lists of structures, lists of lists, and numbers of every supported type.
const types = `SELECT * FROM (VALUES
  ('q1', {'text': ['a', 'b'], 'label': ['A', 'B']}, [{'x': 1, 'y': 'u'}, {'x': NULL, 'y': 'v'}], [[1, 2], [], [3]], 9007199254740991::BIGINT, 1.5::DOUBLE, true, NULL::VARCHAR, 7::UTINYINT, 0.5::FLOAT),
  ('é😀"\\\n', {'text': [], 'label': []}, [], [], NULL, NULL, false, 's', 255::UTINYINT, NULL),
  ('', NULL, NULL, NULL, -5, 0.1, NULL, 's', NULL, -0.25),
  ('q4', {'text': NULL, 'label': ['', NULL]}, [NULL, {'x': -1, 'y': NULL}], [NULL, [NULL]], 0, -1e300, true, NULL, 0::UTINYINT, 3),
  ) t(question, choices, items, nested, n, f, b, s, u, g)`;
await expect('types', types);
for (const codec of ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli']) {
  await write(`types-${codec}`, types, `COMPRESSION ${codec}`);
}
await write('types-v2', types, 'COMPRESSION snappy, PARQUET_VERSION V2');

// Several row groups; columns with a dictionary, with long runs, and with values that all differ.
const many = `SELECT i AS id, 'subject ' || (i % 7) AS subject, i * i * 31 % 1000003 AS n, CASE WHEN i % 3 = 0 THEN NULL ELSE 'text ' || i END AS t,
  list_transform(range(i % 4), x -> 'c' || (x + i % 5)) AS choices, i // 1000 AS thousand, i % 2 = 0 AS even FROM range(2500) r(i)`;
await expect('many', many);
await write('many', many, 'COMPRESSION zstd, ROW_GROUP_SIZE 2048');
await write('many-v2', many, 'COMPRESSION snappy, ROW_GROUP_SIZE 2048, PARQUET_VERSION V2');

// Conversations as lists of structures, as data sets for fine-tuning have them: a field that a message does not have is null.
await write('chat', `SELECT * FROM (VALUES
  (1, [{'role': 'system', 'content': 'Be brief.', 'weight': NULL::BIGINT, 'tool_calls': NULL::VARCHAR[]}, {'role': 'user', 'content': 'Cat?'}, {'role': 'assistant', 'content': 'Meow.'}]),
  (2, [{'role': 'user', 'content': 'Dog?'}, {'role': 'assistant', 'content': 'Miaow.', 'weight': 0}, {'role': 'user', 'content': 'Wrong: dog?'}, {'role': 'assistant', 'content': 'Woof.', 'weight': 1}]),
  ) t(id, messages)`, 'COMPRESSION snappy');
await write('preferences', `SELECT * FROM (VALUES
  ('Cat?', [{'content': 'Cat?', 'role': 'user'}, {'content': 'Meow.', 'role': 'assistant'}], [{'content': 'Cat?', 'role': 'user'}, {'content': 'Woof.', 'role': 'assistant'}], 8.5::DOUBLE),
  ) t(prompt, chosen, rejected, score_chosen)`, 'COMPRESSION zstd');

const schema = new parquetjs.ParquetSchema({
  question: { type: 'UTF8' },
  answer: { type: 'INT64', optional: true },
  aliases: { type: 'UTF8', repeated: true },
  answers: { repeated: true, fields: { text: { type: 'UTF8' }, start: { type: 'INT32', optional: true } } },
  weight: { type: 'DOUBLE', compression: 'GZIP' },
  right: { type: 'BOOLEAN', compression: 'SNAPPY' },
});
const rows = [
  { question: 'q1', answer: 3, aliases: ['a', 'b'], answers: [{ text: 't', start: 1 }, { text: 'u', start: null }], weight: 0.1, right: true },
  { question: 'é', answer: null, aliases: [], answers: [], weight: -1e-300, right: false },
  { question: '', answer: -1, aliases: [''], answers: [{ text: '', start: 0 }], weight: 2, right: true },
];
for (const version of [1, 2]) {
  const writer = await parquetjs.ParquetWriter.openFile(schema, join(folder, `parquetjs-v${version}.parquet`), { useDataPageV2: version === 2 });
  for (const row of rows) {
    await writer.appendRow(row);
  }
  await writer.close();
}
writeFileSync(join(folder, 'parquetjs.jsonl.gz'), gzipSync(rows.map(row => `${JSON.stringify(row)}\n`).join('')));
