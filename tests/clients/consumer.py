"""Calls every operation with the boto3 client named by the first argument; prints the results as one line of JSON."""

import json
import sys

import boto3

client = boto3.client(sys.argv[1])
connector = {"VoiceConnectorId": "abc"}
participants = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["Voice", "SMS"]}
results = {}

client.put_voice_connector_proxy(DefaultSessionExpiryMinutes=30, PhoneNumberPoolCountries=["US"], **connector)
results["proxy"] = client.get_voice_connector_proxy(**connector)["Proxy"]
created = [client.create_proxy_session(**connector, **participants)["ProxySession"] for _ in range(5)]
results["isDate"] = created[0]["CreatedTimestamp"].year == 2026
names = [session["ProxySessionId"] for session in created]
keys = {**connector, "ProxySessionId": names[0]}
updated = client.update_proxy_session(Capabilities=["SMS"], ExpiryMinutes=90, **keys)
session = updated["ProxySession"]
results["updated"] = [updated["ResponseMetadata"]["HTTPStatusCode"], session["Capabilities"], session["ExpiryMinutes"]]
pages, listed, token = 0, [], {}
while True:
    page = client.list_proxy_sessions(MaxResults=2, **connector, **token)
    pages += 1
    listed += [session["ProxySessionId"] for session in page["ProxySessions"]]
    if not page.get("NextToken"):
        break
    token = {"NextToken": page["NextToken"]}
results["paginated"] = [pages, listed == names]
results["deleted"] = client.delete_proxy_session(**keys)["ResponseMetadata"]["HTTPStatusCode"]
try:
    client.get_proxy_session(**keys)
except client.exceptions.NotFoundException as error:
    metadata = error.response["ResponseMetadata"]
    results["error"] = [True, metadata["HTTPStatusCode"], bool(metadata["RequestId"])]
client.delete_voice_connector_proxy(**connector)
sys.stdout.write(json.dumps(results))
