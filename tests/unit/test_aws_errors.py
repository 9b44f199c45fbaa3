"""Every error that botocore can raise, and every one that AWS declares for our calls, has a meaning of ours."""

import inspect
import logging

import botocore.session
import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from bot.aws.actions import ACTIONS
from bot.aws.errors import CODES, CROSSING, RAISED, STALE_CREDENTIALS, UNKNOWN, UNMAPPED, translate
from bot.domain.errors import (
    BackupsDenied,
    BackupsError,
    BackupsLockedOut,
    BackupsMissing,
    BackupsRefused,
    BackupsThrottled,
    BackupsUnreachable,
)

# Every call that the bot makes: those that need a permission, and the way into an account.
CALLED = sorted({action.name for action in ACTIONS if action.called} | {"sts:AssumeRole"})

# No call of ours goes near what these speak of: other services' parameters, paginators and waiters of botocore's own,
# its loader, its stubs. They get the default on purpose; a new class of botocore belongs here or into RAISED.
DEFAULTED = {
    "ApiVersionNotFoundError",
    "AwsChunkedWrapperError",
    "DataNotFoundError",
    "InvalidDNSNameError",
    "InvalidEndpointDiscoveryConfigurationError",
    "InvalidExpressionError",
    "InvalidS3AddressingStyleError",
    "InvalidS3UsEast1RegionalEndpointConfigError",
    "MD5UnavailableError",
    "OperationNotPageableError",
    "StubAssertionError",
    "StubResponseError",
    "UnStubbedResponseError",
    "UnknownClientMethodError",
    "UnknownServiceError",
    "UnknownServiceStyle",
    "UnknownSignatureVersionError",
    "UnseekableStreamError",
    "UnsupportedOutpostResourceError",
    "UnsupportedS3AccesspointConfigurationError",
    "UnsupportedS3ArnError",
    "UnsupportedS3ConfigurationError",
    "UnsupportedS3ControlArnError",
    "UnsupportedS3ControlConfigurationError",
    "UnsupportedServiceProtocolsError",
    "UnsupportedSignatureVersionError",
    "WaiterConfigError",
    "WaiterError",
}
# Raised where a service model lacks an attribute: a broken installation, and not a BotoCoreError.
NOT_CROSSING = {"UndefinedModelAttributeError", "MissingServiceIdError"}

ERRORS = {
    name: known
    for name, known in vars(boto).items()
    if inspect.isclass(known) and issubclass(known, Exception) and not issubclass(known, Warning)
}
BASES = {"BotoCoreError", "ClientError"}


def is_mapped(known: type[Exception]) -> bool:
    return any(issubclass(known, theirs) for theirs, _ in RAISED)


def bare(known: type[Exception]) -> Exception:
    """An instance without what its text would be made of."""
    return known.__new__(known)


@pytest.mark.parametrize(
    "name",
    sorted(name for name, known in ERRORS.items() if issubclass(known, boto.BotoCoreError) and name not in BASES),
)
def test_each_error_of_botocore_is_mapped_or_defaulted_on_purpose(name: str) -> None:
    assert is_mapped(ERRORS[name]) != (name in DEFAULTED)


def test_nothing_of_botocore_falls_outside_the_crossing() -> None:
    outside = {name for name, known in ERRORS.items() if not issubclass(known, CROSSING)}

    assert outside == NOT_CROSSING


def test_the_list_of_defaulted_errors_names_only_what_exists() -> None:
    assert set(ERRORS) >= DEFAULTED


@pytest.mark.parametrize("name", sorted(set(ERRORS) - BASES - NOT_CROSSING - {"EventStreamError"}))
def test_each_error_of_botocore_becomes_one_of_ours_with_its_name_as_code(name: str) -> None:
    ours = translate(bare(ERRORS[name]), "StartCopyJob")

    assert isinstance(ours, BackupsError)
    assert type(ours) is not BackupsError
    assert (ours.code, ours.operation) == (name, "StartCopyJob")


@pytest.mark.parametrize("called", CALLED)
def test_each_error_that_aws_declares_for_a_call_of_ours_is_mapped(called: str) -> None:
    service, operation = called.split(":")
    model = botocore.session.get_session().get_service_model(service)
    declared = {shape.metadata.get("error", {}).get("code", shape.name) for shape in _errors(model, operation)}

    assert declared
    assert declared <= set(CODES)


