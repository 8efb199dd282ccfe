"""What a consumer does with a boto3 of any age, old `chime` client or new; tells what it saw as one line of JSON."""

import json
import sys

import boto3

client = boto3.client(sys.argv[1])
connector = {"VoiceConnectorId": "abc"}
people = {"ParticipantPhoneNumbers": ["+12065550100", "+14015550101"], "Capabilities": ["Voice", "SMS"]}
seen = {}

client.put_voice_connector_proxy(DefaultSessionExpiryMinutes=30, PhoneNumberPoolCountries=["US"], **connector)
seen["proxy"] = client.get_voice_connector_proxy(**connector)["Proxy"]
made = [client.create_proxy_session(**connector, **people)["ProxySession"] for _ in range(5)]
seen["isDate"] = made[0]["CreatedTimestamp"].year == 2026
names = [session["ProxySessionId"] for session in made]
keys = {**connector, "ProxySessionId": names[0]}
updated = client.update_proxy_session(Capabilities=["SMS"], ExpiryMinutes=90, **keys)
session = updated["ProxySession"]
seen["updated"] = [updated["ResponseMetadata"]["HTTPStatusCode"], session["Capabilities"], session["ExpiryMinutes"]]
pages, listed, token = 0, [], {}
while True:
    page = client.list_proxy_sessions(MaxResults=2, **connector, **token)
    pages += 1
    listed += [session["ProxySessionId"] for session in page["ProxySessions"]]
    if not page.get("NextToken"):
        break
    token = {"NextToken": page["NextToken"]}
seen["paginated"] = [pages, listed == names]
seen["deleted"] = client.delete_proxy_session(**keys)["ResponseMetadata"]["HTTPStatusCode"]
try:
    client.get_proxy_session(**keys)
except client.exceptions.NotFoundException as error:
    metadata = error.response["ResponseMetadata"]
    seen["error"] = [True, metadata["HTTPStatusCode"], bool(metadata["RequestId"])]
client.delete_voice_connector_proxy(**connector)
sys.stdout.write(json.dumps(seen))
