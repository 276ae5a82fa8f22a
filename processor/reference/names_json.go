package reference

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// readJSON reads an object of names by AS number.
func (n *Names) readJSON(in io.Reader) error {
	dec := json.NewDecoder(in)
	fail := func(err error) error {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return fmt.Errorf("json near byte %d: %w", dec.InputOffset(), err)
	}
	if _, err := dec.Token(); err != nil {
		return fail(err)
	}
	var bad problems
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return fail(err)
		}
		var name string
		err = dec.Decode(&name)
		var kind *json.UnmarshalTypeError
		if err != nil && !errors.As(err, &kind) {
			return fail(err)
		}
		if err == nil {
			err = n.setName(strings.TrimSpace(key.(string)), name)
		}
		if err != nil {
			bad.add("%s: %v", quote(key.(string)), err)
		}
	}
	if _, err := dec.Token(); err != nil {
		return fail(err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("something follows the JSON at byte %d", dec.InputOffset())
	}
	return bad.err()
}
