// jsforce, unmodified, against a running sandbox. Prints one JSON object: {check: what the client saw}.
// Environment: SF_INSTANCE_URL, SF_ACCESS_TOKEN, SF_API_VERSION.
'use strict';

const { Connection } = require('jsforce');

const connection = new Connection({
  instanceUrl: process.env.SF_INSTANCE_URL,
  accessToken: process.env.SF_ACCESS_TOKEN,
  version: process.env.SF_API_VERSION,
});
connection.bulk2.pollInterval = 50;
connection.bulk2.pollTimeout = 20000;

const outcome = (result) => ({ success: result.success, errors: (result.errors || []).map((error) => error.statusCode || error.errorCode) });

const checks = {
  async identity() {
    const identity = await connection.identity();
    return { user: identity.username, organization: identity.organization_id.slice(0, 3) };
  },

  async limits() {
    const limits = await connection.limits();
    return limits.DailyApiRequests.Max;
  },

  async describe() {
    const described = await connection.sobject('Task').describe();
    return { name: described.name, keyPrefix: described.keyPrefix, id: described.fields.find((field) => field.type === 'id').name };
  },

  async describeGlobal() {
    const described = await connection.describeGlobal();
    return described.sobjects.filter((object) => ['Account', 'Contact', 'EmailMessage'].includes(object.name)).map((object) => object.keyPrefix);
  },

  async query() {
    const result = await connection.query('SELECT Id, Account.Name FROM Contact WHERE AccountId != null LIMIT 3');
    return { rows: result.records.length, parent: typeof result.records[0].Account.Name, type: result.records[0].attributes.type };
  },

  async autoFetch() {
    const count = await connection.query('SELECT COUNT() FROM Task');
    const records = await connection.query('SELECT Id FROM Task').run({ autoFetch: true, maxFetch: 100000, headers: { 'Sforce-Query-Options': 'batchSize=200' } });
    return { counted: count.totalSize, fetched: records.records ? records.records.length : records.length };
  },

  async scanAll() {
    const visible = await connection.query('SELECT COUNT() FROM Contact');
    const all = await connection.query('SELECT COUNT() FROM Contact', { scanAll: true });
    return { visible: visible.totalSize, all: all.totalSize };
  },

  async record() {
    const accounts = connection.sobject('Account');
    const created = await accounts.create({ Name: 'Conformance Ltd' });
    const updated = await accounts.update({ Id: created.id, Industry: 'Banking' });
    const read = await accounts.retrieve(created.id);
    const gone = await accounts.destroy(created.id);
    const after = await accounts.retrieve(created.id).then(() => 'found', (error) => error.errorCode || error.name);
    return { created: created.success, updated: updated.success, industry: read.Industry, gone: gone.success, after };
  },

  async collection() {
    const accounts = connection.sobject('Account');
    const results = await accounts.create([{ Name: 'One Ltd' }, { Industry: 'Banking' }, { Name: 'Three Ltd' }]);
    const made = results.filter((result) => result.success).map((result) => result.id);
    const removed = await accounts.destroy(made);
    return { created: results.map(outcome), removed: removed.map((result) => result.success) };
  },

  async bulkQuery() {
    const stream = await connection.bulk2.query('SELECT Id, Subject, ActivityDate, IsClosed FROM Task', { scanAll: true });
    const records = await stream.toArray();
    return { rows: records.length, columns: Object.keys(records[0]), closed: [...new Set(records.map((record) => record.IsClosed))].sort() };
  },

  async bulkLoad() {
    const found = await connection.query('SELECT Id FROM Contact LIMIT 20');
    const input = found.records.map((record, index) => ({ Id: record.Id, Title: index === 0 ? null : `Title ${index}, "quoted"\nnew line` }));
    input.push({ Id: '003000000000000AAA', Title: 'nobody' });
    const { successfulResults, failedResults, unprocessedRecords } = await connection.bulk2.loadAndWaitForResults({ object: 'Contact', operation: 'update', input });
    const ids = found.records.map((record) => `'${record.Id}'`).join(',');
    const now = await connection.query(`SELECT Id, Title FROM Contact WHERE Id IN (${ids})`);
    const titles = new Map(now.records.map((record) => [record.Id, record.Title]));
    return {
      successful: successfulResults.length,
      created: [...new Set(successfulResults.map((row) => row.sf__Created))],
      failed: failedResults.map((row) => row.sf__Error.split(':')[0]),
      unprocessed: unprocessedRecords.length,
      cleared: titles.get(input[0].Id),
      written: input.slice(1, 20).every((row) => titles.get(row.Id) === row.Title),
    };
  },
};

(async () => {
  const seen = {};
  for (const [name, check] of Object.entries(checks)) {
    try {
      seen[name] = await check();
    } catch (error) {
      seen[name] = { error: `${error.errorCode || error.name}: ${error.message}` };
    }
  }
  process.stdout.write(JSON.stringify(seen));
})();
