package eval

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// encode lays the results out so that a changed case is a changed line.
func (r *Results) encode() ([]byte, error) {
	var b bytes.Buffer
	head := *r
	head.Parts = nil
	data, err := json.MarshalIndent(head, "", " ")
	if err != nil {
		return nil, err
	}
	// The parts come last: their lists are long and want a layout of their own.
	data = bytes.Replace(data, []byte("\n \"parts\": null,"), nil, 1)
	b.Write(bytes.TrimSuffix(data, []byte("\n}")))
	b.WriteString(",\n \"parts\": [")
	for i, p := range r.Parts {
		if i > 0 {
			b.WriteString(",")
		}
		if err := p.encode(&b); err != nil {
			return nil, err
		}
	}
	b.WriteString("\n ]\n}\n")
	return b.Bytes(), nil
}

func (p *Part) encode(b *bytes.Buffer) error {
	notes, err := json.Marshal(p.Notes)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "\n  {\"name\": %q, \"title\": %q, \"date\": %q, \"notes\": %s,\n   \"rows\": [", p.Name, p.Title,
		p.Date, notes)
	if err := lines(b, p.Rows); err != nil {
		return err
	}
	b.WriteString("],\n   \"cases\": [")
	if err := lines(b, p.Cases); err != nil {
		return err
	}
	b.WriteString("]}")
	return nil
}

// lines writes the members of a list, one to a line.
func lines[T any](b *bytes.Buffer, list []T) error {
	for i := range list {
		data, err := json.Marshal(list[i])
		if err != nil {
			return err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		b.Write(data)
	}
	return nil
}
