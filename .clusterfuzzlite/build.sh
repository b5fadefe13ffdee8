#!/bin/bash -eu
# Builds the targets as for OSS-Fuzz: what differs is only where the sources come from.
exec bash -eu "$SRC/keyrota/fuzz/oss-fuzz/build.sh"
