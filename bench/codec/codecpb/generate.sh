#!/bin/sh
# Writes update.pb.go into OUT (here): needs protoc; takes the plugin of the
# version of google.golang.org/protobuf that go.mod names.
set -eu
cd "$(dirname "$0")"
out="${1:-.}"
plugin="$(mktemp -d)"
trap 'rm -rf "$plugin"' EXIT
go build -o "$plugin/protoc-gen-go" google.golang.org/protobuf/cmd/protoc-gen-go
protoc --plugin="$plugin/protoc-gen-go" --go_out="$out" --go_opt=paths=source_relative update.proto
