"""A KMS that checks signatures (moto), for KMSTests. Prints what the tests need as one line of JSON, and ends when its input ends."""
import json
import sys

import boto3
import moto.settings
from moto.core.authorization import ActionAuthenticatorMixin
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
port = server.get_host_and_port()[1]
session = boto3.Session(aws_access_key_id="setup", aws_secret_access_key="setup", region_name="us-east-1")


def client(name):
    return session.client(name, endpoint_url=f"http://127.0.0.1:{port}")


kms, iam, sts = client("kms"), client("iam"), client("sts")
keys = [kms.create_key()["KeyMetadata"] for _ in range(2)]
kms.create_alias(AliasName="alias/faxlock-test", TargetKeyId=keys[0]["KeyId"])


def policy(*actions):
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def user(name, *actions):
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="test", PolicyDocument=policy(*actions))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return {"id": made["AccessKeyId"], "secret": made["SecretAccessKey"]}


trust = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
role = iam.create_role(RoleName="fax", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
iam.put_role_policy(RoleName="fax", PolicyName="test", PolicyDocument=policy("kms:Encrypt", "kms:Decrypt"))
session_keys = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]

facts = {
    "port": port,
    "key": keys[0]["KeyId"], "arn": keys[0]["Arn"], "alias": "alias/faxlock-test",
    "otherKey": keys[1]["KeyId"],
    "server": user("server", "kms:Encrypt", "kms:Decrypt"),
    "encryptOnly": user("writer", "kms:Encrypt"),
    "temporary": {"id": session_keys["AccessKeyId"], "secret": session_keys["SecretAccessKey"], "token": session_keys["SessionToken"]},
}
# From here on every request must be signed by a known key with the right to its action.
moto.settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
ActionAuthenticatorMixin.request_count = 0
print(json.dumps(facts), flush=True)
sys.stdin.read()
