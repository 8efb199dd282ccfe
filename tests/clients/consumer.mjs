// Calls every operation with the SDK for JavaScript and its paginator; prints the results as one line of JSON.
import * as chime from "@aws-sdk/client-chime-sdk-voice";

const client = new chime.ChimeSDKVoiceClient({ maxAttempts: 3 });
const VoiceConnectorId = "abc";
const results = {};

await client.send(new chime.PutVoiceConnectorProxyCommand({
  VoiceConnectorId, DefaultSessionExpiryMinutes: 30, PhoneNumberPoolCountries: ["US"],
}));
results.proxy = (await client.send(new chime.GetVoiceConnectorProxyCommand({ VoiceConnectorId }))).Proxy;
const created = [];
for (let n = 0; n < 5; n++) {
  const { ProxySession } = await client.send(new chime.CreateProxySessionCommand({
    VoiceConnectorId, Name: `Order ${n}`, Capabilities: ["Voice", "SMS"],
    ParticipantPhoneNumbers: ["+12065550100", "+14015550101"],
  }));
  created.push(ProxySession.ProxySessionId);
  results.isDate = ProxySession.CreatedTimestamp instanceof Date;
}
const ProxySessionId = created[0];
const updated = await client.send(new chime.UpdateProxySessionCommand({
  VoiceConnectorId, ProxySessionId, Capabilities: ["SMS"], ExpiryMinutes: 90,
}));
results.updated = [updated.$metadata.httpStatusCode, updated.ProxySession.Capabilities, updated.ProxySession.ExpiryMinutes];
const listed = [];
let pages = 0;
for await (const page of chime.paginateListProxySessions({ client, pageSize: 2 }, { VoiceConnectorId })) {
  pages++;
  listed.push(...page.ProxySessions.map((session) => session.ProxySessionId));
}
results.paginated = [pages, JSON.stringify(listed) === JSON.stringify(created)];
const deletion = await client.send(new chime.DeleteProxySessionCommand({ VoiceConnectorId, ProxySessionId }));
results.deleted = deletion.$metadata.httpStatusCode;
try {
  await client.send(new chime.GetProxySessionCommand({ VoiceConnectorId, ProxySessionId }));
} catch (error) {
  results.error = [error instanceof chime.NotFoundException, error.$metadata.httpStatusCode, Boolean(error.$metadata.requestId)];
}
await client.send(new chime.DeleteVoiceConnectorProxyCommand({ VoiceConnectorId }));
console.log(JSON.stringify(results));