def _errors(model: object, operation: str) -> list[botocore.model.Shape]:
    return list(model.operation_model(operation).error_shapes)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("ConnectTimeoutError", BackupsUnreachable),
        ("ReadTimeoutError", BackupsUnreachable),
        ("EndpointConnectionError", BackupsUnreachable),
        ("ConnectionClosedError", BackupsUnreachable),
        ("ProxyConnectionError", BackupsUnreachable),
        ("SSLError", BackupsUnreachable),
        ("NoCredentialsError", BackupsLockedOut),
        ("CredentialRetrievalError", BackupsLockedOut),
        ("UnauthorizedSSOTokenError", BackupsLockedOut),
        ("ProfileNotFound", BackupsLockedOut),
        ("ParamValidationError", BackupsRefused),
        ("InvalidRegionError", BackupsRefused),
        ("NoRegionError", BackupsRefused),
    ],
)
def test_well_known_errors_mean_what_they_should(name: str, kind: type[BackupsError]) -> None:
    assert type(translate(bare(ERRORS[name]), "StartCopyJob")) is kind


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ResponseParserError("not XML"), BackupsUnreachable),
        (ValueError("Invalid endpoint: nowhere"), UNKNOWN),
        (RuntimeError("the refreshed credentials are still expired"), BackupsLockedOut),
    ],
)
def test_what_botocore_raises_beside_its_own_tree_is_mapped_too(error: Exception, kind: type[BackupsError]) -> None:
    assert isinstance(error, CROSSING)
    assert type(translate(error, "DescribeCopyJob")) is kind


def answer(code: str, *, status: int = 400, message: str = "because", operation: str = "StartCopyJob") -> Exception:
    details = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return boto.ClientError(details, operation)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("status", "kind"), [(500, UNKNOWN), (503, UNKNOWN), (429, BackupsThrottled), (418, BackupsRefused), (0, UNKNOWN)]
)
def test_an_unknown_code_is_judged_by_its_status_and_logged_under_a_constant_name(
    status: int, kind: type[BackupsError], caplog: pytest.LogCaptureFixture
) -> None:
    ours = translate(answer("BrandNewException", status=status), "StartCopyJob")

    assert type(ours) is kind
    (record,) = caplog.records
    assert (record.message, record.levelno) == (UNMAPPED, logging.WARNING)
    assert vars(record)["code"] == "BrandNewException"


def test_an_unknown_error_of_botocore_is_safe_to_repeat_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    class BrandNewError(boto.BotoCoreError):  # type: ignore[misc]  # botocore ships no types
        fmt = "something new"

    ours = translate(BrandNewError(), "StartCopyJob")

    assert ours.retryable
    assert [record.message for record in caplog.records] == [UNMAPPED]


def test_known_errors_are_not_logged_here_since_whoever_catches_them_decides(caplog: pytest.LogCaptureFixture) -> None:
    for code in CODES:
        translate(answer(code), "StartCopyJob")

    assert caplog.records == []


@pytest.mark.parametrize(
    "code", ["AccessDenied", "AccessDeniedException", "ValidationError", "RegionDisabledException"]
)
def test_a_role_that_cannot_be_assumed_locks_us_out_and_names_the_account(code: str) -> None:
    refused = answer(code, status=403, message="not authorized to perform: sts:AssumeRole", operation="AssumeRole")

    ours = translate(refused, "StartCopyJob", account="the account backup (222222222222)")

    assert type(ours) is BackupsLockedOut
    assert ours.operation == "AssumeRole"
    assert "the account backup (222222222222)" in ours.message
    assert "not authorized to perform: sts:AssumeRole" in ours.message


@pytest.mark.parametrize(
    ("code", "kind"), [("Throttling", BackupsThrottled), ("ServiceUnavailable", BackupsUnreachable)]
)
def test_trouble_of_sts_itself_is_not_taken_for_a_refused_role(code: str, kind: type[BackupsError]) -> None:
    assert type(translate(answer(code, operation="AssumeRole"), "StartCopyJob")) is kind


def test_the_finer_code_of_aws_backup_stands_beside_its_sentence() -> None:
    error = answer("InvalidParameterValueException", message="Invalid lifecycle.")
    error.response["Code"] = "ERROR_3015"  # type: ignore[attr-defined]

    ours = translate(error, "StartCopyJob")

    assert (ours.message, ours.code) == ("Invalid lifecycle. (ERROR_3015)", "InvalidParameterValueException")


def test_an_answer_without_a_word_still_makes_a_sentence() -> None:
    assert translate(boto.ClientError({}, "StartCopyJob"), "StartCopyJob").message == "AWS gave no reason."


@pytest.mark.parametrize(
    ("kind", "retryable"),
    [
        (BackupsThrottled, True),
        (BackupsUnreachable, True),
        (BackupsLockedOut, True),
        (BackupsDenied, False),
        (BackupsMissing, False),
        (BackupsRefused, False),
    ],
)
def test_each_kind_knows_whether_the_same_call_may_succeed_later(kind: type[BackupsError], retryable: bool) -> None:
    assert kind.retryable is retryable
    assert kind in set(CODES.values())


def test_codes_that_speak_of_stale_credentials_lock_us_out() -> None:
    assert {CODES[code] for code in STALE_CREDENTIALS} == {BackupsLockedOut}
