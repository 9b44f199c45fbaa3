"""The one crossing from botocore's errors to ours, so that nothing above it knows a code of AWS.

ClientError (AWS answered) and BotoCoreError (it did not, or was never asked) are siblings, and a few conditions come
as neither; CROSSING names them all. Codes common to every service:
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CommonErrors.html
"""

import logging
from collections.abc import Mapping
from typing import Any

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from bot.domain.errors import (
    BackupsDenied,
    BackupsError,
    BackupsLockedOut,
    BackupsMissing,
    BackupsRefused,
    BackupsTaken,
    BackupsThrottled,
    BackupsUnreachable,
)

UNMAPPED = "aws_error_unmapped"
STALE_CREDENTIALS = frozenset(
    {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException", "RequestExpired"}
)

# What botocore says where the bot itself has nothing to sign a call with.
NO_CREDENTIALS = frozenset(
    {"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"}
)

CROSSING: tuple[type[Exception], ...] = (
    boto.ClientError,
    boto.BotoCoreError,
    # Not in botocore.exceptions: an answer that is not the XML or JSON it should be, such as a proxy's page.
    ResponseParserError,
    # botocore raises bare ones for an endpoint URL that is none and for a timestamp it cannot read.
    ValueError,
    # RefreshableCredentials raises it when a role's fresh credentials are over already: this machine's clock is wrong.
    RuntimeError,
)

CODES: Mapping[str, type[BackupsError]] = {
    "Throttling": BackupsThrottled,
    "ThrottlingException": BackupsThrottled,
    "ThrottledException": BackupsThrottled,
    "RequestThrottled": BackupsThrottled,
    "RequestThrottledException": BackupsThrottled,
    "RequestLimitExceeded": BackupsThrottled,
    "TooManyRequestsException": BackupsThrottled,
    "SlowDown": BackupsThrottled,
    # StartCopyJob and StartBackupJob hold no list that could be too long: what is exceeded is a number of jobs at
    # work, which passes by itself. botocore retries it as throttling too. Of a number of vaults see bot.aws.keeping.
    "LimitExceededException": BackupsThrottled,
    "ServiceUnavailable": BackupsUnreachable,
    "ServiceUnavailableException": BackupsUnreachable,
    "InternalFailure": BackupsUnreachable,
    "InternalError": BackupsUnreachable,
    "InternalServerError": BackupsUnreachable,
    "InternalServerException": BackupsUnreachable,
    "RequestTimeout": BackupsUnreachable,
    "RequestTimeoutException": BackupsUnreachable,
    "RequestAbortedException": BackupsUnreachable,
    "DependencyTimeoutException": BackupsUnreachable,
    "DependencyFailureException": BackupsUnreachable,
    "KMSInternalException": BackupsUnreachable,
    "ServiceException": BackupsUnreachable,
    "ServiceFailure": BackupsUnreachable,
    "ConcurrentModificationException": BackupsUnreachable,
    "ExpiredToken": BackupsLockedOut,
    "ExpiredTokenException": BackupsLockedOut,
    "InvalidClientTokenId": BackupsLockedOut,
    # Also the answer of an opt-in Region that the account has not enabled.
    "UnrecognizedClientException": BackupsLockedOut,
    "RegionDisabledException": BackupsLockedOut,
    "OptInRequired": BackupsLockedOut,
    "AuthFailure": BackupsLockedOut,
    "IncompleteSignature": BackupsLockedOut,
    "IncompleteSignatureException": BackupsLockedOut,
    "InvalidSignatureException": BackupsLockedOut,
    "SignatureDoesNotMatch": BackupsLockedOut,
    "MissingAuthenticationToken": BackupsLockedOut,
    "MissingAuthenticationTokenException": BackupsLockedOut,
    "RequestExpired": BackupsLockedOut,
    "MalformedPolicyDocument": BackupsLockedOut,
    "MalformedPolicyDocumentException": BackupsLockedOut,
    "PackedPolicyTooLarge": BackupsLockedOut,
    "PackedPolicyTooLargeException": BackupsLockedOut,
    "InvalidContextAssertion": BackupsLockedOut,
    "AccessDenied": BackupsDenied,
    "AccessDeniedException": BackupsDenied,
    "NotAuthorized": BackupsDenied,
    "UnauthorizedOperation": BackupsDenied,
    "ResourceNotFoundException": BackupsMissing,
    # IAM's and KMS's words for the same.
    "NoSuchEntity": BackupsMissing,
    "NotFoundException": BackupsMissing,
    # DynamoDB's and Application Auto Scaling's own.
    "TableNotFoundException": BackupsMissing,
    "PolicyNotFoundException": BackupsMissing,
    "ObjectNotFoundException": BackupsMissing,
    "ResourceInUseException": BackupsRefused,
    "ProvisionedThroughputExceededException": BackupsThrottled,
    "ConcurrentUpdateException": BackupsThrottled,
    "InternalServiceException": BackupsUnreachable,
    "AlreadyExistsException": BackupsTaken,
    # Application Auto Scaling may not read the alarms of a scaling policy in whoever asks' name.
    "FailedResourceAccessException": BackupsDenied,
    "InvalidNextToken": BackupsRefused,
    "InvalidNextTokenException": BackupsRefused,
    "InvalidParameterValue": BackupsRefused,
    "InvalidParameterValueException": BackupsRefused,
    "InvalidParameterException": BackupsRefused,
    "InvalidParameterCombination": BackupsRefused,
    "MissingParameter": BackupsRefused,
    "MissingParameterValueException": BackupsRefused,
    "InvalidRequest": BackupsRefused,
    "InvalidRequestException": BackupsRefused,
    "ValidationError": BackupsRefused,
    "ValidationException": BackupsRefused,
    "MalformedHttpRequestException": BackupsRefused,
    "RequestEntityTooLargeException": BackupsRefused,
    "UnknownOperationException": BackupsRefused,
    "AWSOrganizationsNotInUseException": BackupsRefused,
    "InvalidArnException": BackupsRefused,
    "InvalidInput": BackupsRefused,
    "KMSInvalidStateException": BackupsRefused,
    "PolicyEvaluation": BackupsRefused,
}

# The first class that an error is an instance of decides, so that a new error in a known family is mapped with it.
RAISED: tuple[tuple[type[Exception], type[BackupsError]], ...] = (
    (boto.ConnectionError, BackupsUnreachable),
    (boto.HTTPClientError, BackupsUnreachable),
    (boto.IncompleteReadError, BackupsUnreachable),
    (boto.ChecksumError, BackupsUnreachable),
    (boto.FlexibleChecksumError, BackupsUnreachable),
    (boto.PaginationError, BackupsUnreachable),
    (ResponseParserError, BackupsUnreachable),
    (boto.CapacityNotAvailableError, BackupsThrottled),
    (boto.NoCredentialsError, BackupsLockedOut),
    (boto.PartialCredentialsError, BackupsLockedOut),
    (boto.CredentialRetrievalError, BackupsLockedOut),
    (boto.UnknownCredentialError, BackupsLockedOut),
    (boto.RefreshWithMFAUnsupportedError, BackupsLockedOut),
    (boto.MetadataRetrievalError, BackupsLockedOut),
    (boto.InvalidIMDSEndpointError, BackupsLockedOut),
    (boto.InvalidIMDSEndpointModeError, BackupsLockedOut),
    (boto.SSOError, BackupsLockedOut),
    (boto.LoginError, BackupsLockedOut),
    (boto.TokenRetrievalError, BackupsLockedOut),
    (boto.NoAuthTokenError, BackupsLockedOut),
    (boto.UnknownTokenProviderError, BackupsLockedOut),
    # The machine's AWS set-up: like a missing role, an operator mends it without touching the request.
    (boto.ProfileNotFound, BackupsLockedOut),
    (boto.ConfigNotFound, BackupsLockedOut),
    (boto.ConfigParseError, BackupsLockedOut),
    (boto.InvalidConfigError, BackupsLockedOut),
    (boto.InvalidDefaultsMode, BackupsLockedOut),
    (boto.InvalidProxiesConfigError, BackupsLockedOut),
    (boto.InvalidRetryConfigurationError, BackupsLockedOut),
    (boto.InvalidSTSRegionalEndpointsConfigError, BackupsLockedOut),
    (boto.InvalidEndpointConfigurationError, BackupsLockedOut),
    (boto.InvalidChecksumConfigError, BackupsLockedOut),
    (boto.EndpointVariantError, BackupsLockedOut),
    (boto.UnknownFIPSEndpointError, BackupsLockedOut),
    (boto.MissingDependencyException, BackupsLockedOut),
    (RuntimeError, BackupsLockedOut),
    (boto.ParamValidationError, BackupsRefused),
    (boto.MissingParametersError, BackupsRefused),
    (boto.ValidationError, BackupsRefused),
    (boto.InvalidHostLabelError, BackupsRefused),
    (boto.BaseEndpointResolverError, BackupsRefused),
    (boto.EndpointProviderError, BackupsRefused),
    (boto.UnknownRegionError, BackupsRefused),
    (boto.ServiceNotInRegionError, BackupsRefused),
)

# An error no table knows may have come after the request left. Repeating is safe, since the token is ours, while
# giving up could tell people that a copy failed which AWS is making.
UNKNOWN = BackupsUnreachable

_log = logging.getLogger(__name__)


def translate(error: Exception, operation: str, *, account: str = "") -> BackupsError:
    """Say in our terms what an error of botocore means; `account` is how people know the account it came from."""
    if isinstance(error, boto.ClientError):
        return _answered(error, operation, account)
    kind = next((ours for theirs, ours in RAISED if isinstance(error, theirs)), None)
    code = type(error).__name__
    if kind is None:
        kind = UNKNOWN
        _log.warning(UNMAPPED, extra={"code": code, "operation": operation})
    return kind(_named(account, str(error)) if kind is BackupsLockedOut else str(error), code=code, operation=operation)


def _answered(error: Any, operation: str, account: str) -> BackupsError:
    asked = error.operation_name or operation
    details: Mapping[str, Any] = error.response
    code = str(details.get("Error", {}).get("Code", ""))
    kind = _kind_of(code, _status_of(details), asked)
    if asked == "AssumeRole" and not issubclass(kind, BackupsThrottled | BackupsUnreachable):
        # Whatever STS minds about the role, it is the operator who mends it, and no vault said no.
        kind = BackupsLockedOut
    text = _text_of(details, code)
    return kind(_named(account, text) if kind is BackupsLockedOut else text, code=code, operation=asked)


def _kind_of(code: str, status: int, operation: str) -> type[BackupsError]:
    known = CODES.get(code)
    if known is not None:
        return known
    _log.warning(UNMAPPED, extra={"code": code, "status": status, "operation": operation})
    if status == 429:
        return BackupsThrottled
    # HTTP itself says whose fault a 4xx is; for the rest, see UNKNOWN.
    return BackupsRefused if 400 <= status < 500 else UNKNOWN


def _status_of(details: Mapping[str, Any]) -> int:
    return int(details.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _text_of(details: Mapping[str, Any], code: str) -> str:
    """AWS's sentence, with AWS Backup's finer code (ERROR_nnnn, beside the Error member) where there is one."""
    text = str(details.get("Error", {}).get("Message") or code or "AWS gave no reason.")
    finer = details.get("Code")
    return f"{text} ({finer})" if finer and finer != code else text


def _named(account: str, text: str) -> str:
    return f"No access to {account}: {text}" if account else text
