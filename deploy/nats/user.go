package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/nats-io/nkeys"
)

// roles are those that accounts.conf.tmpl gives rights to.
var roles = []string{"admin", "ingest", "process", "run", "sink", "subscriber", "sys"}

// firstUsers are made in a new folder. The role run, which may do what ingest,
// process and sink may together, has to be asked for.
var firstUsers = []string{"admin", "ingest", "process", "sink", "subscriber", "sys"}

// user is a client by its nkey.
type user struct {
	Name   string // its role, with or without a dot and a name of its own
	Role   string
	Public string // the nkey
}

// roleOf returns the role that a user's name begins with.
func roleOf(name string) (string, error) {
	role, own, named := strings.Cut(name, ".")
	if !slices.Contains(roles, role) || named && own == "" || filepath.Base(name) != name {
		return "", fmt.Errorf("%q is no user: need one of %s, or one with a name as in sink.b",
			name, strings.Join(roles, ", "))
	}
	return role, nil
}

// openUser makes what is missing in a user's folder.
func openUser(dir, name string, ca *authority) (user, error) {
	role, err := roleOf(name)
	if err != nil {
		return user{}, err
	}
	dir = filepath.Join(dir, name)
	if err := ca.issue(dir, "", leaf{name: name, client: true}); err != nil {
		return user{}, err
	}
	public, err := openSeed(filepath.Join(dir, "nkey.seed"))
	if err != nil {
		return user{}, err
	}
	return user{name, role, public}, nil
}

// openSeed returns the public nkey of a file's seed, which it makes when absent.
func openSeed(file string) (string, error) {
	seed, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return makeSeed(file)
	}
	if err != nil {
		return "", fmt.Errorf("read nkey: %w", err)
	}
	pair, err := nkeys.ParseDecoratedUserNKey(seed)
	if err != nil {
		return "", fmt.Errorf("read nkey from %s: %w", file, err)
	}
	return pair.PublicKey()
}

func makeSeed(file string) (string, error) {
	pair, err := nkeys.CreateUser()
	if err != nil {
		return "", fmt.Errorf("make nkey: %w", err)
	}
	seed, err := pair.Seed()
	if err != nil {
		return "", fmt.Errorf("make nkey: %w", err)
	}
	if err := writeFile(file, append(seed, '\n')); err != nil {
		return "", fmt.Errorf("write nkey: %w", err)
	}
	return pair.PublicKey()
}
