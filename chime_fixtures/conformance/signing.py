"""Signature Version 4 by botocore, with the credentials of the environment."""

from __future__ import annotations

from collections.abc import Mapping

from chime_fixtures.conformance.http_transport import Sign
from chime_fixtures.engine.errors import InvalidOptionError, MissingExtraError
from chime_fixtures.service.messages import Request

_SERVICE = "chime"
_DEFAULT_REGION = "us-east-1"


def environment_signer() -> Sign:
    """Return a function that signs requests as boto3 does, by its chain of credentials and its region.

    Raises:
        MissingExtraError: botocore is not installed.
        InvalidOptionError: there are no credentials.
    """
    try:
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.session import Session
    except ImportError as error:
        raise MissingExtraError("boto3", "boto3") from error
    session = Session()
    credentials = session.get_credentials()
    if credentials is None:
        text = "no AWS credentials to sign with"
        raise InvalidOptionError(f"{text}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile")
    region = session.get_config_variable("region") or _DEFAULT_REGION

    def sign(request: Request) -> Mapping[str, str]:
        signed = AWSRequest(request.method, request.base + request.target, dict(request.headers), request.body)
        SigV4Auth(credentials, _SERVICE, region).add_auth(signed)
        return {name: str(value) for name, value in signed.headers.items()}

    return sign
