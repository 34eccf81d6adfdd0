#!/bin/sh -eu
# Verifies report.asice, sealed with ECDSA P-256, with nothing but unzip and
# openssl 3.0. Beside it lies authority.pem, got from the authority itself;
# SIGNED_AT is the issued_at of extract.json. Every command must succeed.

# 1. Unpack. Every entry but mimetype and META-INF/ is content.
unzip -q report.asice -d report

# 2. Each content file has the digest (SHA-256) that the manifest gives it.
for file in extract.json report.html; do
    digest=$(openssl dgst -sha256 -binary "report/$file" | openssl base64)
    grep -A 2 -F "URI=\"$file\"" report/META-INF/ASiCManifest-p256.xml |
        grep -F "<ds:DigestValue>$digest</ds:DigestValue>"
done

# 3. The manifest is signed by the key of the certificate.
openssl x509 -in report/META-INF/p256.pem -noout -pubkey > signer.pem
openssl dgst -sha256 -verify signer.pem \
    -signature report/META-INF/p256.sig report/META-INF/ASiCManifest-p256.xml

# 4. The authority vouches for the certificate, at the time of signing.
openssl verify -CAfile authority.pem \
    -attime "$(date -d "$SIGNED_AT" +%s)" report/META-INF/p256.pem
openssl x509 -in report/META-INF/p256.pem -noout -subject -nameopt utf8,RFC2253 -serial

# 5. The CAdES signature says the same in one command.
openssl cms -verify -cades -binary -inform DER -in report/META-INF/signature-p256.p7s \
    -content report/META-INF/ASiCManifest-p256.xml -CAfile authority.pem \
    -attime "$(date -d "$SIGNED_AT" +%s)" -out /dev/null

# 6. If the authority publishes crl.pem: the serial number is not on it, or only
#    with a later date and a reason other than Key Compromise.
if [ -e crl.pem ]; then openssl crl -in crl.pem -noout -text; fi
