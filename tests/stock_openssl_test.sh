#!/usr/bin/env bash
# An auditor with unzip and the stock openssl command can verify what we seal.
#
#   stock_openssl_test.sh MAKE_SEALED SOURCE
#
# Runs the commands of tests/cases/by_hand/, which the manual prints, on a
# container of each suite: they must succeed on it and fail on a forged one.
set -euo pipefail
make_sealed=$1
by_hand=$2/tests/cases/by_hand
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    printf 'not ok: %s\n' "$*"
    exit 1
}

# A fresh directory with a container, the authority and SIGNED_AT.
given() {
    directory=$scratch/$1
    mkdir "$directory"
    shift
    SIGNED_AT=$("$make_sealed" "$directory" "$@")
    export SIGNED_AT
}

commands() { (cd "$directory" && sh -eu "$by_hand/$suite.sh" > log 2>&1); }

holds() { commands || { cat "$directory/log"; fail "$suite: $1"; }; }

fails() {
    if commands; then fail "$suite: $1 was not noticed"; fi
    grep -qiE "$2" "$directory/log" || { cat "$directory/log"; fail "$suite: $1: other reason"; }
    printf 'ok: %s: %s is noticed\n' "$suite" "$1"
}

for suite in sm2 p256; do
    given "$suite" "$suite" revoked
    unzip -tqq "$directory/report.asice" || fail "$suite: unzip"
    holds 'a good container'
    grep -q 'Serial Number' "$directory/log" || fail "$suite: the revocation list is not read"
    printf 'ok: %s holds\n' "$suite"

    given "$suite-content" "$suite" forged report.html
    fails 'a changed file' '.'
    given "$suite-manifest" "$suite" forged "META-INF/ASiCManifest-$suite.xml"
    fails 'a changed manifest' 'verification failure'
    given "$suite-signature" "$suite" forged "META-INF/$suite.sig"
    fails 'a changed signature' 'verification failure|verifying data'

    given "$suite-early" "$suite"
    SIGNED_AT=2025-12-31T23:59:59Z
    fails 'a time before the certificate' 'not yet valid'

    given "$suite-stranger" "$suite"
    stranger=$directory
    given "$suite-trust" "$suite"
    cp "$stranger/authority.pem" "$directory/authority.pem"
    fails 'another authority' 'verification failed|unable to get local issuer|signature failure|bad signature'
done

# Stock tools check the revocation list itself where no user id is needed.
suite=p256
directory=$scratch/p256
chain=$directory/report/META-INF/p256.pem
authority=(-CAfile "$directory/authority.pem")
openssl crl -in "$directory/crl.pem" "${authority[@]}" -noout 2>&1 | grep -q 'verify OK' ||
    fail 'the revocation list does not verify'
if openssl verify "${authority[@]}" -CRLfile "$directory/crl.pem" -crl_check \
    -attime "$(date -d 2026-08-02 +%s)" "$chain" > "$directory/log" 2>&1; then
    fail 'a revoked certificate was accepted'
fi
grep -q 'certificate revoked' "$directory/log" || fail 'revoked: other reason'
printf 'ok: p256: the revocation list is read\n'

# The key files are what the openssl command reads.
for suite in sm2 p256; do
    openssl pkey -in "$scratch/$suite/keys/signing-key.pem" -noout -check > /dev/null 2>&1 ||
        fail "$suite: the private key is not read"
done
