#!/bin/sh
# Makes the certificates of the tests anew: `sh make.sh` in this directory. They hold for 100 years, the expired one
# ended in 2001. One key serves all; it protects nothing.
set -eu
key() { openssl ecparam -name prime256v1 -genkey -noout; }
key > key.pem
key > authority-key.tmp
mkdir issued.tmp && touch index.tmp && echo 1000 > serial.tmp
cat > ca.tmp <<END
[ca]
default_ca = tests
[tests]
database = index.tmp
serial = serial.tmp
new_certs_dir = issued.tmp
certificate = authority.pem
private_key = authority-key.tmp
default_md = sha256
policy = any
unique_subject = no
copy_extensions = copy
[any]
commonName = supplied
END
sign_itself() { # file, key, name, extension
  openssl req -new -key "$2" -subj "/CN=$3" -addext "$4" -out request.tmp
  openssl ca -batch -notext -selfsign -keyfile "$2" -config ca.tmp -in request.tmp \
    -startdate 20240101000000Z -enddate 21240101000000Z -out "$1.pem"
}
issue() { # file, subject alternative names, from, to
  openssl req -new -key key.pem -subj "/CN=$1" -addext "subjectAltName=$2" -out request.tmp
  openssl ca -batch -notext -config ca.tmp -in request.tmp -startdate "$3" -enddate "$4" -out "$1.pem"
}
sign_itself authority authority-key.tmp 'Authority of the tests' 'basicConstraints=critical,CA:TRUE'
issue good 'DNS:shop.example,IP:127.0.0.1' 20240101000000Z 21240101000000Z
issue expired 'DNS:shop.example,IP:127.0.0.1' 20000101000000Z 20010101000000Z
issue not-yet-valid 'DNS:shop.example,IP:127.0.0.1' 21230101000000Z 21240101000000Z
issue wrong-host 'DNS:other.example,DNS:*.shop.example' 20240101000000Z 21240101000000Z
sign_itself self-signed key.pem shop.example 'subjectAltName=DNS:shop.example,IP:127.0.0.1'
rm -rf ./*.tmp ./*.tmp.*
