"""A moto server for the tests: prints its port, then does what it is told, a line of JSON each.

{"service": "s3", "call": "put_object", "args": {...}}   as boto3 would, against the server
{"sign": {"service": ..., "region": ..., "url": ..., "id": ..., "secret": ..., "token": ...,
          "date": ...}}                                 what botocore signs for a GET
{"fill": {"bucket": ..., "prefix": ..., "count": ...}}   that many objects of one byte
{"enforce": true}       from now on moto checks signatures and rights; false: no more
{"reset": true}         as it began
An answer is one line of JSON.
"""

import datetime
import functools
import json
import logging
import os
import sys

os.environ.update(AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing",
                  AWS_DEFAULT_REGION="us-east-1", INITIAL_NO_AUTH_ACTION_COUNT="inf",
                  S3_IGNORE_SUBDOMAIN_BUCKETNAME="true")  # as a MinIO without MINIO_DOMAIN
logging.getLogger("werkzeug").setLevel(logging.ERROR)

import boto3  # noqa: E402
import botocore.auth  # noqa: E402
import requests  # noqa: E402
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402
from moto.core import DEFAULT_ACCOUNT_ID  # noqa: E402
from moto.s3.models import s3_backends  # noqa: E402
from moto.moto_server.threaded_moto_server import ThreadedMotoServer  # noqa: E402

server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
port = server.get_host_and_port()[1]
endpoint = f"http://127.0.0.1:{port}"


def sign(args):
    at = datetime.datetime.strptime(args["date"], "%Y%m%dT%H%M%SZ")
    botocore.auth.get_current_datetime = lambda *_, **__: at
    request = AWSRequest("GET", args["url"])
    keys = Credentials(args["id"], args["secret"], args.get("token") or None)
    signer = botocore.auth.S3SigV4Auth if args["service"] == "s3" else botocore.auth.SigV4Auth
    signer(keys, args["service"], args["region"]).add_auth(request)
    return request.headers["Authorization"]


@functools.cache
def client(service):
    config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.client(service, endpoint_url=endpoint, config=config)


def call(service, name, args):
    answer = getattr(client(service), name)(**args)
    answer.pop("ResponseMetadata", None)
    return answer


enforced = False


def enforce(yes):
    global enforced
    enforced = yes
    check(yes)


def check(yes):
    requests.post(f"{endpoint}/moto-api/reset-auth", data="0" if yes else "inf", timeout=30)


def unchecked(order, *args):
    """Its own calls need no rights."""
    check(False)
    try:
        return order(*args)
    finally:
        check(enforced)


def fill(args):
    backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for i in range(args["count"]):
        backend.put_object(args["bucket"], f"{args['prefix']}{i:06}", b"x")


def reset(_):
    enforce(False)
    requests.post(f"{endpoint}/moto-api/reset", timeout=30)


ORDERS = {"sign": sign, "enforce": enforce, "fill": fill, "reset": reset}

print(json.dumps({"port": port}), flush=True)
for line in sys.stdin:
    order = json.loads(line)
    try:
        name = next(iter(order))
        if name in ORDERS:
            result = unchecked(ORDERS[name], order[name])
        else:
            result = unchecked(call, order["service"], order["call"], order.get("args", {}))
        print(json.dumps({"result": result}, default=str), flush=True)
    except Exception as error:  # noqa: BLE001
        print(json.dumps({"error": str(error)}), flush=True)
