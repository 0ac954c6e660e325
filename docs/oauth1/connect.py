"""Connects an application to Odoo Relay by OAuth 1.0a, and asks who it is taken to be.

    pip install -r requirements.txt
    RELAY_URL=https://relay.example.com CONSUMER_KEY=... CONSUMER_SECRET=... python connect.py
"""

import os

from requests_oauthlib import OAuth1Session

relay = os.environ["RELAY_URL"]
session = OAuth1Session(
    os.environ["CONSUMER_KEY"],
    client_secret=os.environ["CONSUMER_SECRET"],
    # A web application names one of its registered callback URLs, and is called there.
    callback_uri="oob",
    signature_method="HMAC-SHA256",
)
session.fetch_request_token(f"{relay}/oauth/1.0a/request-token")
print("Open", session.authorization_url(f"{relay}/oauth/1.0a/authorize"), flush=True)
token = session.fetch_access_token(
    f"{relay}/oauth/1.0a/access-token", verifier=input("and enter the code you are shown: ").strip()
)
# Keep both: they are good until they are revoked.
print("\noauth_token", token["oauth_token"])
print("oauth_token_secret", token["oauth_token_secret"])
print("token", session.get(f"{relay}/oauth/1.0a/token").json())
