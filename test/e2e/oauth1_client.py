"""Makes requests that requests-oauthlib signs; prints what each was answered, as one JSON object."""

import json
import sys

from oauthlib.oauth1 import SIGNATURE_TYPE_BODY, SIGNATURE_TYPE_QUERY
from requests_oauthlib import OAuth1Session

given = json.load(sys.stdin)
who = given["url"] + "/oauth/1.0a/token"
api = given["apiUrl"] + "/v1/things"


def session(method, token=True, **options):
    keys = {"resource_owner_key": given["token"], "resource_owner_secret": given["tokenSecret"]} if token else {}
    return OAuth1Session(
        given["consumerKey"],
        client_secret=given["consumerSecret"],
        rsa_key=given["rsaKey"],
        signature_method=method,
        **keys,
        **options,
    )


def kind(answer):
    return answer.json()["verdict"]["kind"]


odd = {"a": "!'()*~-._", "b": "1+2 3", "ä": "☃", "empty": "", "a[]": ["2", "10", "1"]}
answers = {}
for method in ["HMAC-SHA1", "HMAC-SHA256", "RSA-SHA1"]:
    answers[method] = {
        "who": session(method).get(who).status_code,
        "twoLegged": session(method, token=False).get(who).status_code,
        "query": kind(session(method).get(api, params=odd)),
        "form": kind(session(method).post(api + "?x=1", data=odd)),
        # The library signs a JSON body only if it is told to.
        "json": kind(session(method, force_include_body=True).post(api, json=odd)),
        "delete": kind(session(method).delete(api)),
        "inQuery": session(method, signature_type=SIGNATURE_TYPE_QUERY).get(who).status_code,
        "inForm": kind(session(method, signature_type=SIGNATURE_TYPE_BODY).post(api, data={"a": "1"})),
    }
answers["PLAINTEXT"] = session("PLAINTEXT").get(who).json()["code"]
unsigned = OAuth1Session(given["consumerKey"], client_secret=given["consumerSecret"])
answers["unsignedBody"] = unsigned.post(api, json={"a": 1}).json()["verdict"]["code"]
answers["revoked"] = [session("HMAC-SHA256").delete(who).status_code, session("HMAC-SHA256").get(who).status_code]
print(json.dumps(answers))
