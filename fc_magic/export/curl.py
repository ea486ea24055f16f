"""``curl``: a shell script that signs and sends the deployment. It signs when it runs: no key is in it, and it does
not grow old as a signed request does after 15 minutes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from fc_magic.export import body
from fc_magic.export.described import Described
from fc_magic.export.result import Export
from fc_magic.export.secrets import Secret
from fc_magic.wire import v2

_MARK = re.compile(r'"\\u0000([A-Za-z0-9_]+)\\u0000"')


def as_script(described: Described) -> Export:
    script = _SCRIPT.replace("@NAME@", described.name).replace("@REGION@", described.live.region)
    script = script.replace("@PATH@", v2.path(described.live.region))
    script = script.replace("@ENDPOINT@", described.live.endpoint)
    script = script.replace("@CHECKS@", "".join(_checks(described.secrets)))
    script = script.replace("@BODY@", _body(described))
    path = f"{described.name}.sh"
    return Export(
        described.name,
        "curl",
        {path: script.encode()},
        executable=frozenset([path]),
        notes=tuple(body.said(described, "the environment")),
        step="ALIBABA_CLOUD_ACCESS_KEY_ID=… ALIBABA_CLOUD_ACCESS_KEY_SECRET=… sh {place}",
        private=described.with_secrets,
    )


def _checks(secrets: tuple[Secret, ...]) -> Iterator[str]:
    for secret in secrets:
        yield f': "${{{secret.name}:?it stands for {secret.place}, which is not in this file}}"\n'


def _body(described: Described) -> str:
    """Pieces of JSON as they are, and between them values of the environment: a line may end between two tokens."""
    text = json.dumps(body.whole(described), indent=2, default=_mark)
    pieces = _MARK.split(text)
    out = []
    for number, piece in enumerate(pieces):
        # every other piece is the name of a variable
        out.append(f'text "${piece}"\n' if number % 2 else f"cat <<'END'\n{piece}\nEND\n")
    return "".join(out)


def _mark(value: object) -> str:
    if not isinstance(value, Secret):
        raise TypeError(f"{type(value).__name__} in a deployment")
    return f"\0{value.name}\0"


_SCRIPT = r"""#!/bin/sh
# Deploys @NAME@ with the deployments API of Function Compute: creates it, or updates it if it is there.
# A signature holds for 15 minutes, so the request is signed when this runs, with the key of the environment:
#   ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET, ALIBABA_CLOUD_SECURITY_TOKEN (of temporary keys)
#   FC_ENDPOINT: where to send it (@ENDPOINT@)
# It needs curl and openssl.
set -eu
: "${ALIBABA_CLOUD_ACCESS_KEY_ID:?an access key is needed}"
: "${ALIBABA_CLOUD_ACCESS_KEY_SECRET:?the secret of the access key is needed}"
@CHECKS@
key=$ALIBABA_CLOUD_ACCESS_KEY_ID
secret=$ALIBABA_CLOUD_ACCESS_KEY_SECRET
token=${ALIBABA_CLOUD_SECURITY_TOKEN:-}
endpoint=${FC_ENDPOINT:-@ENDPOINT@}
endpoint=${endpoint%/}
[ "${#secret}" -le 64 ] || { echo "the secret has more than 64 characters" >&2; exit 2; }

umask 077
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# a value as JSON has it
text() {
  printf '%s|' "$1" |
    sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e "s/$(printf '\t')/\\\\t/g" -e "s/$(printf '\r')/\\\\r/g" |
    awk '{ all = all (NR > 1 ? "\\n" : "") $0 } END { printf "\"%s\"\n", substr(all, 1, length(all) - 1) }'
}

body() {
@BODY@}
body >"$work/body"

hash() { openssl dgst -sha256 -r | cut -d ' ' -f 1; }

# HMAC-SHA256, with builtins of the shell around the hash: as an argument the secret could be seen by everybody
padded() {
  count=0
  for byte in $(printf '%s' "$secret" | od -An -v -tu1); do
    printf '%b' "\\0$(printf '%03o' $((byte ^ $1)))"
    count=$((count + 1))
  done
  while [ "$count" -lt 64 ]; do
    printf '%b' "\\0$(printf '%03o' "$1")"
    count=$((count + 1))
  done
}
hmac() {
  { padded 54; cat; } | openssl dgst -sha256 -binary >"$work/inner"
  { padded 92; cat "$work/inner"; } | hash
}

# send METHOD ACTION PATH: the answer goes to $work/answer, the status to standard output
send() {
  rest=${endpoint#*://}
  host=${rest%%/*}
  payload=$(hash <"$work/body")
  date=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  nonce=$(openssl rand -hex 16)
  {
    printf 'content-type:application/json; charset=utf-8\nhost:%s\n' "$host"
    [ -z "$token" ] || printf 'x-acs-accesskey-id:%s\n' "$key"
    printf 'x-acs-action:%s\nx-acs-content-sha256:%s\nx-acs-date:%s\n' "$2" "$payload" "$date"
    [ -z "$token" ] || printf 'x-acs-security-token:%s\n' "$token"
    printf 'x-acs-signature-nonce:%s\nx-acs-version:v2\n' "$nonce"
  } >"$work/headers"
  names=$(cut -d : -f 1 "$work/headers" | tr '\n' ';')
  names=${names%;}
  canonical=$({
    printf '%s\n%s\n\n' "$1" "${rest#"$host"}$3"
    cat "$work/headers"
    printf '\n%s\n%s' "$names" "$payload"
  } | hash)
  signature=$(printf 'ACS3-HMAC-SHA256\n%s' "$canonical" | hmac)
  # headers by way of a file: arguments can be seen by everybody
  {
    sed 's/.*/header = "&"/' "$work/headers"
    printf 'header = "Authorization: ACS3-HMAC-SHA256 Credential=%s,' "$key"
    printf 'SignedHeaders=%s,Signature=%s"\n' "$names" "$signature"
  } >"$work/config"
  curl --silent --show-error --globoff --config "$work/config" --request "$1" --data-binary "@$work/body" \
    --output "$work/answer" --write-out '%{http_code}' "$endpoint$3"
}

status=$(send POST CreateDeployment '@PATH@')
if [ "$status" = 409 ]; then
  status=$(send PUT UpdateDeployment '@PATH@/@NAME@')
fi
cat "$work/answer"
echo
case $status in 2*) ;; *) echo "the answer is HTTP $status" >&2; exit 1 ;; esac
"""
