"""The errors of the local AWS: codes, statuses and AWS's literal texts in one place."""


class AwsError(Exception):
    """An error answer. `detail` is the finer code AWS Backup may put beside the name (e.g. ERROR_3015)."""

    def __init__(
        self, code: str, message: str, *, status: int = 400, detail: str | None = None, **members: str
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.detail = detail or code
        self.members = members


def not_found(message: str) -> AwsError:
    return AwsError("ResourceNotFoundException", message)


def point_not_found() -> AwsError:
    return not_found("Cannot find recovery point")


def invalid_parameter(message: str, *, detail: str | None = None) -> AwsError:
    return AwsError("InvalidParameterValueException", message, detail=detail)


def malformed(reason: str) -> AwsError:
    """Answer a body that is not what the protocol says; the words after the first sentence are our own."""
    return AwsError("SerializationException", f"The request could not be read. {reason}")


def missing_parameter(name: str) -> AwsError:
    return AwsError("MissingParameterValueException", f"{name} is missing")


def invalid_request(message: str) -> AwsError:
    return AwsError("InvalidRequestException", message)


def already_exists(message: str, *, arn: str, creator_request_id: str) -> AwsError:
    return AwsError("AlreadyExistsException", message, Arn=arn, CreatorRequestId=creator_request_id)


def insufficient_privileges() -> AwsError:
    """AWS answers an unknown vault and a forbidden one alike."""
    return AwsError("AccessDeniedException", "Insufficient privileges to perform this action.", status=403)


def region_not_enabled() -> AwsError:
    """An opt-in Region that an account has not enabled does not know the account's credentials."""
    return AwsError("UnrecognizedClientException", "The security token included in the request is invalid.", status=403)


def not_in_this_emulator(operation: str) -> AwsError:
    return AwsError("NotInThisEmulator", f"{operation} is not in this emulator.", status=501)


def denied_by_control_policy(caller: str, action: str, resource: str) -> AwsError:
    """Refuse a caller in the words AWS has for a service control policy, without the policy's ARN."""
    return AwsError(
        "AccessDenied",
        f"User: {caller} is not authorized to perform: {action} on resource: {resource} "
        "with an explicit deny in a service control policy",
        status=403,
    )


def not_authorized(caller: str, action: str, resource: str) -> AwsError:
    """Refuse a caller in the words AWS has for a missing identity-based permission."""
    return AwsError(
        "AccessDenied",
        f"User: {caller} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action",
        status=403,
    )
