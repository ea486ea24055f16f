"""What the object store refuses, in OSS's own words: a code, its HTTP status, a sentence.

Codes and statuses are from OSS's pages on errors ("HTTP status code 400", "403", ...) and its SDKs.
"""

from __future__ import annotations

from collections.abc import Mapping

#: code -> HTTP status, OSS's sentence
CODES: dict[str, tuple[int, str]] = {
    "AccessDenied": (403, "You have no right to access this object because of bucket acl."),
    "AccessForbidden": (403, "CORSResponse: CORS is not enabled for this bucket."),
    "BucketAlreadyExists": (409, "The requested bucket name is not available."),
    "BucketNotEmpty": (409, "The bucket you tried to delete is not empty."),
    "EntityTooLarge": (400, "Your proposed upload exceeds the maximum allowed object size."),
    "EntityTooSmall": (400, "Your proposed upload smaller than the minimum allowed size."),
    "FileAlreadyExists": (409, "The object you specified already exists and can not be overwritten."),
    "FilePartNotExist": (400, "One or more of the parts of this object could not be found."),
    "IncorrectNumberOfFilesInPOSTRequest": (400, "POST requires exactly one file upload per request."),
    "InternalError": (500, "We encountered an internal error. Please try again."),
    "InvalidAccessKeyId": (403, "The OSS Access Key Id you provided does not exist in our records."),
    "InvalidArgument": (400, "Invalid Argument."),
    "InvalidBucketName": (400, "The specified bucket is not valid."),
    "InvalidDigest": (400, "The Content-MD5 you specified was invalid."),
    "InvalidObjectName": (400, "The specified object is not valid."),
    "InvalidPart": (
        400,
        "One or more of the specified parts could not be found or the specified entity tag might not have "
        "matched the part's entity tag.",
    ),
    "InvalidPartOrder": (
        400,
        "The list of parts was not in ascending order. Parts list must be ordered by part number.",
    ),
    "InvalidPolicyDocument": (400, "Invalid Policy."),
    "InvalidRange": (416, "The requested range cannot be satisfied."),
    "InvalidSecurityToken": (403, "The security token you provided is invalid."),
    "InvalidTag": (400, "The tags you provided are invalid."),
    "InvalidTargetType": (400, "The symbolic's target file type is invalid"),
    "MalformedPOSTRequest": (400, "The body of your POST request is not well-formed multipart/form-data."),
    "MalformedXML": (
        400,
        "The XML you provided was not well-formed or did not validate against our published schema.",
    ),
    "MethodNotAllowed": (405, "The specified method is not allowed against this resource."),
    "MissingArgument": (400, "Missing Some Required Arguments."),
    "NoSuchBucket": (404, "The specified bucket does not exist."),
    "NoSuchKey": (404, "The specified key does not exist."),
    "NoSuchUpload": (
        404,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted "
        "or completed.",
    ),
    "NotImplemented": (400, "A header you provided implies functionality that is not implemented."),
    "ObjectNotAppendable": (409, "The object is not appendable."),
    "PositionNotEqualToLength": (409, "Position is not equal to file length."),
    "PreconditionFailed": (412, "At least one of the pre-conditions you specified did not hold."),
    "RequestTimeTooSkewed": (
        403,
        "The difference between the request time and the current time is too large.",
    ),
    "SignatureDoesNotMatch": (
        403,
        "The request signature we calculated does not match the signature you provided. Check your key and "
        "signing method.",
    ),
    "SymlinkTargetNotExist": (404, "The symlink target object does not exist."),
}


class Refused(Exception):
    """A request that is not done. ``fields`` stand in the answer's XML, ``headers`` beside it."""

    def __init__(
        self,
        code: str,
        message: str = "",
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **more: str,
    ) -> None:
        self.status, sentence = CODES[code]
        self.code = code
        self.message = message or sentence
        self.headers = dict(headers or {})
        self.fields = {**(fields or {}), **more}
        super().__init__(f"{code}: {self.message}")


class NotModified(Exception):
    """The object is the one that the client has: 304, which has no body and is no error."""

    def __init__(self) -> None:
        super().__init__()
        self.headers: dict[str, str] = {}
