package alert

import _ "embed" // for schema.json

//go:embed schema.json
var schema string

// Schema returns the JSON Schema (draft 2020-12) of flags and alerts.
func Schema() []byte { return []byte(schema) }
