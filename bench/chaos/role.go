package chaos

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"detour/bench/chaos/traffic"
)

// role is what one process of detour's is told in its file.
type role struct {
	Command   string // ingest, process or sink
	Name      string
	URL       string
	Keys      string // folder of its nkey and certificates
	Admin     string
	Shards    int
	Replicas  int // of a unit
	Servers   int // replicas of a stream
	Dir       string
	Elements  int
	Traffic   *traffic.Traffic
	Prime     []string
	Play      string
	Speed     int
	Begin     time.Time // zero plays at once
	SinkFile  string
	Spill     string
	Collector string
}

var roleFile = template.Must(template.New("role").Parse(`name: {{.Name}}
nats:
  url: {{.URL}}
  nkey_seed_file: {{.Keys}}/nkey.seed
  ca_file: {{.Keys}}/ca.pem
  cert_file: {{.Keys}}/cert.pem
  key_file: {{.Keys}}/key.pem
streams:
  shards: {{.Shards}}
  replicas: {{.Servers}}
admin:
  listen: {{.Admin}}
{{- if eq .Command "ingest"}}
ingest:
  spill_bytes: {{.Spill}}
  replay:
    - collector: {{.Collector}}
      prime: [{{range $i, $name := .Prime}}{{if $i}}, {{end}}{{$name}}{{end}}]
      files: [{{.Play}}]
      speed: {{.Speed}}
{{- if not .Begin.IsZero}}
      begin: {{.Begin.UTC.Format "2006-01-02T15:04:05.000000Z07:00"}}
{{- end}}
{{- end}}
{{- if eq .Command "process"}}
process:
  replicas: {{.Replicas}}
  checkpoint:
    dir: {{.Dir}}
    elements: {{.Elements}}
detect:
  watch: {{.Traffic.Watch}}
  as_rel: {{.Traffic.ASRel}}
  mature: "yes"
{{- end}}
{{- if eq .Command "sink"}}
sink:
  files: [{{.SinkFile}}]
{{- end}}
`))

// process writes the role's file and returns what runs it.
func (r *role) process(detour, dir string) (*process, error) {
	name := filepath.Join(dir, r.Name+".yaml")
	var text strings.Builder
	if err := roleFile.Execute(&text, r); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	return newProcess(dir, r.Name, detour, r.Command, "--config", name), nil
}
