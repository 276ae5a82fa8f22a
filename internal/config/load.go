package config

import (
	"fmt"
	"io"
	"os"
	"reflect"
)

// fileMax bounds the file, in bytes.
const fileMax = 1 << 20

// Load reads the file at path, or none when path is empty, lays the variables of
// environ (as os.Environ returns them) over it, and returns the result over the
// defaults. Everything that is wrong with the syntax is told at once, as
// Problems; what is wrong with the values is for Check. Files that keys name are
// not opened: their relative paths are relative to the working directory.
func Load(path string, environ []string) (*Config, error) {
	var text []byte
	if path != "" {
		var err error
		if text, err = read(path); err != nil {
			return nil, err
		}
	}
	return load(path, text, environ)
}

// read reads a file of at most fileMax bytes.
func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, fileMax+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if len(text) > fileMax {
		return nil, Problems{{Origin: path, Text: fmt.Sprintf("has more than %d bytes; is it the right file?", fileMax)}}
	}
	return text, nil
}

func load(path string, text []byte, environ []string) (*Config, error) {
	c := Default()
	c.origin = map[string]string{}
	list := fields()
	d := decoder{file: path, origin: c.origin, all: list}
	d.document(text, list, reflect.ValueOf(c).Elem())
	d.problems = append(d.problems, overlay(c, list, environ)...)
	if len(d.problems) > 0 {
		return nil, d.problems
	}
	return c, nil
}
