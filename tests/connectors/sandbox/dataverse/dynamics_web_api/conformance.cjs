// dynamics-web-api, unmodified, against a running sandbox. Prints one JSON object: {check: what the client saw}.
// Environment: DYN_URL, DYN_ACCESS_TOKEN.
'use strict';

const { DynamicsWebApi } = require('dynamics-web-api');

const client = new DynamicsWebApi({
  serverUrl: process.env.DYN_URL,
  dataApi: { version: '9.2' },
  onTokenRefresh: async () => process.env.DYN_ACCESS_TOKEN,
});

const refused = async (promise) => promise.then(() => null, (error) => ({ status: error.status, code: error.code }));

const checks = {
  async whoAmI() {
    const me = await client.callFunction('WhoAmI');
    const user = await client.retrieve({ collection: 'systemusers', key: me.UserId, select: ['applicationid', 'accessmode'] });
    return { mode: user.accessmode, keys: Object.keys(me).filter((name) => name.endsWith('Id')).sort() };
  },

  async metadata() {
    const { value } = await client.retrieveEntities({ select: ['LogicalName', 'EntitySetName'], filter: "LogicalName eq 'account'" });
    const text = await client.retrieveCsdlMetadata();
    return { sets: value.map((entity) => entity.EntitySetName), model: text.includes('EntitySet Name="accounts"') };
  },

  async attributes() {
    const { value } = await client.retrieveEntities({ select: ['MetadataId'], filter: "LogicalName eq 'email'" });
    const states = await client.retrieveAttributes({
      entityKey: value[0].MetadataId,
      castType: 'Microsoft.Dynamics.CRM.StatusAttributeMetadata',
      select: ['LogicalName'],
      expand: [{ property: 'OptionSet', select: ['Options'] }],
    });
    return states.value[0].OptionSet.Options.map((option) => option.Value);
  },

  async query() {
    const result = await client.retrieveMultiple({
      collection: 'contacts',
      select: ['fullname', '_parentcustomerid_value'],
      filter: "contains(emailaddress1,'@') and _parentcustomerid_value ne null and statecode eq 0",
      orderBy: ['fullname asc'],
      top: 3,
      count: true,
      includeAnnotations: '*',
    });
    const first = result.value[0];
    return { rows: result.value.length, counted: result.oDataCount > 3, target: first._parentcustomerid_value_LogicalName, named: !!first._parentcustomerid_value_Formatted };
  },

  async pages() {
    const request = { collection: 'contacts', select: ['fullname'], maxPageSize: 50 };
    const all = await client.retrieveAll(request);
    const counted = await client.count({ collection: 'contacts' });
    return { distinct: new Set(all.value.map((row) => row.contactid)).size, fetched: all.value.length, counted };
  },

  async expand() {
    const result = await client.retrieveMultiple({
      collection: 'emails',
      select: ['activityid'],
      top: 2,
      expand: [{ property: 'email_activity_parties', select: ['participationtypemask', 'addressused'] }],
    });
    const parties = result.value[0].email_activity_parties;
    return { senders: parties.filter((party) => party.participationtypemask === 1).length, link: '@odata.nextLink' in result.value[0] || 'email_activity_parties@odata.nextLink' in result.value[0] };
  },

  async record() {
    const id = await client.create({ collection: 'accounts', data: { name: 'Conformance', numberofemployees: 5 } });
    const read = await client.retrieve({ collection: 'accounts', key: id, select: ['name', 'numberofemployees'] });
    await client.update({ collection: 'accounts', key: id, data: { name: 'Changed' }, ifmatch: read['@odata.etag'] });
    const stale = await client.update({ collection: 'accounts', key: id, data: { name: 'Stale' }, ifmatch: read['@odata.etag'] }); // false: 412
    const name = await client.retrieve({ collection: 'accounts', key: id, select: ['name'] });
    await client.deleteRecord({ collection: 'accounts', key: id });
    const gone = await refused(client.retrieve({ collection: 'accounts', key: id, select: ['name'] }));
    return { employees: read.numberofemployees, name: name.name, stale, gone };
  },

  async tracking() {
    const request = { collection: 'accounts', select: ['name'], trackChanges: true };
    const walk = await client.retrieveMultiple(request);
    const id = await client.create({ collection: 'accounts', data: { name: 'Tracked' } });
    const other = await client.create({ collection: 'accounts', data: { name: 'Gone' } });
    await client.deleteRecord({ collection: 'accounts', key: other });
    const delta = await client.retrieveMultiple({ collection: 'accounts' }, walk.oDataDeltaLink || walk['@odata.deltaLink']);
    await client.deleteRecord({ collection: 'accounts', key: id });
    return { changed: delta.value.filter((row) => row.accountid).map((row) => row.name), reasons: delta.value.filter((row) => row.reason).map((row) => row.reason) };
  },

  async batch() {
    client.startBatch();
    client.create({ collection: 'contacts', data: { lastname: 'One' } });
    client.create({ collection: 'contacts', data: { lastname: 'Two' } });
    const made = await client.executeBatch();
    client.startBatch();
    made.forEach((key) => client.deleteRecord({ collection: 'contacts', key, inChangeSet: false }));
    client.callFunction('WhoAmI');
    const removed = await client.executeBatch();
    return { made: made.length, user: 'UserId' in removed[removed.length - 1] };
  },

  async refusal() {
    return refused(client.retrieveMultiple({ collection: 'accounts', select: ['nosuchcolumn'] }));
  },
};

(async () => {
  const seen = {};
  for (const [name, check] of Object.entries(checks)) {
    seen[name] = await check().catch((error) => ({ failed: error.message, stack: error.stack }));
  }
  console.log(JSON.stringify(seen));
})();
