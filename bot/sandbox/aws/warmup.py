"""moto prepared before the first request: threads that all come first would each build its routes, for seconds."""

from moto.core.request import Request
from moto.core.routing import get_service_router
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
# What a bot asks first, and at the same time in every account and Region.
_FIRST = {
    "backup": Request.from_primitives("GET", "http://backup/backup-vaults/", {}),
    "sts": Request.from_primitives("POST", "http://sts/", _FORM, "Action=AssumeRole&Version=2011-06-15"),
    "iam": Request.from_primitives("POST", "http://iam/", _FORM, "Action=GetRole&Version=2010-05-08"),
    "kms": Request.from_primitives("POST", "http://kms/", {"X-Amz-Target": "TrentService.DescribeKey"}),
    "organizations": Request.from_primitives(
        "POST", "http://organizations/", {"X-Amz-Target": "AWSOrganizationsV20161128.DescribeOrganization"}
    ),
    "account": Request.from_primitives("POST", "http://account/getRegionOptStatus", {}),
}


def prepare(application: DomainDispatcherApplication) -> None:
    """Build routes and applications of the services that are asked first; no request is made, no call is counted."""
    for service, request in _FIRST.items():
        get_service_router(service).match(request)
        scope = f"AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/{service}/aws4_request, Signature=none"
        application.get_application({"HTTP_AUTHORIZATION": scope, "PATH_INFO": "/"})
