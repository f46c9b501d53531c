#!/bin/sh
# Certificates for the broker, Vigil and devices, in the present folder. Keep it safe: who has a *-ca.key can be anybody.
#
#   certificates.sh authority ward                     ward-ca.pem signs the broker and Vigil
#   certificates.sh authority devices                  devices-ca.pem signs devices
#   certificates.sh broker broker.clinic.example       also several names or addresses
#   certificates.sh vigil
#   certificates.sh device ox-7                        the id that it publishes under
set -eu
umask 077

DAYS=${DAYS:-825}
CA_DAYS=${CA_DAYS:-3650}

fail() { echo "$1" >&2; exit 2; }

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

# sign AUTHORITY NAME USAGE [SUBJECT-ALT-NAMES]
sign() {
  new_key "$2.key"
  {
    echo "basicConstraints = critical, CA:FALSE"
    echo "keyUsage = critical, digitalSignature"
    echo "extendedKeyUsage = $3"
    if [ -n "${4:-}" ]; then echo "subjectAltName = $4"; fi
  } >"$2.ext"
  openssl req -new -key "$2.key" -subj "/CN=$2" |
    openssl x509 -req -CA "$1-ca.pem" -CAkey "$1-ca.key" -CAcreateserial -days "$DAYS" -extfile "$2.ext" -out "$2.pem"
  rm "$2.ext"
}

names() {
  for name; do
    case $name in *[!0-9.]*) case $name in *:*) echo "IP:$name" ;; *) echo "DNS:$name" ;; esac ;; *) echo "IP:$name" ;; esac
  done | paste -sd ,
}

case ${1:-} in
authority)
  [ ! -e "$2-ca.key" ] || fail "$2-ca.key is there: a new one would make every certificate of it useless"
  new_key "$2-ca.key"
  openssl req -x509 -new -key "$2-ca.key" -subj "/CN=$2 authority" -days "$CA_DAYS" \
    -addext "keyUsage = critical, keyCertSign, cRLSign" -out "$2-ca.pem"
  ;;
broker) shift && sign ward broker serverAuth "$(names "$@")" ;;
vigil) sign ward vigil clientAuth ;;
device)
  case $2 in "" | -* | *[!A-Za-z0-9._-]*) fail "'$2' is not an id: letters, digits, '.', '_' or '-'" ;; esac
  case $2 in vigil* | broker | *-ca) fail "a device must not be called '$2': it would pass for another" ;; esac
  sign devices "$2" clientAuth
  ;;
*) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
